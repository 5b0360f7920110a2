"""The card front: by camera or by hand, told what is wrong, corrected."""

import re

import pytest
from resident_way import (
    JSON,
    TYPED,
    choose,
    front_check,
    hand_over,
    photograph,
    read_by_camera,
    say_yes,
    secrets_of,
    steps_of,
    words,
)

from services.domain.verdicts import FrontFault, FrontReading
from services.usecases.card_session import attach_card_session


def test_camera_and_hand_give_the_same_object(browser, world):
    choose(browser)
    read_by_camera(browser)
    by_camera = attach_card_session(world.ports, *secrets_of(hand_over(browser))).front
    typed = {**TYPED, "birth_era": "western", "birth_year": "1989", "birth_month": "3", "birth_day": "31",
             "expiry_month": "3", "expiry_day": "31"}  # fmt: skip
    assert steps_of(browser.post("/front/manual", typed)) == (303, "/card")
    by_hand = attach_card_session(world.ports, *secrets_of(hand_over(browser))).front
    assert by_hand == by_camera


def test_the_last_day_of_showa_is_accepted_and_the_first_of_heisei_is_not(browser):
    choose(browser)
    assert browser.post("/front/manual", {**TYPED, "birth_day": "8"}).status_code == 422
    assert browser.post("/front/manual", TYPED).status_code == 303


def test_full_width_digits_are_understood(browser):
    choose(browser)
    assert (
        browser.post("/front/manual", {**TYPED, "birth_year": "６４", "security_code": " ２２８５"}).status_code == 303
    )


@pytest.mark.parametrize(
    ("field", "value", "anchor"),
    [
        ("birth_month", "13", "birth-wrong"),
        ("birth_year", "", "birth-wrong"),
        ("birth_era", "edo", "birth-wrong"),
        ("expiry_year", "2025", "expiry-wrong"),
        ("expiry_year", "2099", "expiry-wrong"),
        ("expiry_day", "x", "expiry-wrong"),
        ("security_code", "123", "code-wrong"),
        ("security_code", "12345", "code-wrong"),
        ("security_code", "12a4", "code-wrong"),
    ],
)
def test_a_fault_is_told_beside_its_field_and_in_the_summary(browser, field, value, anchor):
    choose(browser)
    refused = browser.post("/front/manual", {**TYPED, field: value})
    page = words(refused)
    assert refused.status_code == 422
    assert (f'id="{anchor}"' in page, "入力内容に誤りがあります" in page, page.count("＊") >= 1) == (True, True, True)


def test_all_faults_are_told_at_once(browser):
    choose(browser)
    page = words(browser.post("/front/manual", {"birth_era": "showa"}))
    assert [f'id="{anchor}"' in page for anchor in ("birth-wrong", "expiry-wrong", "code-wrong")] == [True] * 3


def test_what_was_typed_is_still_there_after_a_fault(browser):
    choose(browser)
    page = words(browser.post("/front/manual", {**TYPED, "security_code": "1"}))
    assert re.search(r'name="birth_year" value="64"', page)


def test_strips_are_for_this_browser_only_and_gone_after_the_yes(app, browser):
    choose(browser)
    photograph(browser)
    address = f"/front/strip/{front_check(browser)}/birth"
    strip = browser.get(address)
    assert (strip.data, strip.mimetype, strip.headers["Cache-Control"]) == (b"strip", "image/jpeg", "no-store")
    assert type(browser)(app.test_client(), browser.origin).get(address).status_code == 404
    say_yes(browser)
    assert browser.get(address).status_code == 404


def test_an_unknown_strip_is_not_found(browser):
    choose(browser)
    photograph(browser)
    number = front_check(browser)
    addresses = (
        f"/front/strip/{number}/fault",
        "/front/strip/0/birth",
        "/front/strip/%00/birth",
        f"/front/strip/{number}/",
    )
    assert [404] * 4 == [browser.get(address).status_code for address in addresses]


def test_a_reading_can_be_corrected_by_hand(browser):
    choose(browser)
    photograph(browser)
    page = words(browser.get("/front/manual"))
    assert 'name="security_code" value="2285"' in page


@pytest.mark.parametrize("fault", [fault for fault in FrontFault if fault is not FrontFault.WRONG_SIDE])
def test_an_unreadable_front_says_what_to_change(browser, world, fault):
    world.eyes.reading = FrontReading(None, None, None, fault)
    choose(browser)
    photograph(browser)
    page = words(browser.get("/front/status"))
    assert ("PR-3201" in page, "もう一度撮影する" in page, "手で入力する" in page) == (True, True, True)


def test_a_covered_mark_asks_again(browser, world):
    world.eyes.reading = FrontReading(None, None, None, FrontFault.COVERED)
    choose(browser)
    photograph(browser)
    assert "有効期限やマイナちゃんマークが隠れています" in words(browser.get("/front/status"))


def test_the_status_waits_without_script(browser, world):
    world.ports.runner.work = id
    choose(browser)
    photograph(browser)
    page = words(browser.get("/front/status"))
    assert '<noscript><meta http-equiv="refresh"' in page
    assert browser.get("/front/status", headers=JSON).json["state"] == "waiting"
