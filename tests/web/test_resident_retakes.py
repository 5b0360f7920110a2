"""The camera's retakes, a full queue and the growing wait, as a resident and a client see them."""

from datetime import timedelta
from io import BytesIO

import pytest
from builders import read_front
from resident_way import (
    JPEG,
    JSON,
    TYPED,
    choose,
    front_check,
    photograph,
    read_by_camera,
    show_face,
    steps_of,
    to_the_face,
    words,
)

from services.domain.errors import ChecksBusy
from services.domain.verdicts import FaceAnswer, FieldReading, FrontFault, FrontReading

SECOND = timedelta(seconds=1)
GLARE = FieldReading(None, None, 0.0, b"strip under glare", FrontFault.GLARE)
REFUSED = FrontReading(read_front().birth, GLARE, read_front().security_code)


def refuse(browser, world, times=1, reading=REFUSED):
    world.eyes.reading = reading
    for _ in range(times):
        photograph(browser)
    return words(browser.get("/front/status"))


def test_a_refused_picture_says_which_field_and_why_and_shows_the_piece(browser, world):
    choose(browser)
    page, number = refuse(browser, world), front_check(browser)
    assert [
        part in page for part in ("有効期限", "照明が反射しています", f"/front/strip/{number}/expiry", "あと2回")
    ] == [True] * 4
    assert f"/front/strip/{number}/birth" not in page
    assert b"strip under glare" == browser.get(f"/front/strip/{number}/expiry").data
    assert 404 == browser.get(f"/front/strip/{number}/birth").status_code


def test_after_two_retakes_the_page_goes_to_typing_and_says_why(browser, world):
    choose(browser)
    page = refuse(browser, world, times=3)
    assert ("もう一度撮影する" in page, "ここからは手で入力してください" in page) == (False, True)
    assert [(303, "/front/manual")] * 2 == [steps_of(browser.get("/front/picture")), steps_of(photograph(browser))]
    typing = words(browser.get("/front/manual"))
    assert ("カメラで読み取る" in typing, "カメラで撮影し直しても読み取れなかったため" in typing) == (False, True)
    assert (303, "/card") == steps_of(browser.post("/front/manual", TYPED))


def test_a_client_is_told_how_many_pictures_are_left_and_when_none_is(browser, world):
    choose(browser)
    left = []
    for _ in range(3):
        refuse(browser, world)
        left.append(browser.get("/front/status", headers=JSON).json["pictures_left"])
    data = {"picture": (BytesIO(JPEG), "card.jpg")}
    refused = browser.post("/front/picture", data, headers=JSON, content_type="multipart/form-data")
    assert ([2, 1, 0], 409, "PR-2010") == (left, refused.status_code, refused.json["code"])


def test_the_back_of_the_card_is_said_to_be_dropped(browser, world):
    choose(browser)
    page = refuse(browser, world, reading=FrontReading(None, None, None, FrontFault.WRONG_SIDE))
    assert ("PR-3202" in page, "画像は直ちに破棄しました" in page, "あと2回" in page) == (True, True, True)


def test_what_was_typed_comes_back_after_a_refused_picture(browser, world):
    choose(browser)
    half = {"birth_era": "heisei", "birth_year": "1", "security_code": "22", "to": "camera"}
    assert (303, "/front/picture") == steps_of(browser.post("/front/manual", half))
    refuse(browser, world)
    page = words(browser.get("/front/manual"))
    assert ['name="birth_year" value="1"' in page, 'name="security_code" value="22"' in page] == [True, True]
    assert '<option value="heisei" selected' in page


def test_a_good_reading_is_shown_instead_of_what_was_typed(browser, world):
    choose(browser)
    browser.post("/front/manual", {"security_code": "22", "to": "camera"})
    photograph(browser)
    assert 'name="security_code" value="2285"' in words(browser.get("/front/manual"))


def busy_queue(world):
    def busy(_):
        raise ChecksBusy(wait_s=17)

    world.ports.runner.work = busy


def test_a_full_queue_says_when_to_come_back_and_the_page_comes_back_by_itself(browser, world):
    choose(browser)
    busy_queue(world)
    answer = photograph(browser)
    page = words(answer)
    assert (503, "17") == (answer.status_code, answer.headers["Retry-After"])
    assert ('data-seconds="17" data-address="/front/picture"' in page, "PR-7002" in page) == (True, True)
    assert '<noscript><meta http-equiv="refresh" content="17; url=/front/picture">' in page


def test_a_full_queue_keeps_the_frames_of_a_face(browser, world):
    to_the_face(browser, world)
    judge = world.ports.runner.work
    busy_queue(world)
    refused = show_face(browser)
    assert (503, "17") == (refused.status_code, refused.headers["Retry-After"])
    assert "撮影した画像をもう一度送る" in words(browser.get("/face/status"))
    world.ports.runner.work = judge
    assert (303, "/face/status") == steps_of(browser.post("/face/judge"))
    assert (303, "/done") == steps_of(browser.get("/face/status"))


@pytest.fixture
def waiting(browser, world):
    """A resident whose face was not matched five times."""
    to_the_face(browser, world)
    world.eyes.answer = FaceAnswer.NO_MATCH
    for _ in range(5):
        show_face(browser)
    return browser


def test_the_next_time_is_told_to_the_second_on_the_page_and_to_a_client(waiting, world):
    world.clock.advance(4 * SECOND)
    page = words(waiting.get("/face"))
    assert ("2026/11/21 09:00:30以降に" in page, 'data-seconds="26"' in page, "/face/capture" in page) == (
        True,
        True,
        False,
    )
    refused = waiting.post("/face/start", headers=JSON)
    told = (
        refused.status_code,
        refused.headers["Retry-After"],
        refused.json["next_allowed_at"],
        refused.json["wait_s"],
    )
    assert (429, "26", "2026/11/21 09:00:30", 26) == told
    assert "2026/11/21 09:00:30" in words(waiting.get("/face/status"))


def test_when_the_time_has_come_the_page_lets_the_resident_go_on(waiting, world):
    world.clock.advance(30 * SECOND)
    assert "/face/capture" in words(waiting.get("/face"))
    world.eyes.answer = FaceAnswer.MATCH
    show_face(waiting)
    assert (303, "/done") == steps_of(waiting.get("/face/status"))


def test_a_reading_that_is_confirmed_needs_no_retake(browser):
    choose(browser)
    assert (303, "/card") == steps_of(read_by_camera(browser))
