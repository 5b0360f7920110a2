"""The card session and the face step, as the pages tell them."""

import re
from datetime import timedelta

import pytest
from resident_way import (
    JSON,
    TYPED,
    answer_step,
    hand_over,
    secrets_of,
    show_face,
    steps_of,
    to_the_card,
    to_the_face,
    words,
)

from reset_app.resident.outcomes import ADVICE
from services.domain.errors import NonceUsed
from services.domain.liveness import Action
from services.domain.policy import EVIDENCE_LIFE
from services.domain.verdicts import CaptureFault, FaceAnswer, FrontFault, LivenessFault, LivenessVerdict
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
    assert [part in page for part in parts] == [True, True, True, False]


def test_fields_that_the_card_refused_are_not_sent_to_it_again(browser, world):
    to_the_card(browser)
    task = hand_over(browser)
    fail_card_session(world.ports, task["session"], task["secret"], "PR-3602")
    assert (303, "/front/manual") == steps_of(browser.post("/card"))
    told = browser.post("/card", headers=JSON)
    assert (409, "PR-2011") == (told.status_code, told.json["code"])
    browser.post("/front/manual", TYPED)
    assert 200 == browser.post("/card").status_code


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


def asked_actions(browser, **wishes):
    asked = browser.post("/face/start", data=wishes, headers=JSON).json
    seen = []
    while not asked["finished"]:
        seen.append((asked["action"], asked["prompt"]))
        asked = answer_step(browser, asked["nonce"], start=asked["step"] * 5000).json
    return seen


def test_the_page_asks_the_front_and_three_moves_with_a_turn_among_them(browser, world):
    to_the_face(browser, world)
    seen = asked_actions(browser)
    assert seen[0] == ("front", "正面を向いてください")
    moves = {action for action, _ in seen[1:]}
    assert (3, True) == (len(moves), bool(moves & {"left", "right"}))
    assert [Action(action).prompt for action, _ in seen] == [prompt for _, prompt in seen]


def test_who_cannot_smile_says_so_on_the_page_and_is_not_asked_to(browser, world):
    world.eyes.liveness = LivenessVerdict(fault=LivenessFault.FLAT)
    to_the_face(browser, world)
    assert 'href="/face/capture?smile=no"' in words(browser.get("/face"))
    page = words(browser.get("/face/capture"))
    assert ('data-smile="yes"' in page, "笑顔がむずかしい方" in page) == (True, True)
    page = words(browser.get("/face/capture?smile=no"))
    assert ('data-smile="no"' in page, "笑顔がむずかしい方" in page) == (True, False)
    for _ in range(5):  # each is judged, so each is drawn anew
        assert "smile" not in {action for action, _ in asked_actions(browser, smile="no")}
        browser.post("/face/judge")


def test_the_page_has_a_figure_for_every_action(browser, world):
    to_the_face(browser, world)
    page = words(browser.get("/face/capture"))
    drawn = set(re.findall(r'data-for="(\w+)"', page)) | {"front"} | ({"smile"} if "figure-teeth" in page else set())
    assert {action.value for action in Action} == drawn


def test_every_fault_of_the_camera_has_advice_and_a_name_of_its_own():
    faults = [fault.value for kind in (FrontFault, CaptureFault, LivenessFault) for fault in kind]
    assert len(set(faults)) == len(faults)
    assert {*(fault.value for fault in CaptureFault), *(fault.value for fault in LivenessFault)} <= set(ADVICE)


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (CaptureFault.BACK_LIT, "窓や照明を背にせず"),
        (CaptureFault.COVERED_MOUTH, "マスクを外し"),
        (CaptureFault.COVERED_EYES, "サングラスを外し"),
        (CaptureFault.BLURRED, "レンズをふき"),
        (CaptureFault.FRAMES_MISSING, "ほかのアプリを閉じて"),
    ],
)
def test_what_could_not_be_judged_says_what_to_change_and_costs_nothing(browser, world, fault, advice):
    world.eyes.liveness = LivenessVerdict(capture_fault=fault)
    to_the_face(browser, world)
    show_face(browser)
    page = words(browser.get("/face/status"))
    assert ("PR-3301" in page, advice in page, "続けて失敗した回数" in page) == (True, True, False)


def test_what_an_unjudged_film_costs_is_told_before_it_is_made(browser, world):
    world.eyes.liveness = LivenessVerdict(capture_fault=CaptureFault.TOO_DARK)
    to_the_face(browser, world)
    assert "数えません" not in words(browser.get("/face"))
    told = []
    for _ in range(3):
        show_face(browser)
        facts = browser.get("/face/status", headers=JSON).json
        told.append(facts["free_repeats"])
        assert [facts["repeats"] in words(browser.get(address)) for address in ("/face/status", "/face")] == [
            True,
            True,
        ]
        assert "続けて失敗した回数" not in words(browser.get("/face/status"))
    assert [2, 1, 0] == told
    assert "次に始めると失敗1回と数え" in facts["repeats"]
    asked = browser.post("/face/start", headers=JSON).json
    assert (3, None) == (asked["free_repeats"], asked["repeats"])
    page = words(browser.get("/face"))
    assert ("続けて失敗した回数: 1回" in page, "次に始めると" in page) == (True, False)


def test_the_last_action_is_asked_with_what_its_film_leaves(browser, world):
    to_the_face(browser, world)
    asked, free = browser.post("/face/start", headers=JSON).json, []
    while not asked["finished"]:
        free.append(asked["free_repeats"])
        asked = answer_step(browser, asked["nonce"], start=asked["step"] * 5000).json
    assert [3, 3, 3, 2] == free
    assert "あと2回まで、失敗した回数に数えません" in asked["repeats"]


def test_who_has_failed_is_told_how_many_tries_are_left(browser, world):
    world.eyes.answer = FaceAnswer.NO_MATCH
    to_the_face(browser, world)
    show_face(browser)
    told = "あと4回続けて失敗すると、しばらくお待ちいただきます"
    assert [told in words(browser.get(address)) for address in ("/face/status", "/face")] == [True, True]
    assert "続けて失敗できるのは、あと4回です。" in words(browser.get("/face/capture"))


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
    assert (answer["code"], answer["next_allowed_at"]) == ("PR-3303", "2026/11/21 09:00:30")
    assert browser.post("/face/start", headers=JSON).status_code == 429
    assert "以降にお試しください" in words(browser.get("/face"))


def test_late_frames_are_refused(browser, world):
    to_the_face(browser, world)
    asked = browser.post("/face/start", headers=JSON).json
    world.clock.advance(timedelta(seconds=8))
    refused = answer_step(browser, asked["nonce"])
    assert (refused.status_code, refused.json["code"]) == (409, "PR-2003")


def test_whose_photo_has_expired_learns_it_before_a_film(browser, world):
    to_the_face(browser, world)
    world.clock.advance(EVIDENCE_LIFE)
    page = words(browser.get("/face"))
    assert [part in page for part in ("PR-2002", "カードを読み取ってください", "/face/capture")] == [True, True, False]
