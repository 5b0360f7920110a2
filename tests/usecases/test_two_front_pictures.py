"""A second picture of the card front while the first one waits: each check is about its own picture, and nobody pays for it."""

from dataclasses import replace

import pytest
from builders import FRONT, read_front

from services.domain.audit import AuditEvent
from services.domain.errors import CheckLost, StepNotAllowed
from services.domain.intake import CheckKind, CheckState, IntakeState
from services.domain.policy import EVIDENCE_LIFE, FRONT_PICTURES
from services.domain.verdicts import FrontFault, FrontReading
from services.ports import EvidenceKind
from services.usecases.read_card_front import confirm_front, front_reading, submit_front_picture
from services.usecases.retake_front import pictures_left, strip_of
from services.usecases.run_check import check_status

PICTURE, READING = EvidenceKind.FRONT_PICTURE, EvidenceKind.FRONT_READING
FIRST, SECOND = read_front(), read_front(replace(FRONT, security_code="1111"))
REFUSED = FrontReading(None, None, None, FrontFault.NOT_FOUND)


@pytest.fixture
def two(story):
    """An intake with two pictures, the first of which was waiting when the second came: (intake, first, second, worker)."""
    intake, worker = story.started(), story.world.ports.runner.work
    story.world.ports.runner.work = lambda _: None
    story.world.eyes.read = lambda picture: {b"first": FIRST, b"second": SECOND}[picture]
    first, second = (submit_front_picture(story.world.ports, intake, picture) for picture in (b"first", b"second"))
    return intake, first, second, worker


def state_of(story, check):
    with story.world.ports.ledger.begin() as unit:
        return unit.check(check.id)


def sealed(story, intake):
    """(kind, label) of what is kept of the card front."""
    evidence = story.world.ports.evidence
    return [(kind, label) for kind in (PICTURE, READING) for label in evidence.labels(intake, kind)]


def test_the_second_picture_ends_the_first_one_s_check_and_drops_its_picture(story, two):
    intake, first, second, _ = two
    ended = state_of(story, first)
    assert (CheckState.FAILED, CheckLost.code, "superseded") == (ended.state, ended.failure, ended.reason)
    assert [(PICTURE, second.id)] == sealed(story, intake)
    with story.world.ports.ledger.begin() as unit:
        (entry,) = (one for one in unit.audit_of(intake) if one.event is AuditEvent.CHECK_FAILED)
    assert ("resident", "superseded") == (entry.actor, entry.fields["reason"])


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 0, 1, 1)])
def test_the_newest_picture_is_read_in_whatever_order_workers_come(story, two, order):
    intake, *checks, worker = two
    for place in order:
        worker(checks[place].id)
    found = front_reading(story.world.ports, intake)
    assert (checks[1].id, SECOND) == (found.check_id, found.reading)
    assert [(READING, checks[1].id)] == sealed(story, intake)
    assert FRONT_PICTURES == pictures_left(story.world.ports, intake)


def test_a_picture_under_judgement_when_the_next_one_comes_writes_nothing(story):
    ports, intake, worker = story.world.ports, story.started(), story.world.ports.runner.work
    ports.runner.work = lambda _: None
    first = submit_front_picture(ports, intake, b"first")

    def read(_picture):
        submit_front_picture(ports, intake, b"second")
        return REFUSED

    story.world.eyes.read = read
    worker(first.id)
    newest = check_status(ports, intake, CheckKind.FRONT)
    assert (CheckState.WAITING, FRONT_PICTURES) == (newest.state, pictures_left(ports, intake))
    assert [(PICTURE, newest.id)] == sealed(story, intake)


def test_a_picture_that_is_gone_is_lost_and_not_refused(story, two):
    intake, _, second, worker = two
    story.world.clock.advance(EVIDENCE_LIFE)
    worker(second.id)
    ended = state_of(story, second)
    assert (CheckLost.code, "gone", FRONT_PICTURES) == (
        ended.failure,
        ended.reason,
        pictures_left(story.world.ports, intake),
    )


def test_a_reading_that_is_not_the_newest_is_not_confirmed(story, two):
    intake, first, second, worker = two
    worker(second.id)
    with pytest.raises(StepNotAllowed):
        confirm_front(story.world.ports, intake, FRONT, method="camera", check_id=first.id)
    assert SECOND == front_reading(story.world.ports, intake).reading
    confirm_front(story.world.ports, intake, FRONT, method="camera", check_id=second.id)
    assert [] == sealed(story, intake)


def test_strips_are_those_of_the_newest_picture_only(story, two):
    intake, first, second, worker = two
    worker(second.id)
    shown = [strip_of(story.world.ports, intake, check.id, "birth") for check in (first, second)]
    assert [None, b"strip"] == shown


def test_what_is_typed_while_a_picture_waits_ends_its_check(story, two):
    intake, _, second, worker = two
    confirm_front(story.world.ports, intake, FRONT, method="hand")
    worker(second.id)
    assert ("superseded", []) == (state_of(story, second).reason, sealed(story, intake))


def test_a_picture_read_after_its_intake_ended_leaves_nothing(story, two):
    intake, _, second, worker = two

    def read(_picture):
        with story.world.ports.ledger.begin() as unit:
            story.world.clock.advance(unit.intake(intake).ends_at - story.world.clock.now())
        return SECOND

    story.world.eyes.read = read
    worker(second.id)
    assert ("PR-2002", []) == (state_of(story, second).failure, sealed(story, intake))
    with story.world.ports.ledger.begin() as unit:
        assert IntakeState.STARTED is unit.intake(intake).state
