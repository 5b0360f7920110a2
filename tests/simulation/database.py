"""SQLite in memory, with a hand on every transaction: it can be watched, torn at its commit, saved and brought back."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, StaticPool, create_engine, event

from services.storage.database import Database

Moment = Literal["begin", "before", "after"]
Hook = Callable[[Moment, int], None]

PAGE_BYTES = 1024  # small pages: a saved database of a few dozen rows has 60 kB


class _Line(sqlite3.Connection):
    """The driver's connection. `committing` may raise, before the commit or after it."""

    committing: Callable[[Moment], None]

    def commit(self) -> None:
        if not self.in_transaction:
            return
        self.committing("before")
        super().commit()
        self.committing("after")

    def close(self) -> None:
        """A connection that is given up takes its transaction with it; the database stays."""
        self.rollback()


class WatchedDatabase(Database):
    """`services.storage.database.Database` on one connection in memory.

    `hook` hears of every outermost transaction by its number: `begin`, and where it changes something, `before` and `after` its
    commit. What it raises there happens there.
    """

    def __init__(self, template: Path) -> None:
        self._raw = sqlite3.connect(":memory:", factory=_Line, check_same_thread=False, isolation_level=None)
        self._raw.committing = self._committing
        _copy(template, self._raw)
        self._tables = [
            name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        engine = create_engine("sqlite://", creator=lambda: self._raw, poolclass=StaticPool, hide_parameters=True)
        event.listen(engine, "begin", _begin)
        super().__init__(engine)
        self.hook: Hook = lambda _moment, _number: None
        self.changed: list[bool] = []
        self._changes = 0
        self._outer = False

    @contextmanager
    def write(self) -> Iterator[Connection]:
        if self._outer:
            with super().write() as connection:
                yield connection
            return
        self.hook("begin", len(self.changed))
        self.changed.append(False)
        self._outer, self._changes = True, self._raw.total_changes
        try:
            with super().write() as connection:
                yield connection
        finally:
            self._outer = False

    def _committing(self, moment: Moment) -> None:
        if moment == "before":
            self.changed[-1] = self._raw.total_changes > self._changes
        if self.changed[-1]:
            self.hook(moment, len(self.changed) - 1)

    def save(self) -> bytes:
        """Everything that is in it."""
        return self._raw.serialize()

    def digest(self) -> bytes:
        """Of every row of every table, with its rowid: how SQLite lays them out in its pages is not always the same."""
        rows = [(table, self.rows(f"SELECT rowid, * FROM {table}")) for table in self._tables]
        return sha256(repr(rows).encode()).digest()[:16]

    def bring_back(self, saved: bytes) -> None:
        """What `save` gave becomes what is in it."""
        self._raw.deserialize(saved)

    def rows(self, question: str) -> list[tuple]:
        """Raw rows."""
        return self._raw.execute(question).fetchall()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _copy(template: Path, into: sqlite3.Connection) -> None:
    with sqlite3.connect(f"file:{template}?immutable=1", uri=True) as file:
        script = "\n".join(file.iterdump())
    file.close()
    into.execute(f"PRAGMA page_size={PAGE_BYTES}")
    into.executescript(script)
    into.execute("PRAGMA foreign_keys=ON")
