"""A kiosk gives a reservation back, or its lease ends."""

from services.domain.errors import StepNotAllowed
from services.domain.reservation import Reservation, ReservationEvent
from services.ports import Guard, Ports


def release(ports: Ports, claim_id: str, terminal_id: str, *, why: str) -> Reservation | None:
    """Gives the claim's reservation back; `None` where the claim no longer holds it. Safe to repeat."""
    with ports.ledger.begin() as unit:
        held = unit.claim(claim_id)
        if held is None or held.terminal_id != terminal_id:
            return None
        try:
            return unit.advance(
                held.reservation_id,
                ReservationEvent.RELEASE,
                at=ports.clock.now(),
                actor=terminal_id,
                guard=Guard(claim_id=claim_id),
                changes={"lease_until": None},
                audit={"claim": claim_id, "terminal": terminal_id, "why": why},
            )
        except StepNotAllowed:
            return None


def release_stale(ports: Ports) -> int:
    """Ends the leases that have run out; returns how many."""
    now = ports.clock.now()
    ended = 0
    with ports.ledger.begin() as unit:
        due = [found for found in unit.due_reservations(now) if found.lease_until is not None]
    for found in due:
        with ports.ledger.begin() as unit:
            try:
                unit.advance(
                    found.id,
                    ReservationEvent.LEASE_END,
                    at=now,
                    actor="job",
                    guard=Guard(lease_ended_at=now),
                    changes={"lease_until": None},
                    audit={"claim": found.claim_id or ""},
                )
                ended += 1
            except StepNotAllowed:
                continue  # a kiosk was faster, which is as good
    return ended
