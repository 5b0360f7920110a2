"""The resident's pages in Chromium at phone size, with a camera that sees a rehearsal card and a face that does not exist."""

from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from urllib.parse import parse_qs

import pytest
from builders import FRONT, NINE, make_world, read_front
from PIL import Image
from real_port import served
from resident_way import JPEG, use_companion
from screens import AXE, CHROMIUM, PHONE, ROOT, Inspector, chromium, need, picture_folder
from web_world import at_origin, make_services

from reset_app import create_app
from services.domain.errors import CardNumberRejected, ChecksBusy
from services.domain.liveness import Action
from services.domain.policy import FREE_REVEALS
from services.domain.verdicts import (
    CaptureFault,
    FieldReading,
    FrontFault,
    FrontReading,
    LivenessFault,
    LivenessVerdict,
)
from services.rehearsal.clip import CameraClip
from services.rehearsal.front_capture import Tier, photograph
from services.rehearsal.front_picture import FrontFields, render_front
from services.rehearsal.person import imagine
from services.rehearsal.portrait import load_portrait
from services.usecases.card_session import fail_card_session
from services.usecases.check_face import accept_frames, start_liveness, submit_face_check
from services.usecases.start_intake import find_intake
from services.vision.front import CardFrontByTemplate

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.enable_socket]

PORT = 18431
SEED = 1
PICTURE_SEED = 8  # it lies lengthwise, and the card is whole in what a camera of 16 by 9 keeps of it
BUILD = ROOT / "reset_app" / "static" / "build" / "app.css"
MODELS = ROOT / "var" / "models"
PHONE_CONTEXT = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 1}


@pytest.fixture
def running(tmp_path):
    need(AXE, CHROMIUM, BUILD, MODELS)
    world = at_origin(make_world(tmp_path), f"http://127.0.0.1:{PORT}")
    app = create_app(make_services(world, tmp_path))
    with served(app, PORT):
        yield world


@pytest.fixture(scope="module")
def cameras(tmp_path_factory):
    """Two motion JPEGs: the card's front, and a face."""
    need(MODELS)
    folder = tmp_path_factory.mktemp("cameras")
    portrait = load_portrait()
    person = imagine(SEED, today=NINE.date())
    fields = FrontFields(front=person.front, name=person.name, address=person.address, sex=person.sex.printed)
    card = folder / "card.mjpeg"
    card.write_bytes(photograph(render_front(fields, portrait.pixels, seed=SEED), seed=PICTURE_SEED, tier=Tier.EASY))
    face = folder / "face.mjpeg"
    face.write_bytes(b"".join(CameraClip(portrait, ROOT / "var" / "rehearsal").frames(Action.FRONT, 4, 0)))
    return card, face


def test_every_page_is_fit_for_a_phone(running, cameras, tmp_path):
    world, (card, face) = running, cameras
    inspector = Inspector(picture_folder(tmp_path, "resident"))
    world.eyes.read = CardFrontByTemplate(world.clock).read
    with chromium(card, **PHONE_CONTEXT) as context:
        page = context.new_page()
        inspector.watch(page)
        page.set_default_timeout(20_000)
        until_the_card(page, world, inspector)
        state = context.storage_state()
    with chromium(face, storage_state=state, **PHONE_CONTEXT) as context:
        page = context.new_page()
        inspector.watch(page)
        page.set_default_timeout(60_000)
        from_the_face(page, world, inspector)
    assert inspector.wrong == []


def test_a_phone_without_a_camera_sends_a_file(running, cameras, tmp_path):
    world, (card, _) = running, cameras
    world.eyes.read = CardFrontByTemplate(world.clock).read
    inspector = Inspector(picture_folder(tmp_path, "resident"))
    with chromium(None, **PHONE_CONTEXT) as context:
        page = context.new_page()
        begin(page, world)
        page.goto(world.ports.origin + "/front/picture")
        page.locator("#camera-fault").wait_for()
        inspector.look(page, "11-front-without-camera")
        page.locator("#picture").set_input_files(
            {"name": "c.jpg", "mimeType": "image/jpeg", "buffer": card.read_bytes()}
        )
        press(page, "button", "この写真を送る", "/front/confirm")
        assert (
            page.locator("[data-field=security_code]").inner_text()
            == imagine(SEED, today=NINE.date()).front.security_code
        )
    assert inspector.wrong == []


