"""A check goes to a worker, or leaves nothing behind."""

from services.domain.errors import ChecksBusy, FaceMismatch, FaceUncertain, LivenessFailed, ResetError
from services.domain.intake import Check, CheckKind
from services.domain.policy import Attempt
from services.ports import Ports, Unit

COUNTED = (LivenessFailed, FaceMismatch, FaceUncertain)


def hand_over(ports: Ports, check: Check) -> None:
    """Hands a check that the ledger has to the runner.

    Raises:
        ChecksBusy: the queue is full; the check is settled, and no attempt is lost.
    """
    try:
        ports.runner.submit(check.id)
    except ChecksBusy as busy:
        with ports.ledger.begin() as unit:
            unit.settle_check(check.id, failure=busy.code)
            take_back(unit, check, busy)
        raise


def take_back(unit: Unit, check: Check, failure: ResetError) -> None:
    """Takes a face attempt back that was counted beforehand and was none."""
    if check.kind is CheckKind.FACE and not isinstance(failure, COUNTED):
        unit.take_back_failure(unit.intake(check.intake_id).card_fingerprint or "", Attempt.FACE)
