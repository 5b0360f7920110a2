"""A check that was given up, by whomever, passes nobody afterwards; one that nobody asks for is given up by the clock."""

from datetime import timedelta

import pytest

from services.domain.audit import AuditEvent
from services.domain.errors import CheckLost
from services.domain.intake import CheckKind, CheckState, IntakeState
from services.domain.policy import CHECK_TIME, Attempt
from services.domain.verdicts import FaceAnswer, FaceVerdict
from services.ports import EvidenceKind
from services.usecases.check_face import submit_face_check
from services.usecases.read_card_front import front_reading, submit_front_picture
from services.usecases.run_check import check_status, lose_check, lose_late_checks

MATCH = FaceVerdict(FaceAnswer.MATCH, "scripted", 500)


@pytest.fixture
def waiting(story):
    """A face check that no worker has looked at: (intake, check, worker)."""
    intake, worker = story.chip_read(), story.world.ports.runner.work
    story.world.ports.runner.work = lambda _: None
    story.frames_sent(intake)
    return intake, submit_face_check(story.world.ports, intake), worker


def facts(story, intake, check):
    """(failure, the intake's state, attempts counted, what is sealed)."""
    ports = story.world.ports
    with ports.ledger.begin() as unit:
        found = unit.intake(intake)
        failures, _ = unit.failures(found.card_fingerprint, Attempt.FACE)
        failure = unit.check(check.id).failure
    return failure, found.state, failures, [kind for kind in EvidenceKind if ports.evidence.labels(intake, kind)]


NOBODY_PASSED = (CheckLost.code, IntakeState.CHIP_READ, 0, [EvidenceKind.CHIP_PHOTO])


def while_it_is_compared(story, happens):
    def compare(_photo, _frames):
        happens()
        return MATCH

    story.world.eyes.compare = compare


def test_a_check_given_up_while_it_is_judged_passes_nobody(story, waiting):
    intake, check, worker = waiting
    while_it_is_compared(story, lambda: lose_check(story.world.ports, check.id))
    worker(check.id)
    assert NOBODY_PASSED == facts(story, intake, check)


def test_a_check_that_a_page_found_too_late_passes_nobody(story, waiting):
    intake, check, worker = waiting

    def late():
        story.world.clock.advance(CHECK_TIME)
        check_status(story.world.ports, intake, CheckKind.FACE)

    while_it_is_compared(story, late)
    worker(check.id)
    assert NOBODY_PASSED == facts(story, intake, check)


def test_a_check_judged_twice_at_once_passes_once(story, waiting):
    intake, check, worker = waiting
    again = [check.id]
    while_it_is_compared(story, lambda: again and worker(again.pop()))
    worker(check.id)
    assert (None, IntakeState.FACE_MATCHED, 0, []) == facts(story, intake, check)
    with story.world.ports.ledger.begin() as unit:
        told = [one.event for one in unit.audit_of(intake)]
    assert 1 == told.count(AuditEvent.INTAKE_FACE_ACCEPTED)


def test_a_face_matched_after_the_intake_ended_passes_nobody(story, waiting):
    intake, check, worker = waiting
    with story.world.ports.ledger.begin() as unit:
        ends_at = unit.intake(intake).ends_at
    while_it_is_compared(story, lambda: story.world.clock.advance(ends_at - story.world.clock.now()))
    worker(check.id)
    assert ("PR-2002", IntakeState.CHIP_READ, 0) == facts(story, intake, check)[:3]


def test_the_clock_gives_up_every_late_check_that_nobody_asks_for(story, waiting):
    intake, check, _ = waiting
    other = story.started()
    picture = submit_front_picture(story.world.ports, other, b"picture")
    story.world.clock.advance(CHECK_TIME - timedelta(seconds=1))
    fresh = submit_front_picture(story.world.ports, story.started(), b"picture")
    assert 0 == lose_late_checks(story.world.ports)
    story.world.clock.advance(timedelta(seconds=1))
    assert (2, 0) == (lose_late_checks(story.world.ports), lose_late_checks(story.world.ports))
    assert NOBODY_PASSED == facts(story, intake, check)
    assert (CheckLost.code, []) == facts_of_front(story, other, picture)
    assert CheckState.WAITING is check_status(story.world.ports, fresh.intake_id, CheckKind.FRONT).state


def facts_of_front(story, intake, check):
    evidence = story.world.ports.evidence
    with story.world.ports.ledger.begin() as unit:
        failure = unit.check(check.id).failure
    assert front_reading(story.world.ports, intake) is None
    return failure, evidence.labels(intake, EvidenceKind.FRONT_PICTURE)
