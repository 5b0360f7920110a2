"""Garbage, too much, and too little: refused with a code of the catalogue, never a fault of ours."""

from io import BytesIO

import pytest
from flask import request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from resident_way import JPEG, JSON, TYPED, answer_step, choose, frame, frames, to_the_card, to_the_face
from web_world import Browser, make_services

from reset_app import create_app
from services.domain.policy import FRAME_BYTES, FRAMES_PER_STEP, IMAGE_BYTES
from services.ports import EvidenceKind

ADDRESSES = [
    ("POST", "/reserve"), ("POST", "/front/picture"), ("POST", "/front/confirm"), ("POST", "/front/manual"),
    ("POST", "/card"), ("POST", "/face/start"), ("POST", "/face/frames"), ("POST", "/face/judge"), ("POST", "/done"),
    ("POST", "/cancel"), ("GET", "/front/status"), ("GET", "/front/strip/0/birth"), ("GET", "/card/return"),
    ("GET", "/face/status"), ("GET", "/done"), ("GET", "/cancel?kind=%00"), ("POST", "/console/sign-in"),
    ("POST", "/console/sign-out"), ("POST", "/console/reservations/x"), ("POST", "/console/reservations/x/review"),
]  # fmt: skip
FORM = "application/x-www-form-urlencoded"
BODIES = [
    ({"data": b""}, "nothing"),
    ({"data": b"\x00\xff" * 500, "content_type": "application/octet-stream"}, "bytes"),
    ({"data": b"--x\r\nbroken", "content_type": "multipart/form-data; boundary=x"}, "half a form"),
    ({"data": b"x", "content_type": "multipart/form-data"}, "no boundary"),
    ({"data": b"kind=%ff%fe&nonce=%00&terms=yes&birth_year=%F0%9F", "content_type": FORM}, "bad utf-8"),
    ({"data": b"&".join(b"a=%d" % n for n in range(3000)), "content_type": FORM}, "many"),
    ({"json": {"kind": ["signature"], "nonce": {}}}, "json"),
]  # fmt: skip


@pytest.fixture(params=["nobody", "at the front", "at the face"])
def somebody(request, browser, world):
    if request.param == "at the front":
        choose(browser)
    elif request.param == "at the face":
        to_the_face(browser, world)
    return browser


@pytest.mark.parametrize(("body", "name"), BODIES, ids=[name for _, name in BODIES])
def test_garbage_is_refused_everywhere_and_is_no_fault_of_ours(somebody, body, name):
    headers = {"Origin": somebody.origin, **JSON}
    answers = {
        (method, address): somebody.client.open(
            address, method=method, base_url=somebody.origin, headers=headers, **body
        )
        for method, address in ADDRESSES
    }
    assert {place: answer.status_code for place, answer in answers.items() if answer.status_code >= 500} == {}
    refused = [answer for answer in answers.values() if answer.status_code >= 400 and answer.mimetype != "text/html"]
    assert {answer.json["code"][:3] for answer in refused} <= {"PR-"}


@pytest.mark.parametrize("cookie", ["", "x", "x" * 3000, "…", "a.b.c.d.e.f.g.h"])
def test_a_strange_cookie_opens_nothing(app, browser, cookie):
    stranger = Browser(app.test_client(), browser.origin)
    for name in ("intake", "reservations"):
        stranger.client.set_cookie(name, cookie, domain="reset.example")
    assert [stranger.get(address).status_code for address in ("/", "/front/guide", "/done")] == [200, 404, 404]


def upload(browser, picture):
    """A big picture as one body: werkzeug's own client leaves its temporary file open."""
    return browser.post("/front/picture", body_of(picture), headers=JSON, content_type=MULTIPART)


MULTIPART = "multipart/form-data; boundary=edge"


def body_of(picture):
    head = b'--edge\r\nContent-Disposition: form-data; name="picture"; filename="card.jpg"\r\n\r\n'
    return head + picture + b"\r\n--edge--\r\n"


def test_a_picture_over_eight_megabytes_is_refused(browser):
    choose(browser)
    refused = upload(browser, JPEG + bytes(IMAGE_BYTES))
    assert (refused.status_code, refused.json["code"]) == (413, "PR-1201")


def test_a_request_far_over_eight_megabytes_is_refused_unread(browser):
    choose(browser)
    refused = upload(browser, JPEG + bytes(IMAGE_BYTES + 100_000))
    assert (refused.status_code, refused.json["code"]) == (413, "PR-1002")


def test_a_picture_of_exactly_the_limit_is_taken(browser):
    choose(browser)
    assert upload(browser, JPEG + bytes(IMAGE_BYTES - len(JPEG))).status_code == 303


