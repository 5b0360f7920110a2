"""What municipal staff do: look, with a purpose that is logged; and close a doubt whose deadline has passed."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain.audit import AuditEntry, AuditEvent
from services.domain.reservation import Reservation, ReservationEvent, ReservationState
from services.ports import Guard, Ports


@dataclass(frozen=True)
class Timeline:
    """One reservation and everything that the log says of it, the intake that led to it included."""

    reservation: Reservation
    entries: Sequence[AuditEntry]


def list_reservations(ports: Ports, *, staff: str, states: Sequence[ReservationState] = ()) -> Sequence[Reservation]:
    """The newest reservations; the look is itself logged."""
    with ports.ledger.begin() as unit:
        unit.record(
            AuditEvent.STAFF_LOOKED,
            staff,
            at=ports.clock.now(),
            actor=staff,
            audit={"staff": staff, "what": "reservations", "why": "list"},
        )
        return unit.reservations(states)


def timeline(ports: Ports, reservation_id: str, *, staff: str, why: str) -> Timeline:
    """One reservation's timeline.

    Raises:
        ReservationNotFound
    """
    with ports.ledger.begin() as unit:
        reservation = unit.reservation(reservation_id)
        unit.record(
            AuditEvent.STAFF_LOOKED,
            staff,
            at=ports.clock.now(),
            actor=staff,
            audit={"staff": staff, "what": reservation_id, "why": why},
        )
        intake = unit.intake_of(reservation_id)
        before = unit.audit_of(intake.id) if intake else []
        entries = [*before, *unit.audit_of(reservation_id)]
        return Timeline(reservation, sorted(entries, key=lambda entry: entry.index))


def review(ports: Ports, reservation_id: str, *, staff: str, why: str) -> Reservation:
    """Closes a reservation in doubt after its deadline.

    Raises:
        StepNotAllowed: it is not in doubt, or can still be settled at a kiosk.
    """
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        return unit.advance(
            reservation_id,
            ReservationEvent.REVIEW,
            at=now,
            actor=staff,
            guard=Guard(expired_at=now),
            audit={"staff": staff, "why": why},
        )
