"""`pinreset bench claims`: claims per second by this ledger, beside pgbench running the very same statements.

The statements are taken from the ledger while it claims, not written again. Rounds of both alternate, so that a busy machine slows
both; the medians count. Every round also says how long the disk took to make 4 KiB durable in the same minute.
"""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

from psycopg import ClientCursor, Connection
from sqlalchemy import event, func, insert, make_url, select

from services.domain.password import PasswordKind
from services.domain.reservation import LEASE, Claim, ReservationEvent, ReservationState, deadline
from services.ports import RAISE, Guard
from services.storage.database import Database, open_database
from services.storage.ledger import SQLLedger
from services.storage.migrations import migrate
from services.storage.tables import reservations
from services.storage.throwaway import postgres_programs, throwaway_postgres

KIOSKS: Final = 16
ROUNDS: Final = 3
_NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)
_POSITION: Final = 900_000_000_001  # stands for the log's length, which pgbench asks for itself
_SIZE: Final = 900_000_000_002
_TIME: Final = re.compile(r"'(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?\+00:00'")


@dataclass(frozen=True)
class ClaimFigures:
    """Medians of the rounds. `floor_per_s` is pgbench's; there is none for SQLite."""

    database: str
    claims_per_s: float
    floor_per_s: float | None
    fdatasync_ms: float

    @property
    def ratio(self) -> float | None:
        """The ledger's share of what the database can do."""
        return None if self.floor_per_s is None else self.claims_per_s / self.floor_per_s

    def __str__(self) -> str:
        floor = f"; pgbench, same SQL: {self.floor_per_s:,.0f}/s; ratio {self.ratio:.2f}" if self.floor_per_s else ""
        disk = f"; fdatasync of 4 KiB: {self.fdatasync_ms:.2f} ms"
        return f"{self.database}: {self.claims_per_s:,.0f} claims/s from {KIOSKS} threads{floor}{disk}"


def bench_claims(*, each: int = 50) -> Iterator[ClaimFigures]:
    """Measures SQLite, and PostgreSQL where its server is installed; `each` kiosk claims so often in a round."""
    with TemporaryDirectory(prefix="pinreset-bench-") as home, _migrated(f"sqlite:///{home}/bench.db") as database:
        bench = _Bench(database, each)
        rounds = [(bench.ledger_round(), fdatasync_ms(Path(home))) for _ in range(ROUNDS)]
        yield ClaimFigures("SQLite", median(r[0] for r in rounds), None, median(r[1] for r in rounds))
    programs = postgres_programs()
    if programs is None:
        return
    with throwaway_postgres(durable=True) as url, _migrated(url) as database, TemporaryDirectory() as home:
        bench = _Bench(database, each)
        script = bench.pgbench_script()
        three = [
            (bench.ledger_round(), bench.pgbench_round(programs / "pgbench", script), fdatasync_ms(Path(home)))
            for _ in range(ROUNDS)
        ]
        ledger, floor, disk = (median(column) for column in zip(*three, strict=True))
        yield ClaimFigures("PostgreSQL", ledger, floor, disk)


def fdatasync_ms(directory: Path, times: int = 50) -> float:
    """How long the disk takes to make 4 KiB durable, median."""
    taken = []
    with (directory / "fdatasync").open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(bytes(4096))
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - begun)
    return median(taken) * 1000


@contextmanager
def _migrated(url: str) -> Iterator[Database]:
    migrate(url)
    database = open_database(url)
    try:
        yield database
    finally:
        database.close()


