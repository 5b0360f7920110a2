"""The attempt policy over the use cases, with a moved clock: NIST SP 800-63B, counted per card."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.errors import CheckLost, TooManyAttempts
from services.domain.intake import CheckKind
from services.domain.policy import FREE_ATTEMPTS, FREE_ATTEMPTS_WITH_PAD, Attempt
from services.domain.verdicts import CaptureFault, FaceAnswer, LivenessVerdict
from services.usecases.check_face import start_liveness, submit_face_check
from services.usecases.look import face_attempts
from services.usecases.run_check import lose_check

SECOND = timedelta(seconds=1)
DARK = LivenessVerdict(capture_fault=CaptureFault.TOO_DARK)


def fail(story, intake):
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    attempt(story, intake)


def attempt(story, intake):
    story.frames_sent(intake)
    submit_face_check(story.world.ports, intake)


def fingerprint(story, intake):
    with story.world.ports.ledger.begin() as unit:
        return unit.intake(intake).card_fingerprint


def waits_s(story, intake):
    """How long the resident has to wait now, as they are told."""
    try:
        start_liveness(story.world.ports, intake)
    except TooManyAttempts as wait:
        return wait.detail["wait_s"]
    return 0


def intake_after(story, failures):
    """An intake whose card failed so often, each attempt as soon as it was allowed."""
    intake = story.chip_read()
    for _ in range(failures):
        story.world.clock.advance(SECOND * waits_s(story, intake))
        fail(story, intake)
    return intake


def test_after_five_failures_each_wait_is_twice_the_last(story):
    intake, waits = intake_after(story, FREE_ATTEMPTS - 1), []
    for _ in range(5):
        story.world.clock.advance(SECOND * waits_s(story, intake))
        fail(story, intake)
        waits.append(waits_s(story, intake))
    assert [30, 60, 120, 240, 480] == waits


def test_a_wait_is_over_to_the_second(story):
    intake = intake_after(story, FREE_ATTEMPTS)
    story.world.clock.advance(29 * SECOND)
    assert 1 == waits_s(story, intake)
    story.world.clock.advance(SECOND)
    assert 0 == waits_s(story, intake)


def test_ten_attempts_are_free_where_a_tested_detection_is_named(story):
    story.world.ports = replace(story.world.ports, free_face_attempts=FREE_ATTEMPTS_WITH_PAD)
    intake, waits = story.chip_read(), []
    for _ in range(FREE_ATTEMPTS_WITH_PAD):
        waits.append(waits_s(story, intake))
        fail(story, intake)
    assert ([0] * 10, 30) == (waits, waits_s(story, intake))


def test_the_count_is_the_card_s_and_not_the_intake_s(story):
    intake_after(story, FREE_ATTEMPTS)
    with pytest.raises(TooManyAttempts):
        story.chip_read()


def test_a_capture_fault_costs_neither_a_try_nor_a_wait(story):
    intake = intake_after(story, FREE_ATTEMPTS)
    story.world.clock.advance(30 * SECOND)
    story.world.eyes.liveness = DARK
    for _ in range(3):
        attempt(story, intake)
        told = face_attempts(story.world.ports, fingerprint(story, intake))
        assert (FREE_ATTEMPTS, None) == (told.failures, told.next_allowed_at)


def test_a_lost_check_costs_neither_a_try_nor_a_wait(story):
    intake = intake_after(story, FREE_ATTEMPTS)
    story.world.clock.advance(30 * SECOND)
    story.world.ports.runner.work = lambda check_id: lose_check(story.world.ports, check_id)
    attempt(story, intake)
    with story.world.ports.ledger.begin() as unit:
        assert CheckLost.code == unit.newest_check(intake, CheckKind.FACE).failure
    assert 0 == waits_s(story, intake)


def test_a_fault_taken_back_leaves_a_later_failure_its_date(story):
    """Two intakes of one card: the capture fault of one must not shorten the wait after the other's failure."""
    first, second = story.chip_read(), story.chip_read()
    intake_after_failures = FREE_ATTEMPTS - 1
    for _ in range(intake_after_failures):
        fail(story, first)
    judge = story.world.ports.runner.work
    held = []
    story.world.ports.runner.work = held.append
    attempt(story, first)
    story.world.clock.advance(SECOND * waits_s(story, second))
    story.world.ports.runner.work = judge
    fail(story, second)
    story.world.eyes.liveness = DARK
    judge(held[0])
    assert 30 == waits_s(story, second)


def test_success_forgets_the_failures(story):
    intake = intake_after(story, FREE_ATTEMPTS - 1)
    story.world.eyes.answer = FaceAnswer.MATCH
    attempt(story, intake)
    with story.world.ports.ledger.begin() as unit:
        assert (0, None) == unit.failures(fingerprint(story, intake), Attempt.FACE)