def test_the_card_front_needs_no_script(running):
    world = running
    with chromium(None, java_script_enabled=False, **PHONE_CONTEXT) as context, held(world) as waiting:
        page = context.new_page()
        begin(page, world)
        page.goto(world.ports.origin + "/front/picture")
        page.locator("#picture").set_input_files({"name": "c.jpg", "mimeType": "image/jpeg", "buffer": JPEG})
        press(page, "button", "この写真を送る", "/front/status")
        waiting.judge()
        page.wait_for_url("**/front/confirm")  # the page reloads itself
        press(page, "button", "次へ", "/card")
        page.get_by_role("button", name="次へ").tap()
        page.get_by_role("button", name="カード読み取りアプリを開く").wait_for()


def test_a_refused_picture_and_a_full_queue_are_fit_for_a_phone(running, cameras, tmp_path):
    world, (card, _) = running, cameras
    inspector = Inspector(picture_folder(tmp_path, "resident"))
    glare = FieldReading(None, None, 0.0, strip_of(card.read_bytes()), FrontFault.GLARE)
    world.eyes.reading = replace(read_front(), expiry=glare)
    with chromium(None, **PHONE_CONTEXT) as context:
        page = context.new_page()
        inspector.watch(page)
        begin(page, world)
        send_file(page, world, "/front/status")
        inspector.look(page, "21-front-refused")
        send_file(page, world, "/front/status")
        send_file(page, world, "/front/status")
        inspector.look(page, "22-front-refused-again")
        press(page, "link", "手で入力する", "/front/manual")
        inspector.look(page, "23-front-by-hand")
        begin(page, world)
        world.ports.runner.work = busy
        send_file(page, world, "/front/picture")
        page.locator("#comeback-left", has_text="3").wait_for()
        inspector.look(page, "24-busy")
        page.locator("#picture").wait_for()  # the page came back by itself
    assert inspector.wrong == []


def test_a_newer_reading_is_seen_before_it_is_confirmed(running, cameras, tmp_path):
    world, (card, _) = running, cameras
    inspector = Inspector(picture_folder(tmp_path, "resident"))
    newer = read_front(replace(FRONT, security_code="1111"))
    strip = strip_of(card.read_bytes())
    pieces = {name: replace(getattr(newer, name), strip=strip) for name in ("birth", "expiry", "security_code")}
    with chromium(None, **PHONE_CONTEXT) as context:
        page, other = context.new_page(), context.new_page()
        begin(page, world)
        send_file(page, world, "/front/confirm")
        world.eyes.reading = FrontReading(**pieces)
        send_file(other, world, "/front/confirm")
        page.get_by_role("button", name="次へ", exact=True).tap()
        page.get_by_role("alert").wait_for()
        inspector.watch(page)
        assert "1111" == page.locator("[data-field=security_code]").inner_text()
        inspector.look(page, "25-front-another-reading")
        press(page, "button", "次へ", "/card")
    assert inspector.wrong == []


def send_file(page, world, leads_to):
    page.goto(world.ports.origin + "/front/picture")
    page.locator("#picture").set_input_files({"name": "c.jpg", "mimeType": "image/jpeg", "buffer": JPEG})
    press(page, "button", "この写真を送る", leads_to)


def busy(_):
    raise ChecksBusy(wait_s=4)


