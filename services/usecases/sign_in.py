"""A member of staff has signed in: the log says so."""

from services.domain.audit import AuditEvent
from services.ports import Ports


def note_sign_in(ports: Ports, staff: str) -> None:
    """Writes the entry."""
    with ports.ledger.begin() as unit:
        unit.record(AuditEvent.STAFF_SIGNED_IN, staff, at=ports.clock.now(), actor=staff, audit={"staff": staff})
