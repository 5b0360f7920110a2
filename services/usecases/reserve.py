"""All checks have held: the resident gets a reservation, valid for 24 hours to the minute."""

import secrets

from services.domain.audit import AuditEvent
from services.domain.errors import NotAllowedNow, PreviousResultPending, ReservationInUse
from services.domain.intake import IntakeEvent, IntakeState
from services.domain.reservation import RESERVATION, Reservation, ReservationEvent, ReservationState, deadline
from services.ports import Guard, Ports, Unit
from services.usecases.under_way import under_way


def reserve(ports: Ports, intake_id: str) -> Reservation:
    """Makes the reservation; an earlier one for the same card and kind gives way to it.

    Raises:
        IntakeEnded, StepNotAllowed: the checks are not complete.
        ReservationInUse: a kiosk is working on the earlier one.
        PreviousResultPending: the earlier one may have changed the card, and can still be settled at a kiosk.
    """
    intake = under_way(ports, intake_id, IntakeState.FACE_MATCHED)
    now = ports.clock.now()
    fingerprint, key = intake.card_fingerprint, intake.other_key_fingerprint
    if fingerprint is None or key is None:
        raise NotAllowedNow
    with ports.ledger.begin() as unit:
        matcher = _matcher(unit, intake_id)
    reservation = Reservation(
        id=secrets.token_hex(16),
        kind=intake.kind,
        card_fingerprint=fingerprint,
        other_key_fingerprint=key,
        state=RESERVATION.initial,
        reserved_at=now,
        expires_at=deadline(now),
        rehearsal=intake.rehearsal,
        matcher=matcher,
    )
    with ports.ledger.begin() as unit:
        _make_room(unit, reservation)
        unit.add_reservation(reservation, actor="resident")
        unit.advance_intake(
            intake.id,
            IntakeEvent.RESERVE,
            at=now,
            changes={"reservation_id": reservation.id},
            audit={"reservation": reservation.id},
        )
    return reservation


def _matcher(unit: Unit, intake_id: str) -> str | None:
    """The engine that compared the faces, as the log has it."""
    engines = [
        entry.fields["engine"] for entry in unit.audit_of(intake_id) if entry.event is AuditEvent.INTAKE_FACE_ACCEPTED
    ]
    return str(engines[-1]) if engines else None


def _make_room(unit: Unit, new: Reservation) -> None:
    earlier = unit.live_reservation(new.card_fingerprint, new.kind)
    if earlier is None:
        return
    now = new.reserved_at
    if earlier.state in {ReservationState.CLAIMED, ReservationState.RESETTING}:
        raise ReservationInUse
    if earlier.state is ReservationState.UNKNOWN:
        if earlier.expires_at > now:
            raise PreviousResultPending
        unit.advance(earlier.id, ReservationEvent.REPLACE, at=now, actor="resident", guard=Guard(expired_at=now))
        return
    unit.advance(earlier.id, ReservationEvent.REPLACE, at=now, actor="resident")
