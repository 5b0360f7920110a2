"""A reservation is given up before any kiosk has it."""

from services.domain.reservation import Reservation, ReservationEvent
from services.ports import Ports


def cancel(ports: Ports, reservation_id: str, *, actor: str, why: str) -> Reservation:
    """Cancels.

    Raises:
        ReservationNotFound: there is none of this id.
        StepNotAllowed: a kiosk has it, or it has ended.
    """
    with ports.ledger.begin() as unit:
        return unit.advance(
            reservation_id, ReservationEvent.CANCEL, at=ports.clock.now(), actor=actor, audit={"why": why}
        )
