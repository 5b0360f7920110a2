"""The resident says yes to what they saw: when another picture has been read since, that one has to be seen first."""

from dataclasses import replace

import pytest
from builders import FRONT, read_front
from resident_way import JSON, choose, front_check, hand_over, photograph, say_yes, secrets_of, steps_of, words

from services.domain.errors import FrontByHand
from services.domain.verdicts import FrontFault, FrontReading
from services.usecases.card_session import attach_card_session

OTHER = read_front(replace(FRONT, security_code="1111"))


@pytest.fixture
def seen(browser, world):
    """The check of a confirm page that is open while the next picture is read."""
    choose(browser)
    photograph(browser)
    number = front_check(browser)
    assert f'name="check" value="{number}"' in words(browser.get("/front/confirm"))
    world.eyes.reading = OTHER
    photograph(browser)
    return number


def test_the_other_reading_is_shown_and_told_instead_of_confirmed(browser, world, seen):
    answer = browser.post("/front/confirm", {"check": seen})
    page = words(answer)
    assert (409, True, True) == (answer.status_code, "1111" in page, "別の写真があとから送られた" in page)
    assert f'name="check" value="{front_check(browser)}"' in page
    assert "別の写真があとから送られた" not in words(browser.get("/front/confirm"))
    assert (303, "/card") == steps_of(say_yes(browser))
    assert "1111" == attach_card_session(world.ports, *secrets_of(hand_over(browser))).front.security_code


def test_a_client_is_refused_by_code(browser, seen):
    for data in ({"check": seen}, {}, {"check": "\0"}):
        refused = browser.post("/front/confirm", data, headers=JSON)
        assert (409, "PR-2001") == (refused.status_code, refused.json["code"])


def test_without_a_reading_the_page_goes_to_how_far_the_picture_is(browser, world, seen):
    world.eyes.reading = FrontReading(None, None, None, FrontFault.NOT_FOUND)
    photograph(browser)
    assert (303, "/front/status") == steps_of(browser.post("/front/confirm", {"check": seen}))


def test_a_strip_of_the_picture_before_is_not_found(browser, seen):
    addresses = [f"/front/strip/{number}/birth" for number in (seen, front_check(browser))]
    assert [404, 200] == [browser.get(address).status_code for address in addresses]


def test_pictures_that_were_superseded_use_up_no_retake(browser, world):
    choose(browser)
    world.ports.runner.work = lambda _: None
    for _ in range(5):
        assert (303, "/front/status") == steps_of(photograph(browser))
    status = browser.get("/front/status", headers=JSON).json
    assert ("waiting", 3) == (status["state"], status["pictures_left"])
    assert FrontByHand.code not in words(browser.get("/front/status"))