class _Bench:
    """Rounds on one database, each with reservations of its own."""

    def __init__(self, database: Database, each: int) -> None:
        self._database = database
        self._ledger = SQLLedger(database)
        self._each = each
        self._numbers = count(1)

    def ledger_round(self) -> float:
        """Claims per second by this ledger."""
        first = self._reservations()

        def kiosk(number: int) -> None:
            for at in range(first + number * self._each, first + (number + 1) * self._each):
                self._claim(at)

        begun = time.perf_counter()
        with ThreadPoolExecutor(KIOSKS) as pool:
            list(pool.map(kiosk, range(KIOSKS)))
        return KIOSKS * self._each / (time.perf_counter() - begun)

    def pgbench_round(self, pgbench: Path, script: str) -> float:
        """Transactions per second by pgbench."""
        first = self._reservations()
        url = make_url(self._database.engine.url)
        clients = f"-n -M prepared -c {KIOSKS} -j 2 -t {self._each} -D i=-1 -D first={first} -D each={self._each}"
        target = ["-h", str(url.query["host"]), "-U", str(url.username), str(url.database)]
        command = [str(pgbench), *clients.split(), "-f", "/dev/stdin", *target]
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=True)  # noqa: S603  # ours
        found = re.search(r"tps = ([0-9.]+)", done.stdout)
        if found is None or self._claimed(first) != KIOSKS * self._each:
            raise RuntimeError(f"pgbench did not claim every reservation\n{done.stdout}{done.stderr}")
        return float(found[1])

    def pgbench_script(self) -> str:
        """One claim's statements as the ledger sends them, with pgbench's variables in the place of one claim's values."""
        first = self._reservations()
        with _statements(self._database) as sent:
            self._claim(first)
        with self._database.read() as connection:
            cursor = ClientCursor[Any](cast("Connection[Any]", connection.connection.driver_connection))
            lines = [_for_pgbench(cursor, statement, values, first) for statement, values in sent]
        head = ["\\set i :i + 1", "\\set n :first + :client_id * :each + :i", "BEGIN;"]
        return "\n".join([*head, *lines, "END;", ""])

    def _claimed(self, first: int) -> int:
        ids = [f"bench-{number}" for number in range(first, first + KIOSKS * self._each)]
        claimed = select(func.count()).where(
            reservations.c.id.in_(ids), reservations.c.state == ReservationState.CLAIMED, reservations.c.fence == 1
        )
        with self._database.read() as connection:
            return int(connection.scalar(claimed) or 0)

    def _reservations(self) -> int:
        first = next(self._numbers) * 1_000_000
        rows = [_reservation(number) for number in range(first, first + KIOSKS * self._each)]
        with self._database.write() as connection:
            connection.execute(insert(reservations), rows)
        return first

    def _claim(self, number: int) -> None:
        claim_id, lease = f"claim-{number}", _NOW + LEASE
        changes = {"claim_id": claim_id, "claimed_at": _NOW, "lease_until": lease, "fence": RAISE}
        with self._ledger.begin() as unit:
            held = unit.advance(
                f"bench-{number}",
                ReservationEvent.CLAIM,
                at=_NOW,
                actor="terminal",
                guard=Guard(unexpired_at=_NOW),
                changes=changes,
                audit={"claim": claim_id, "terminal": "terminal"},
            )
            unit.add_claim(Claim(claim_id, held.id, "terminal", held.fence, _NOW, lease, bytes(32)))


def _reservation(number: int) -> dict[str, Any]:
    return {
        "id": f"bench-{number}",
        "kind": PasswordKind.SIGNATURE,
        "card_fingerprint": f"card-{number}",
        "other_key_fingerprint": "key",
        "state": ReservationState.RESERVED,
        "reserved_at": _NOW,
        "expires_at": deadline(_NOW),
        "rehearsal": True,
        "fence": 0,
        "authorisations": 0,
    }


@contextmanager
def _statements(database: Database) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    sent: list[tuple[str, dict[str, Any]]] = []

    def note(*call: Any) -> None:
        _connection, _cursor, statement, values = call[:4]
        sent.append((statement, values[0] if isinstance(values, list) else values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def _for_pgbench(cursor: ClientCursor[Any], statement: str, values: dict[str, Any], number: int) -> str:
    stand_ins = {"position": _POSITION, "size": _SIZE}
    named = {name: stand_ins.get(re.sub(r"__\d+$", "", name), value) for name, value in values.items()}
    sql = cursor.mogrify(statement, named)
    # pgbench takes every colon before a word for a variable, within quotes too.
    sql = _TIME.sub(r"'\1\2\3T\4\5\6Z'", sql)
    sql = re.sub(rf"'(bench|claim)-{number}'", r"('\1-' || :n ::text)", sql)
    sql = sql.replace(str(_POSITION), ":size").replace(str(_SIZE), "(:size + 1)")
    return sql + (" \\gset" if "FOR UPDATE" in sql else ";")


def main(say: Callable[[str], None] = print) -> None:
    """Prints the figures as they come."""
    for figures in bench_claims():
        say(str(figures))


if __name__ == "__main__":
    main()
