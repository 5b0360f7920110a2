"""A small log with one reset in it, and the receipt of that."""

from datetime import UTC, datetime

from services.domain.audit import GENESIS, AuditEntry, AuditEvent, chain
from services.domain.receipt import Receipt

AT = datetime(2026, 11, 21, 0, 0, 59, 123456, tzinfo=UTC)  # 09:00 in Japan
TOLD = {"claim": "c1", "terminal": "t1", "key": "k", "kind": "signature", "place": "store"}


def entry(index: int, event: AuditEvent, **fields: str) -> AuditEntry:
    return AuditEntry(index=index, at=AT, event=event, subject=f"r{index}", actor="t1", fields=fields)


def log(first: str = "signature") -> list[bytes]:
    """Six entries; the fourth tells of a reset."""
    started = entry(0, AuditEvent.INTAKE_STARTED, kind=first)
    others = [entry(index, AuditEvent.RESERVATION_EXPIRED) for index in (1, 2)]
    done = entry(3, AuditEvent.RESERVATION_COMPLETED, **TOLD)
    after = [entry(index, AuditEvent.RESERVATION_EXPIRED) for index in (4, 5)]
    return [one.octets for one in (started, *others, done, *after)]


def heads(entries: list[bytes]) -> list[bytes]:
    """The chain hash after each entry."""
    found, head = [], GENESIS
    for octets in entries:
        head = chain(head, octets)
        found.append(head)
    return found


def receipt(entries: list[bytes]) -> Receipt:
    done, after = entry(3, AuditEvent.RESERVATION_COMPLETED, **TOLD), heads(entries)
    made = Receipt.of(done, head=after[3], log=after[0])
    assert made is not None
    return made