def strip_of(card):
    """A piece of a card's picture, as wide as a line of print."""
    image = Image.open(BytesIO(card))
    piece = BytesIO()
    image.crop((image.width // 4, image.height // 2, image.width * 3 // 4, image.height // 2 + 60)).save(piece, "JPEG")
    return piece.getvalue()


def begin(page, world):
    page.goto(world.ports.origin + "/reserve")
    page.get_by_role("checkbox").tap()
    press(page, "button", "署名用パスワード", "/front/guide")


def press(page, role, name, leads_to):
    page.get_by_role(role, name=name, exact=True).tap()
    page.wait_for_url(f"http://127.0.0.1:{PORT}{leads_to}")


def until_the_card(page, world, inspector):
    home = world.ports.origin
    for name, address in (("01-home", "/"), ("02-guide", "/guide"), ("03-info", "/info"), ("20-codes", "/help/codes")):
        page.goto(home + address)
        inspector.look(page, name)
    page.goto(home)
    press(page, "link", "パスワード初期化予約", "/start")
    inspector.look(page, "04-start")
    press(page, "link", "次へ", "/reserve")
    inspector.look(page, "05-choose")
    page.get_by_role("button", name="署名用パスワード").tap()
    page.get_by_role("alert").wait_for()
    inspector.look(page, "06-choose-fault")
    page.get_by_role("checkbox").tap()
    press(page, "button", "署名用パスワード", "/front/guide")
    inspector.look(page, "07-front-guide")
    press(page, "link", "手で入力する", "/front/manual")
    page.get_by_role("button", name="次へ").tap()
    page.get_by_role("alert").wait_for()
    inspector.look(page, "08-front-manual-fault")
    take_picture(page, world, inspector)
    press(page, "button", "次へ", "/card")
    inspector.look(page, "13-card-guide")
    hold_card(page, world, inspector)


def take_picture(page, world, inspector):
    press(page, "button", "カメラで読み取る", "/front/picture")
    page.locator("#shoot").wait_for()
    inspector.look(page, "09-front-picture")
    with held(world) as waiting:
        page.locator("#shoot").tap()
        page.wait_for_url("**/front/status")
        inspector.look(page, "10-front-status")
        waiting.judge()
        page.wait_for_url("**/front/confirm")
    inspector.look(page, "12-front-confirm")


def hold_card(page, world, inspector):
    tasks = []
    companion = "http://127.0.0.1:24727/start"
    words = "<!doctype html><title>companion</title>"

    def take_over(route):
        tasks.append({name: values[0] for name, values in parse_qs(route.request.post_data).items()})
        route.fulfill(body=words, content_type="text/html")

    page.route(companion, take_over)
    page.get_by_role("button", name="次へ").tap()
    page.wait_for_url(companion)
    fail_card_session(world.ports, tasks[-1]["session"], tasks[-1]["secret"], CardNumberRejected.code)
    page.goto(world.ports.origin + "/card/return")
    inspector.look(page, "14-card-return-fault")
    press(page, "link", "券面情報を直す", "/front/manual")
    page.locator("#security_code").fill("1357")
    press(page, "button", "次へ", "/card")
    page.get_by_role("button", name="次へ").tap()
    page.wait_for_url(companion)
    use_companion(world, tasks[-1])
    page.goto(world.ports.origin + tasks[-1]["return_path"])
    inspector.look(page, "15-card-return")


def from_the_face(page, world, inspector):
    page.goto(world.ports.origin + "/face")
    inspector.look(page, "16-face-guide")
    world.eyes.liveness = LivenessVerdict(fault=LivenessFault.FLAT)
    with held(world) as waiting:
        page.get_by_role("link", name="開始", exact=True).tap()
        page.locator("#capture[data-state=recording][data-step='1']").wait_for()
        inspector.look(page, "17-face-capture")
        page.wait_for_url("**/face/status")
        inspector.look(page, "18-face-status")
        waiting.judge()
        page.get_by_role("heading", name="顔認証を完了できませんでした").wait_for()
    inspector.look(page, "19-face-fault")
    world.eyes.liveness = LivenessVerdict(capture_fault=CaptureFault.BACK_LIT)
    for free in reversed(range(FREE_REVEALS)):
        show_face_again(page, world)
        page.goto(world.ports.origin + "/face/status")
        inspector.look(page, f"19-face-unjudged-{free}-free")
    page.goto(world.ports.origin + "/face")
    inspector.look(page, "19-face-guide-0-free")
    world.eyes.liveness = LivenessVerdict(frontal=(0,))
    show_face_again(page, world)
    page.goto(world.ports.origin + "/face/status")
    page.wait_for_url("**/done")
    inspector.look(page, "21-done")
    press(page, "button", "完了", "/")
    inspector.look(page, "22-home-reserved")
    press(page, "link", "予約を取り消す", "/cancel?kind=signature")
    inspector.look(page, "23-cancel")


def show_face_again(page, world):
    """The second run without the camera: the page's part in it has been seen."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "intake")
    intake = find_intake(world.ports, token)
    session = start_liveness(world.ports, intake.id)
    for step in session.challenge.steps:
        accept_frames(world.ports, intake.id, step.nonce, [(0, JPEG)])
    submit_face_check(world.ports, intake.id)


class Waiting(list):
    """Checks that a worker has not looked at yet."""

    def __init__(self, worker):
        super().__init__()
        self.worker = worker

    def judge(self):
        for check_id in self:
            self.worker(check_id)


@contextmanager
def held(world):
    """A worker that is busy, so that the page has to wait."""
    runner = world.ports.runner
    waiting = Waiting(runner.work)
    runner.work = waiting.append
    yield waiting
    runner.work = waiting.worker
