"""The whole way of a resident, and what happens off it."""

import re
from datetime import timedelta

import pytest
from resident_way import (
    JSON,
    TYPED,
    answer_step,
    choose,
    hand_over,
    photograph,
    read_by_camera,
    show_face,
    to_the_card,
    to_the_end,
    to_the_face,
    use_companion,
)

from services.domain.errors import NonceUsed, catalogue
from services.domain.password import PasswordKind
from services.domain.verdicts import FaceAnswer, FrontFault, FrontReading, LivenessFault, LivenessVerdict
from services.usecases.card_session import attach_card_session, fail_card_session


def words(answer):
    return answer.get_data(as_text=True)


def steps_of(answer):
    return (answer.status_code, answer.headers.get("Location"))


@pytest.mark.parametrize("kind", list(PasswordKind))
def test_both_kinds_end_in_a_reservation(browser, world, kind):
    reserved = to_the_end(browser, world, kind)
    assert steps_of(reserved) == (303, "/done")
    assert f"{kind.label}初期化予約有効期限" in words(browser.get("/done"))


def test_every_step_leads_to_the_next(browser, world):
    assert steps_of(choose(browser)) == (303, "/front/guide")
    assert steps_of(photograph(browser)) == (303, "/front/status")
    assert steps_of(browser.get("/front/status")) == (303, "/front/confirm")
    assert steps_of(browser.post("/front/confirm")) == (303, "/card")
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


# ── The card front ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_camera_and_hand_give_the_same_object(browser, world):
    choose(browser)
    read_by_camera(browser)
    by_camera = attach_card_session(world.ports, *_secrets(hand_over(browser))).front
    typed = {**TYPED, "birth_era": "western", "birth_year": "1989", "birth_month": "3", "birth_day": "31",
             "expiry_month": "3", "expiry_day": "31"}  # fmt: skip
    assert steps_of(browser.post("/front/manual", typed)) == (303, "/card")
    by_hand = attach_card_session(world.ports, *_secrets(hand_over(browser))).front
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
    strip = browser.get("/front/strip/birth")
    assert (strip.data, strip.mimetype, strip.headers["Cache-Control"]) == (b"strip", "image/jpeg", "no-store")
    assert type(browser)(app.test_client(), browser.origin).get("/front/strip/birth").status_code == 404
    browser.post("/front/confirm")
    assert browser.get("/front/strip/birth").status_code == 409


def test_an_unknown_strip_is_not_found(browser):
    choose(browser)
    photograph(browser)
    assert browser.get("/front/strip/fault").status_code == 404


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


# ── The card session ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_secret_goes_to_the_companion_by_a_form_and_never_in_an_address(browser):
    to_the_card(browser)
    page = words(browser.post("/card"))
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', page))
    assert 'action="http://127.0.0.1:24727/start"' in page
    assert (fields["server"], fields["return_path"]) == (browser.origin, "/card/return")
    assert len(fields["secret"]) >= 43
    assert fields["secret"] not in re.sub(r'value="[^"]*"', "", page)


def test_the_companions_failure_is_explained_with_cost_and_remedy(browser, world):
    to_the_card(browser)
    task = hand_over(browser)
    attach_card_session(world.ports, *_secrets(task))
    fail_card_session(world.ports, task["session"], task["secret"], "PR-3602")
    page = words(browser.get("/card/return"))
    parts = ["PR-3602", "1回分の入力を消費しました。", "券面情報を直す", "もう一度読み取る"]
    assert [part in page for part in parts] == [True] * 4


def test_a_code_that_is_not_ours_is_no_fault_of_the_page(browser, world):
    to_the_card(browser)
    task = hand_over(browser)
    fail_card_session(world.ports, task["session"], task["secret"], "<script>")
    page = browser.get("/card/return")
    assert (page.status_code, "PR-0000" in words(page), "<script>" in words(page)) == (200, True, False)


def test_a_session_nobody_answered_has_ended(browser, world):
    to_the_card(browser)
    hand_over(browser)
    assert browser.get("/card/return", headers=JSON).json["state"] == "waiting"
    world.clock.advance(timedelta(minutes=5))
    assert browser.get("/card/return", headers=JSON).json["code"] == NonceUsed.code


# ── The face ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_asks_all_four_actions_front_first(browser, world):
    to_the_face(browser, world)
    asked = browser.post("/face/start", headers=JSON).json
    seen = []
    while not asked["finished"]:
        seen.append((asked["action"], asked["prompt"]))
        asked = answer_step(browser, asked["nonce"], start=asked["step"] * 5000).json
    assert seen[0] == ("front", "正面を向いてください")
    assert {action for action, _ in seen} == {"front", "left", "right", "smile"}


@pytest.mark.parametrize(
    ("verdict", "code", "advice"),
    [
        (LivenessVerdict(fault=LivenessFault.FLAT), "PR-3302", "立体的な動きを確認できませんでした"),
        (LivenessVerdict(fault=LivenessFault.ACTION_NOT_SEEN, action="left"), "PR-3302", "少し大きく"),
    ],
)
def test_a_failed_face_says_what_to_change_and_counts(browser, world, verdict, code, advice):
    world.eyes.liveness = verdict
    to_the_face(browser, world)
    show_face(browser)
    page = words(browser.get("/face/status"))
    assert (code in page, advice in page, "続けて失敗した回数: 1回" in page) == (True, True, True)


def test_after_five_failures_the_next_time_is_told(browser, world):
    world.eyes.answer = FaceAnswer.NO_MATCH
    to_the_face(browser, world)
    for _ in range(5):
        show_face(browser)
    answer = browser.get("/face/status", headers=JSON).json
    assert (answer["code"], answer["next_allowed_at"]) == ("PR-3303", "2026/11/21 09:00")
    assert browser.post("/face/start", headers=JSON).status_code == 429
    assert "以降にお試しください" in words(browser.get("/face"))


def test_late_frames_are_refused(browser, world):
    to_the_face(browser, world)
    asked = browser.post("/face/start", headers=JSON).json
    world.clock.advance(timedelta(seconds=8))
    refused = answer_step(browser, asked["nonce"])
    assert (refused.status_code, refused.json["code"]) == (409, "PR-2003")


def test_the_failure_codes_page_has_the_whole_catalogue(browser):
    page = words(browser.get("/help/codes"))
    assert [error.code for error in catalogue() if f'id="{error.code}"' not in page] == []


def _secrets(task):
    return task["session"], task["secret"]
