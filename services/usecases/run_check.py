"""What a worker does with a check, and what happens to checks that nobody finished.

Judging only reads. What follows from it, for good or ill, is written in one transaction with the check's own end, so that a process
that is killed at any instant has either decided all of it, or can be tried again.
"""

from dataclasses import dataclass
from typing import assert_never

from services.domain import policy
from services.domain.errors import CheckLost, ResetError
from services.domain.intake import Check, CheckKind, CheckState
from services.ports import CardFrontReader, FaceMatcher, LivenessCheck, Ports
from services.usecases.judge_face import accept_face, judge_face
from services.usecases.read_card_front import judge_front, settle_front
from services.usecases.settle import settle_failed


@dataclass(frozen=True)
class Eyes:
    """The models of one worker, warm."""

    front: CardFrontReader
    liveness: LivenessCheck
    matcher: FaceMatcher


def run_check(ports: Ports, eyes: Eyes, check_id: str) -> None:
    """Judges one waiting check and settles it; a check that is not waiting is left alone."""
    with ports.ledger.begin() as unit:
        check = unit.check(check_id)
    if check is None or check.state is not CheckState.WAITING:
        return
    try:
        _judge(ports, eyes, check)
    except ResetError as failure:
        _fail(ports, check, failure)


def lose_check(ports: Ports, check_id: str) -> None:
    """Settles a check whose process was ended, twice or for good: it costs no attempt."""
    with ports.ledger.begin() as unit:
        check = unit.check(check_id)
    if check is not None:
        _fail(ports, check, CheckLost())


def lose_late_checks(ports: Ports) -> int:
    """Settles every check that waited too long, whether or not somebody asks for it; returns how many."""
    with ports.ledger.begin() as unit:
        late = [check for check in unit.waiting_checks() if _is_late(ports, check)]
    return sum(_fail(ports, check, CheckLost()) for check in late)


def check_status(ports: Ports, intake_id: str, kind: CheckKind) -> Check | None:
    """The intake's newest check of this kind; one that waited too long is settled as lost."""
    with ports.ledger.begin() as unit:
        check = unit.newest_check(intake_id, kind)
    if check is None or check.state is not CheckState.WAITING or not _is_late(ports, check):
        return check
    _fail(ports, check, CheckLost())
    with ports.ledger.begin() as unit:
        return unit.check(check.id)


def _is_late(ports: Ports, check: Check) -> bool:
    return check.created_at + policy.CHECK_TIME <= ports.clock.now()


def _judge(ports: Ports, eyes: Eyes, check: Check) -> None:
    match check.kind:
        case CheckKind.FRONT:
            reading = judge_front(ports, eyes.front, check)
            with ports.ledger.begin() as unit:
                settle_front(ports, unit, check, reading)
        case CheckKind.FACE:
            match = judge_face(ports, eyes.liveness, eyes.matcher, check)
            with ports.ledger.begin() as unit:
                accept_face(ports, unit, check, match)
        case _:
            assert_never(check.kind)


def _fail(ports: Ports, check: Check, failure: ResetError) -> bool:
    with ports.ledger.begin() as unit:
        return settle_failed(ports, unit, check, failure)