def test_no_picture_is_no_picture(browser):
    choose(browser)
    refused = browser.post("/front/picture", {"picture": (BytesIO(b""), "")}, headers=JSON)
    assert (refused.status_code, refused.json["code"]) == (400, "PR-1208")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"frame": frames(FRAMES_PER_STEP + 1), "captured_ms": [str(n) for n in range(FRAMES_PER_STEP + 1)]}, "PR-1001"),
        ({"frame": [], "captured_ms": []}, "PR-1001"),
        ({"frame": frames(2), "captured_ms": ["1"]}, "PR-1001"),
        ({"frame": frames(2), "captured_ms": ["2", "1"]}, "PR-1001"),
        ({"frame": frames(2), "captured_ms": ["1", "1"]}, "PR-1001"),
        ({"frame": frames(1), "captured_ms": ["-1"]}, "PR-1001"),
        ({"frame": frames(1), "captured_ms": ["12345678"]}, "PR-1001"),
        ({"frame": frames(1), "captured_ms": ["²"]}, "PR-1001"),
        ({"frame": [(BytesIO(b"GIF89a"), "0.jpg")], "captured_ms": ["1"]}, "PR-1204"),
        ({"frame": [(BytesIO(JPEG + bytes(FRAME_BYTES)), "0.jpg")], "captured_ms": ["1"]}, "PR-1201"),
        ({"frame": [(BytesIO(frame(1001, 1000)), "0.jpg")], "captured_ms": ["1"]}, "PR-1203"),
        ({"frame": [(BytesIO(frame(4000, 3000)), "0.jpg")], "captured_ms": ["1"]}, "PR-1203"),
        ({"frame": [(BytesIO(frame()[:-40]), "0.jpg")], "captured_ms": ["1"]}, "PR-1207"),
    ],
)  # fmt: skip
def test_frames_that_are_not_in_their_form_are_refused(browser, world, data, code):
    to_the_face(browser, world)
    asked = browser.post("/face/start", headers=JSON).json
    # The picture streams are read once; the table is shared by repeated runs.
    fresh = {**data, "frame": [(BytesIO(stream.getvalue()), name) for stream, name in data["frame"]]}
    refused = browser.post(
        "/face/frames", {**fresh, "nonce": asked["nonce"]}, headers=JSON, content_type="multipart/form-data"
    )
    assert refused.json["code"] == code


def test_a_frame_that_is_refused_leaves_nothing_and_the_action_is_still_asked(browser, world):
    to_the_face(browser, world)
    asked = browser.post("/face/start", headers=JSON).json
    sent = {"frame": [(BytesIO(frame(4000, 3000)), "0.jpg")], "captured_ms": ["1"], "nonce": asked["nonce"]}
    browser.post("/face/frames", sent, headers=JSON, content_type="multipart/form-data")
    with world.ports.ledger.begin() as unit:
        intake = unit.liveness(asked["session"]).intake_id
    assert [] == world.ports.evidence.labels(intake, EvidenceKind.FRAME)
    assert 1 == answer_step(browser, asked["nonce"]).json["step"]


def test_a_frame_of_exactly_the_limit_is_taken(browser, world):
    to_the_face(browser, world)
    asked = browser.post("/face/start", headers=JSON).json
    sent = {"frame": [(BytesIO(frame(1000, 1000)), "0.jpg")], "captured_ms": ["1"], "nonce": asked["nonce"]}
    assert 200 == browser.post("/face/frames", sent, headers=JSON, content_type="multipart/form-data").status_code


@pytest.mark.parametrize("nonce", ["", "wrong", "x" * 65, "のんす"])
def test_frames_with_another_nonce_are_refused(browser, world, nonce):
    to_the_face(browser, world)
    browser.post("/face/start", headers=JSON)
    assert answer_step(browser, nonce).json["code"] == "PR-1001"


def test_judging_before_every_action_is_answered_is_refused(browser, world):
    to_the_face(browser, world)
    browser.post("/face/start", headers=JSON)
    assert browser.post("/face/judge", headers=JSON).json["code"] == "PR-2001"


@given(st.dictionaries(st.sampled_from(sorted(TYPED)), st.text(max_size=12)))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_taken_or_refused(browser, typed):
    choose(browser)
    assert browser.post("/front/manual", {**TYPED, **typed}).status_code in {303, 422}


def test_cookies_of_production_keep_to_this_host_and_to_tls(world, tmp_path):
    services = make_services(world, tmp_path, production=True, rehearsal=False)
    browser = Browser(create_app(services).test_client(), world.ports.origin)
    cookie = choose(browser).headers["Set-Cookie"]
    parts = ("__Host-intake=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/")
    assert ([part in cookie for part in parts], "Domain" in cookie) == ([True] * 5, False)
    assert to_the_card(browser).status_code == 303


def test_a_large_picture_on_its_way_is_not_written_to_a_file(app):
    """The framework's own way would put more than 500 kB into a temporary file, unsealed."""
    body = body_of(JPEG + bytes(2_000_000))
    with app.test_request_context("/front/picture", method="POST", data=body, content_type=MULTIPART):
        assert BytesIO is type(request.files["picture"].stream)
