"""A check goes to a worker, or leaves nothing behind."""

from services.domain.errors import ChecksBusy, FaceMismatch, FaceUncertain, LivenessFailed, ResetError
from services.domain.intake import Check, CheckKind
from services.domain.policy import JUDGING_TIME, Attempt, wait_after
from services.ports import Ports, Unit

COUNTED = (LivenessFailed, FaceMismatch, FaceUncertain)


def hand_over(ports: Ports, check: Check) -> None:
    """Hands a check that the ledger has to the runner.

    Raises:
        ChecksBusy: the queue is full; the check is settled, and no attempt is lost.
    """
    try:
        ports.runner.submit(check.id, JUDGING_TIME[check.kind])
    except ChecksBusy as busy:
        with ports.ledger.begin() as unit:
            if unit.settle_check(check.id, failure=busy.code):
                take_back(ports, unit, check, busy)
        raise


def take_back(ports: Ports, unit: Unit, check: Check, failure: ResetError) -> None:
    """Takes a face attempt back that was counted beforehand and was none: it costs neither a try nor a wait."""
    if check.kind is not CheckKind.FACE or isinstance(failure, COUNTED):
        return
    fingerprint = unit.intake(check.intake_id).card_fingerprint or ""
    failures, _ = unit.failures(fingerprint, Attempt.FACE)
    # When this attempt was allowed, the wait after the failures before it had passed: it has passed now, too.
    before = check.created_at - wait_after(failures - 1, ports.free_face_attempts)
    unit.take_back_failure(fingerprint, Attempt.FACE, counted_at=check.created_at, before=before)
