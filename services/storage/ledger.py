"""The ledger: the only way to move a reservation, its audit entry included. One class, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.storage.database import Database
from services.storage.unit_checks import CheckRows
from services.storage.unit_claims import ClaimRows
from services.storage.unit_intakes import IntakeRows
from services.storage.unit_nonces import NonceRows
from services.storage.unit_policy import PolicyRows
from services.storage.unit_reservations import ReservationRows
from services.storage.unit_terminals import TerminalRows


class SQLUnit(ReservationRows, ClaimRows, IntakeRows, CheckRows, NonceRows, PolicyRows, TerminalRows):
    """One transaction, `ports.Unit`: its parts share a connection and the entries that go with it."""


class SQLLedger:
    """`ports.Ledger` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def begin(self) -> Iterator[SQLUnit]:
        """One transaction; the log's entries are chained last, so that writers wait for each other only there."""
        with self._database.write() as connection:
            unit = SQLUnit(connection)
            yield unit
            unit.flush()
