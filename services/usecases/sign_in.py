"""Staff at the console's door: tries are counted before the password is compared, and a sign-in is logged."""

from hashlib import sha256

from services.domain.audit import AuditEvent
from services.domain.policy import Attempt
from services.ports import Ports
from services.usecases.card_session import check_attempts


def count_sign_in(ports: Ports, number: str) -> None:
    """Counts a try for this staff number, known or not; `note_sign_in` takes it back.

    Raises:
        TooManyAttempts: says when the next try is allowed.
    """
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        check_attempts(unit.failures(_subject(number), Attempt.STAFF_SIGN_IN), now)
        unit.count_failure(_subject(number), Attempt.STAFF_SIGN_IN, at=now)


def note_sign_in(ports: Ports, staff: str) -> None:
    """The password was right: the log says so, and the tries are forgotten."""
    with ports.ledger.begin() as unit:
        unit.forget_failures(_subject(staff), Attempt.STAFF_SIGN_IN)
        unit.record(AuditEvent.STAFF_SIGNED_IN, staff, at=ports.clock.now(), actor=staff, audit={"staff": staff})


def _subject(number: str) -> str:
    # What was typed may be anything, a password in the wrong field included: only its hash is kept.
    return sha256(number.encode("utf-8")).hexdigest()
