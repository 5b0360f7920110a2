"""The receipt of a reset, made from the audit log whenever it is asked for: the same one every time."""

from services.domain.audit import AuditEvent
from services.domain.receipt import Receipt
from services.ports import Ports, Unit


def receipt_of_reservation(ports: Ports, reservation_id: str) -> Receipt | None:
    """What its reset is told by; `None` where there was none, or it is older than receipts."""
    with ports.ledger.begin() as unit:
        return _receipt(unit, reservation_id)


def receipt_of_claim(ports: Ports, claim_id: str) -> Receipt | None:
    """The receipt of the reset under this claim's reservation."""
    with ports.ledger.begin() as unit:
        claim = unit.claim(claim_id)
        return None if claim is None else _receipt(unit, claim.reservation_id)


def _receipt(unit: Unit, reservation_id: str) -> Receipt | None:
    for entry in unit.audit_of(reservation_id):
        if entry.event is AuditEvent.RESERVATION_COMPLETED:
            return Receipt.of(entry, head=unit.audit_chain(entry.index), log=unit.audit_chain(0))
    return None
