"""Terminals: who may send signed requests, and which requests have been seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from services.domain.errors import RequestReplayed, TerminalRefused
from services.domain.policy import REQUEST_AGE
from services.domain.terminal import PlaceClass
from services.ports import Clock
from services.storage.database import Database
from services.storage.inserting import conflict_aware, insert_if_new
from services.storage.rows import columns_of, every, first, values_of
from services.storage.tables_of_access import TerminalStatus, terminal_requests, terminals

__all__ = ["PlaceClass", "Terminal", "Terminals"]


@dataclass(frozen=True)
class Terminal:
    """An enrolled terminal. `public_key` is what its requests are verified with."""

    id: str
    public_key: bytes
    name: str
    place: PlaceClass
    status: TerminalStatus = TerminalStatus.ACTIVE


_COLUMNS: Final = columns_of(terminals, Terminal)


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
            TerminalRefused: unknown or suspended; not told apart.
        """
        with self._database.read() as connection:
            found = first(connection, Terminal, select(*_COLUMNS).where(terminals.c.id == terminal_id))
        if found is None or found.status is not TerminalStatus.ACTIVE:
            raise TerminalRefused
        return found

    def everyone(self) -> Sequence[Terminal]:
        """All of them, by id."""
        with self._database.read() as connection:
            return every(connection, Terminal, select(*_COLUMNS).order_by(terminals.c.id))

    def suspend(self, terminal_id: str) -> None:
        """Accepts no request from it any more."""
        with self._database.write() as connection:
            suspended = update(terminals).where(terminals.c.id == terminal_id)
            connection.execute(suspended.values(status=TerminalStatus.SUSPENDED))

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
