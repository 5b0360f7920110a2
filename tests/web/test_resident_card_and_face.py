"""The card session and the face step, as the pages tell them."""

import re
from datetime import timedelta

import pytest
from resident_way import (
    JSON,
    answer_step,
    hand_over,
    secrets_of,
    show_face,
    to_the_card,
    to_the_face,
    words,
)

from services.domain.errors import NonceUsed
from services.domain.verdicts import FaceAnswer, LivenessFault, LivenessVerdict
from services.usecases.card_session import attach_card_session, fail_card_session


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
    attach_card_session(world.ports, *secrets_of(task))
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
