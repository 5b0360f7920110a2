"""The log's part of a transaction: entries are gathered, and chained as the last thing before the commit.

The chain is one row that every writer needs. It is locked last, so that a writer holds it for the commit only; PostgreSQL
waits at its row, SQLite has one writer anyway. Because the entries are of the same transaction, there is no move without
its entry and no entry without its move.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, insert, select, update

from services.domain.audit import AuditEntry, AuditEvent, chain, read_entry
from services.storage.tables import audit_entries, audit_head

NO_FIELDS: Final[Mapping[str, str | int]] = MappingProxyType({})
_HEAD: Final = select(audit_head.c.size, audit_head.c.chain)
_LOCK_HEAD: Final = _HEAD.with_for_update()
_ADD: Final = insert(audit_entries)
_MOVE_HEAD: Final = update(audit_head)


class AuditRows:
    """One transaction's connection, and the entries that will be written with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pending: list[AuditEntry] = []

    def record(
        self, event: AuditEvent, subject: str, *, at: datetime, actor: str, audit: Mapping[str, str | int] = NO_FIELDS
    ) -> None:
        self._pending.append(AuditEntry(index=0, at=at, event=event, subject=subject, actor=actor, fields=dict(audit)))

    def flush(self) -> None:
        """Chains and writes the entries gathered so far; the log's head stays locked until the commit."""
        if not self._pending:
            return
        size, head = self._connection.execute(_LOCK_HEAD).one()
        rows = []
        for position, pending in enumerate(self._pending, size):
            entry = replace(pending, index=position)
            head = chain(head, entry.octets)
            rows.append({"position": position, "subject": entry.subject, "octets": entry.octets, "chain": head})
        self._connection.execute(_ADD, rows)
        self._connection.execute(_MOVE_HEAD, {"size": size + len(rows), "chain": head})
        self._pending.clear()

    def audit_of(self, subject: str) -> Sequence[AuditEntry]:
        self.flush()
        rows = self._connection.execute(
            select(audit_entries.c.octets).where(audit_entries.c.subject == subject).order_by(audit_entries.c.position)
        )
        return [read_entry(octets) for (octets,) in rows]

    def audit_links(self) -> Sequence[tuple[bytes, bytes]]:
        self.flush()
        rows = self._connection.execute(
            select(audit_entries.c.octets, audit_entries.c.chain).order_by(audit_entries.c.position)
        )
        return [(octets, stored) for octets, stored in rows]

    def audit_chain(self, index: int) -> bytes:
        self.flush()
        chosen = select(audit_entries.c.chain).where(audit_entries.c.position == index)
        stored: bytes = self._connection.execute(chosen).scalar_one()
        return stored

    def audit_head(self) -> tuple[int, bytes]:
        self.flush()
        size, head = self._connection.execute(_HEAD).one()
        return size, head
