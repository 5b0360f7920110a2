"""The whole way of a resident, and what happens off it."""

from datetime import timedelta

import pytest
from resident_way import (
    JSON,
    choose,
    hand_over,
    photograph,
    say_yes,
    show_face,
    steps_of,
    to_the_end,
    use_companion,
    words,
)

from services.domain.errors import catalogue
from services.domain.password import PasswordKind


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_both_kinds_end_in_a_reservation(browser, world, kind):
    reserved = to_the_end(browser, world, kind)
    assert steps_of(reserved) == (303, "/done")
    assert f"{kind.label}初期化予約有効期限" in words(browser.get("/done"))


def test_every_step_leads_to_the_next(browser, world):
    assert steps_of(choose(browser)) == (303, "/front/guide")
    assert steps_of(photograph(browser)) == (303, "/front/status")
    assert steps_of(browser.get("/front/status")) == (303, "/front/confirm")
    assert steps_of(say_yes(browser)) == (303, "/card")
    use_companion(world, hand_over(browser))
    assert browser.get("/card/return", headers=JSON).json == {
        "state": "passed", "code": None, "reason": None, "next": "/face",
    }  # fmt: skip
    assert steps_of(show_face(browser)) == (303, "/face/status")
    assert steps_of(browser.get("/face/status")) == (303, "/done")
    assert steps_of(browser.post("/done")) == (303, "/")


def test_the_deadline_is_24_hours_after_the_reservation_to_the_minute(browser, world):
    to_the_end(browser, world)
    assert "2026/11/22 09:00" in words(browser.get("/done"))


def test_home_shows_the_deadline_until_it_passes(browser, world):
    to_the_end(browser, world)
    browser.post("/done")
    assert "2026/11/22 09:00" in words(browser.get("/"))
    world.clock.advance(timedelta(hours=24) - timedelta(seconds=1))
    assert "2026/11/22 09:00" in words(browser.get("/"))
    world.clock.advance(timedelta(seconds=1))
    assert "2026/11/22 09:00" not in words(browser.get("/"))


def test_home_shows_reservations_of_both_kinds(browser, world):
    for kind in PasswordKind:
        to_the_end(browser, world, kind)
        browser.post("/done")
    page = words(browser.get("/"))
    assert [f"{kind.label}初期化予約有効期限" in page for kind in PasswordKind] == [True, True]


def test_another_browser_sees_nothing_of_it(app, browser, world):
    to_the_end(browser, world)
    stranger = type(browser)(app.test_client(), browser.origin)
    assert "初期化予約有効期限" not in words(stranger.get("/"))
    assert stranger.get("/done").status_code == 404


def test_a_reservation_can_be_cancelled_after_a_question(browser, world):
    to_the_end(browser, world)
    browser.post("/done")
    assert "取り消す" in words(browser.get("/cancel?kind=signature"))
    assert steps_of(browser.post("/cancel", {"kind": "signature"})) == (303, "/")
    assert "2026/11/22" not in words(browser.get("/"))


def test_a_reservation_that_is_not_there_cannot_be_cancelled(browser):
    assert browser.post("/cancel", {"kind": "signature"}).status_code == 404


def test_asking_twice_makes_one_reservation(browser, world):
    to_the_end(browser, world)
    again = browser.get("/face/status", headers=JSON).json
    with world.ports.ledger.begin() as unit:
        made = unit.reservations()
    assert (again["state"], again["next"], len(made)) == ("passed", "/done", 1)


def test_without_consent_nothing_begins(browser):
    refused = browser.post("/reserve", {"kind": "signature"})
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in words(refused)
    assert browser.get("/front/guide").status_code == 404


@pytest.mark.parametrize("kind", ["", "card_face", "individual_number_card", "signature "])
def test_other_kinds_are_refused(browser, kind):
    refused = browser.post("/reserve", {"kind": kind, "terms": "yes"}, headers=JSON)
    assert (refused.status_code, refused.json["code"]) == (400, "PR-1104")


def test_a_page_out_of_order_leads_to_the_step_that_is_next(browser, world):
    choose(browser)
    places = [steps_of(browser.get(address)) for address in ("/card", "/face", "/done", "/face/capture")]
    assert places == [(303, "/front/guide")] * 4


def test_a_step_out_of_order_is_refused_to_a_program(browser):
    choose(browser)
    refused = browser.post("/face/start", headers=JSON)
    assert (refused.status_code, refused.json["code"]) == (409, "PR-2001")


def test_after_half_an_hour_the_way_begins_anew(browser, world):
    choose(browser)
    world.clock.advance(timedelta(minutes=30))
    late = browser.get("/front/guide")
    assert late.status_code == 410
    assert "PR-2002" in words(late)


def test_a_form_from_another_site_is_refused(browser):
    refused = browser.post(
        "/reserve", {"kind": "signature", "terms": "yes"}, headers={"Origin": "https://evil.example"}
    )
    assert refused.status_code == 403


def test_the_failure_codes_page_has_the_whole_catalogue(browser):
    page = words(browser.get("/help/codes"))
    assert [error.code for error in catalogue() if f'id="{error.code}"' not in page] == []
