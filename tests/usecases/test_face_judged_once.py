"""One film is judged once: asked again, by a slow page or on purpose, the answer is the check that there is."""

import pytest

from services.domain.errors import CaptureUnusable, CheckLost, ChecksBusy, FaceMismatch, LivenessFailed
from services.domain.intake import CheckKind
from services.domain.policy import Attempt
from services.domain.verdicts import CaptureFault, FaceAnswer, LivenessFault, LivenessVerdict
from services.usecases.check_face import start_liveness, submit_face_check
from services.usecases.look import face_attempts
from services.usecases.run_check import check_status, lose_check

FLAT = LivenessVerdict(fault=LivenessFault.FLAT)
DARK = LivenessVerdict(capture_fault=CaptureFault.TOO_DARK)


@pytest.fixture
def filmed(story):
    """An intake whose film is finished and not sent to be judged."""
    intake = story.chip_read()
    story.frames_sent(intake)
    return intake


def counted(story, intake):
    with story.world.ports.ledger.begin() as unit:
        return unit.failures(unit.intake(intake).card_fingerprint, Attempt.FACE)[0]


def free_repeats(story, intake):
    with story.world.ports.ledger.begin() as unit:
        card = unit.intake(intake).card_fingerprint
    return face_attempts(story.world.ports, card).free_repeats


def told(story, intake):
    return check_status(story.world.ports, intake, CheckKind.FACE).failure


@pytest.mark.parametrize(
    ("liveness", "code", "cost", "left"), [(FLAT, LivenessFailed.code, 1, 3), (DARK, CaptureUnusable.code, 0, 2)]
)
def test_a_film_posted_again_after_its_verdict_is_told_the_verdict(story, filmed, liveness, code, cost, left):
    story.world.eyes.liveness = liveness
    submit_face_check(story.world.ports, filmed)
    for _ in range(3):
        submit_face_check(story.world.ports, filmed)
    assert (code, cost, left) == (told(story, filmed), counted(story, filmed), free_repeats(story, filmed))
    with story.world.ports.ledger.begin() as unit:
        assert 1 == len(unit.checks_of(filmed, CheckKind.FACE))


def test_an_order_is_judged_once_however_often_its_film_is_posted(story):
    """Three films, each counted and posted again: the fourth start is free, and every order was a new one."""
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    intake, reveals = story.chip_read(), []
    for _ in range(3):
        story.frames_sent(intake)
        submit_face_check(story.world.ports, intake)
        submit_face_check(story.world.ports, intake)
        reveals.append(start_liveness(story.world.ports, intake).reveals)
    assert ([0, 0, 0], 3) == (reveals, counted(story, intake))


def test_the_fifth_failure_posted_again_is_told_and_not_answered_with_a_wait(story):
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    intake = story.chip_read()
    for _ in range(5):
        story.frames_sent(intake)
        submit_face_check(story.world.ports, intake)
    assert FaceMismatch.code == submit_face_check(story.world.ports, intake).failure


def test_a_film_that_found_the_queue_full_may_be_judged_later(story, filmed):
    work = story.world.ports.runner.work

    def full(_check):
        raise ChecksBusy

    story.world.ports.runner.work = full
    for _ in range(2):
        with pytest.raises(ChecksBusy):
            submit_face_check(story.world.ports, filmed)
    story.world.ports.runner.work = work
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    submit_face_check(story.world.ports, filmed)
    assert (FaceMismatch.code, 1) == (told(story, filmed), counted(story, filmed))


def test_a_film_that_was_lost_is_gone_and_says_so(story, filmed):
    story.world.ports.runner.work = lambda check: lose_check(story.world.ports, check)
    submit_face_check(story.world.ports, filmed)
    submit_face_check(story.world.ports, filmed)
    assert (CheckLost.code, 0, 2) == (told(story, filmed), counted(story, filmed), free_repeats(story, filmed))


def test_a_film_that_waits_is_given_up_when_another_intake_of_the_card_begins(story, filmed):
    """Else its failure would be counted without ending its order, which is being shown again."""
    work, waiting = story.world.ports.runner.work, []
    story.world.ports.runner.work = waiting.append
    submit_face_check(story.world.ports, filmed)
    session = start_liveness(story.world.ports, story.chip_read())
    story.world.eyes.answer = FaceAnswer.NO_MATCH
    work(waiting[0])
    assert (CheckLost.code, 0, 1) == (told(story, filmed), counted(story, filmed), session.reveals)
