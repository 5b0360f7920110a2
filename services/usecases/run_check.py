"""What a worker does with a check, and what happens to checks that nobody finished."""

from dataclasses import dataclass
from typing import Final, assert_never

from services.domain import policy
from services.domain.audit import AuditEvent
from services.domain.errors import CheckLost, ResetError
from services.domain.intake import Check, CheckKind, CheckState
from services.ports import CardFrontReader, EvidenceKind, FaceMatcher, LivenessCheck, Ports
from services.usecases.hand_over import take_back
from services.usecases.judge_face import judge_face
from services.usecases.read_card_front import failure_of, judge_front

_JUDGED: Final = {CheckKind.FRONT: EvidenceKind.FRONT_PICTURE, CheckKind.FACE: EvidenceKind.FRAME}


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
        _settle(ports, check, failure)
    else:
        with ports.ledger.begin() as unit:
            if unit.settle_check(check.id):
                ports.evidence.drop(check.intake_id, _JUDGED[check.kind])


def lose_check(ports: Ports, check_id: str) -> None:
    """Settles a check whose process was ended, twice or for good: it costs no attempt."""
    with ports.ledger.begin() as unit:
        check = unit.check(check_id)
    if check is not None:
        _settle(ports, check, CheckLost())


def check_status(ports: Ports, intake_id: str, kind: CheckKind) -> Check | None:
    """The intake's newest check of this kind; one that waited too long is settled as lost."""
    with ports.ledger.begin() as unit:
        check = unit.newest_check(intake_id, kind)
    if check is None or check.state is not CheckState.WAITING:
        return check
    if check.created_at + policy.CHECK_TIME > ports.clock.now():
        return check
    _settle(ports, check, CheckLost())
    with ports.ledger.begin() as unit:
        return unit.check(check.id)


def _judge(ports: Ports, eyes: Eyes, check: Check) -> None:
    match check.kind:
        case CheckKind.FRONT:
            judge_front(ports, eyes.front, check)
        case CheckKind.FACE:
            judge_face(ports, eyes.liveness, eyes.matcher, check)
        case _:
            assert_never(check.kind)


def _settle(ports: Ports, check: Check, failure: ResetError) -> None:
    code, reason = failure_of(failure)
    with ports.ledger.begin() as unit:
        if unit.settle_check(check.id, failure=code, reason=reason):
            # One transaction: a process that is killed here has either decided and left no picture, or can be tried again.
            ports.evidence.drop(check.intake_id, _JUDGED[check.kind])
            take_back(ports, unit, check, failure)
            unit.record(
                AuditEvent.CHECK_FAILED,
                check.intake_id,
                at=ports.clock.now(),
                actor="worker",
                audit={"check": check.kind.value, "code": code, "reason": reason or ""},
            )
