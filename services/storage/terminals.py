"""Terminals: who may send signed requests, and which requests have been seen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from services.domain.errors import RequestReplayed, TerminalRevoked, TerminalUnknown
from services.domain.policy import REQUEST_AGE
from services.domain.terminal import Heard, PlaceClass, Report, Terminal, TerminalStatus
from services.ports import Clock
from services.storage.database import Database
from services.storage.inserting import conflict_aware, insert_if_new
from services.storage.rows import columns_of, every, first, values_of
from services.storage.tables_of_access import terminal_requests, terminals
from services.storage.tables_of_terminals import terminal_reports

__all__ = ["PlaceClass", "Terminal", "Terminals"]

_COLUMNS: Final = columns_of(terminals, Terminal)
_REPORT: Final = columns_of(terminal_reports, Report)


class Terminals:
    """The enrolled terminals. Every method may raise StorageUnavailable."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def enrol(self, terminal: Terminal) -> None:
        """Enrols a terminal, or replaces its key, name, place and status."""
        values = values_of(terminal)
        with self._database.write() as connection:
            statement = conflict_aware(connection, terminals).values(values)
            connection.execute(statement.on_conflict_do_update(index_elements=[terminals.c.id], set_=values))

    def active(self, terminal_id: str) -> Terminal:
        """The terminal, when its requests are accepted.

        Raises:
            TerminalUnknown, TerminalRevoked
        """
        found = self.known(terminal_id)
        if found.status is not TerminalStatus.ACTIVE:
            raise TerminalRevoked
        return found

    def known(self, terminal_id: str) -> Terminal:
        """The terminal, whose key may have been taken back.

        Raises:
            TerminalUnknown
        """
        with self._database.read() as connection:
            found = first(connection, Terminal, select(*_COLUMNS).where(terminals.c.id == terminal_id))
        if found is None:
            raise TerminalUnknown
        return found

    def everyone(self) -> Sequence[Terminal]:
        """All of them, by id."""
        with self._database.read() as connection:
            return every(connection, Terminal, select(*_COLUMNS).order_by(terminals.c.id))

    def heard(self) -> Mapping[str, Heard]:
        """The last report of each terminal that was ever heard, by id."""
        said = select(terminal_reports.c.terminal_id, terminal_reports.c.seen_at, *_REPORT)
        with self._database.read() as connection:
            rows = connection.execute(said).all()
        return {row[0]: Heard(row[0], row[1], Report(*row[2:])) for row in rows}

    def remember(self, terminal_id: str, nonce: bytes) -> None:
        """Notes a request of an enrolled terminal, whose signature has been verified.

        Raises:
            RequestReplayed: this request was noted before.
        """
        row = {"terminal_id": terminal_id, "nonce": nonce, "seen_at": self._clock.now()}
        with self._database.write() as connection:
            if not insert_if_new(connection, terminal_requests, row):
                raise RequestReplayed

    def purge(self, now: datetime) -> int:
        """Forgets requests that would be refused for their age; returns how many."""
        # A request may be dated up to REQUEST_AGE ahead, and is accepted until it is REQUEST_AGE old.
        forgotten = delete(terminal_requests).where(terminal_requests.c.seen_at <= now - 2 * REQUEST_AGE)
        with self._database.write() as connection:
            return connection.execute(forgotten).rowcount
