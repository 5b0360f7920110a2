"""A check ends once. Its row, its pictures, its attempt and its audit entry change in one transaction, or not at all.

Every function here says whether it was this call that ended the check: only then may the caller write what follows from it.
"""

from typing import Final

from services.domain.audit import AuditEvent
from services.domain.errors import CheckLost, ResetError
from services.domain.intake import Check, CheckKind, CheckState
from services.ports import EvidenceKind, Ports, Unit
from services.usecases.hand_over import take_back

WORKER: Final = "worker"
RESIDENT: Final = "resident"


def settle_passed(ports: Ports, unit: Unit, check: Check) -> bool:
    """Ends a waiting check that found nothing wrong."""
    settled = unit.settle_check(check.id)
    if settled:
        drop_judged(ports, check)
    return settled


def settle_failed(ports: Ports, unit: Unit, check: Check, failure: ResetError, *, actor: str = WORKER) -> bool:
    """Ends a waiting check; an attempt that was counted and was none is taken back."""
    reason = failure.detail.get("reason")
    told = None if reason is None else str(reason)
    settled = unit.settle_check(check.id, failure=failure.code, reason=told)
    if settled:
        take_back(ports, unit, check, failure)
        drop_judged(ports, check)
        facts = {"check": check.kind.value, "code": failure.code, "reason": told or ""}
        unit.record(AuditEvent.CHECK_FAILED, check.intake_id, at=ports.clock.now(), actor=actor, audit=facts)
    return settled


def supersede(ports: Ports, unit: Unit, intake_id: str, kind: CheckKind) -> None:
    """Ends the intake's waiting checks of this kind, whose answer nobody asks for any more: it is no picture's fault."""
    for check in unit.checks_of(intake_id, kind):
        if check.state is CheckState.WAITING:
            settle_failed(ports, unit, check, CheckLost(reason="superseded"), actor=RESIDENT)


def drop_judged(ports: Ports, check: Check) -> None:
    """Removes what the check was about, and nothing that another check is about."""
    if check.kind is CheckKind.FRONT:
        ports.evidence.drop(check.intake_id, EvidenceKind.FRONT_PICTURE, label=check.id)
    else:
        ports.evidence.drop(check.intake_id, EvidenceKind.FRAME)
