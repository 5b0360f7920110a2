"""Tidying after the deadline. Expiry itself is a fact of the clock: the claim's WHERE asks for it."""

from services.domain.errors import IntakeEnded, StepNotAllowed
from services.domain.intake import IntakeEvent
from services.domain.reservation import ReservationEvent, ReservationState
from services.ports import Guard, Ports


def expire(ports: Ports) -> int:
    """Marks expired reservations and abandons intakes whose time has passed; returns how many."""
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        due = [found for found in unit.due_reservations(now) if found.state is ReservationState.RESERVED]
        intakes = unit.ended_intakes(now)
    ended = 0
    for found in due:
        with ports.ledger.begin() as unit:
            try:
                unit.advance(found.id, ReservationEvent.EXPIRE, at=now, actor="job", guard=Guard(expired_at=now))
                ended += 1
            except StepNotAllowed:
                continue  # claimed or cancelled meanwhile
    for intake in intakes:
        ports.evidence.drop(intake.id)
        with ports.ledger.begin() as unit:
            try:
                unit.advance_intake(intake.id, IntakeEvent.ABANDON, at=now, audit={"why": "time"})
                ended += 1
            except (StepNotAllowed, IntakeEnded):
                continue
    return ended
