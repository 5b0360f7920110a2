"""What pages show: reads only, nothing moves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.domain import policy
from services.domain.audit import first_break
from services.domain.intake import CardSession, CardSessionState
from services.domain.policy import Attempt
from services.domain.reservation import Reservation, ReservationState
from services.ports import Ports
from services.usecases.face_round import next_face_round
from services.usecases.start_intake import token_hash


@dataclass(frozen=True)
class FaceAttempts:
    """How often the card's holder has failed in a row; `next_allowed_at` is `None` when it is possible now.

    `free_repeats` is how often a film may still end without being judged (`domain.liveness.next_round`).
    """

    failures: int
    next_allowed_at: datetime | None
    free_repeats: int
    wait_s: int = 0


def shown_reservation(ports: Ports, token: str) -> Reservation | None:
    """The reservation that this browser made, until its deadline passes, completed or not (checklist 003-63)."""
    with ports.ledger.begin() as unit:
        intake = unit.intake_by_token(token_hash(token))
        if intake is None or intake.reservation_id is None:
            return None
        reservation = unit.reservation(intake.reservation_id)
    gone = reservation.state is ReservationState.CANCELLED or reservation.expires_at <= ports.clock.now()
    return None if gone else reservation


def card_session_result(ports: Ports, intake_id: str) -> CardSession | None:
    """The newest card session of the intake."""
    with ports.ledger.begin() as unit:
        return unit.newest_card_session(intake_id)


def session_is_pending(ports: Ports, session: CardSession) -> bool:
    """Whether the companion can still answer."""
    waiting = session.state in {CardSessionState.OPEN, CardSessionState.ATTACHED}
    return waiting and session.ends_at > ports.clock.now()


def face_attempts(ports: Ports, card_fingerprint: str) -> FaceAttempts:
    """The card's consecutive face failures, when the next try is possible, and what it may cost."""
    with ports.ledger.begin() as unit:
        count, last = unit.failures(card_fingerprint, Attempt.FACE)
        free = next_face_round(unit, card_fingerprint, ports.clock.now()).free_repeats
    if last is None:
        return FaceAttempts(count, None, free)
    allowed_at = policy.next_attempt(count, last, ports.free_face_attempts)
    wait = allowed_at - ports.clock.now()
    if wait <= timedelta(0):
        return FaceAttempts(count, None, free)
    return FaceAttempts(count, allowed_at, free, -(-wait // timedelta(seconds=1)))


def log_break(ports: Ports) -> int | None:
    """The position of the first entry of the audit log that does not follow; `None` when the chain holds."""
    with ports.ledger.begin() as unit:
        links = unit.audit_links()
    # Hashing a long log takes a while, and SQLite has one writer: nobody waits for it.
    return first_break(links)
