"""The resident's way through the pages, step by step, as a browser without script would go."""

import json
from io import BytesIO

from builders import FACE, World, proof
from PIL import Image

from services.domain.password import PasswordKind
from services.usecases.card_session import accept_card_proof, attach_card_session

JSON = {"Accept": "application/json"}
JPEG = b"\xff\xd8\xff\xe0 a card"  # a card's picture is looked at by a worker, a frame at once


def frame(width=64, height=48):
    """A JPEG of this size, grey."""
    encoded = BytesIO()
    Image.new("L", (width, height), 128).save(encoded, "JPEG")
    return encoded.getvalue()


FRAME = frame()
TYPED = {
    "birth_era": "showa", "birth_year": "64", "birth_month": "1", "birth_day": "7",
    "expiry_year": "2030", "expiry_month": "1", "expiry_day": "7", "security_code": "2285",
}  # fmt: skip


def choose(browser, kind=PasswordKind.SIGNATURE):
    return browser.post("/reserve", {"kind": kind.value, "terms": "yes"})


def photograph(browser, picture=JPEG):
    return browser.post(
        "/front/picture", {"picture": (BytesIO(picture), "card.jpg")}, content_type="multipart/form-data"
    )


def front_check(browser):
    """The id of the newest picture's check."""
    return browser.get("/front/status", headers=JSON).json["check"]


def say_yes(browser):
    return browser.post("/front/confirm", {"check": front_check(browser)})


def read_by_camera(browser):
    photograph(browser)
    return say_yes(browser)


def hand_over(browser):
    return json.loads(browser.post("/card", headers=JSON).data)


def use_companion(world: World, task, kind=PasswordKind.SIGNATURE, card="card 1"):
    asked = attach_card_session(world.ports, task["session"], task["secret"])
    accept_card_proof(world.ports, asked.session_id, task["secret"], proof(kind.other, card, asked.nonce), FACE)


def frames(count=3):
    return [(BytesIO(FRAME), f"{number}.jpg") for number in range(count)]


def answer_step(browser, nonce, count=3, start=0):
    data = {"nonce": nonce, "frame": frames(count), "captured_ms": [str(start + 300 * n) for n in range(count)]}
    return browser.post("/face/frames", data, headers=JSON, content_type="multipart/form-data")


def show_face(browser):
    asked = browser.post("/face/start", headers=JSON).json
    while not asked["finished"]:
        asked = answer_step(browser, asked["nonce"], start=asked["step"] * 5000).json
    return browser.post("/face/judge")


def to_the_card(browser, kind=PasswordKind.SIGNATURE):
    choose(browser, kind)
    return read_by_camera(browser)


def to_the_face(browser, world, kind=PasswordKind.SIGNATURE):
    to_the_card(browser, kind)
    use_companion(world, hand_over(browser), kind)


def to_the_end(browser, world, kind=PasswordKind.SIGNATURE):
    to_the_face(browser, world, kind)
    show_face(browser)
    return browser.get("/face/status")


def words(answer):
    return answer.get_data(as_text=True)


def steps_of(answer):
    return (answer.status_code, answer.headers.get("Location"))


def secrets_of(task):
    return task["session"], task["secret"]
