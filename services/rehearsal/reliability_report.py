"""docs/reliability.md, of the rows that are kept. The same rows give the same text."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from statistics import median
from typing import Final

from services.rehearsal.reliability import FAULTS, Fault, Row

_HEAD: Final = """# Reliability

Made by `pinreset bench reliability --write docs/reliability.md` from real runs; times are those of a shared machine
of 2 cores and of an untiring virtual visitor. What runs: gunicorn with the server, the job process, the virtual
issuer, the kiosk's program, SQLite or Debian's PostgreSQL (`fsync` on), and the virtual card behind pcscd and vpcd.
Each run is one reservation: a holder comes to the kiosk, one misfortune strikes, everything that was broken runs
again, and where nothing that was kept completes the reservation, the holder comes again **with another password**.

A run violates something unless, after recovery, all of this holds:

1. the reservation is completed, and has at most one `completed` in the log;
2. the card accepts the password that the holder was last told is set, both at that moment and at the end; whoever
   was told is completed;
3. a completed reservation's card has the password that was typed last; no card was changed without an authorisation
   on record;
4. the audit chain verifies, and holds every claim, every authorisation and the completion that the reservation's
   row tells of;
5. the kiosk's journal is empty; evidence that was on its disk arrived without the holder;
6. no password, name, address, birth date or 照合番号B stands in any file that the programs wrote: logs, journal,
   database with its write-ahead log;
7. where the terminal can wait (server gone, database gone, line cut, card pulled), the *same* visit ends with the
   password set.

*Recovery* is from the misfortune until the reservation is completed for good, restarts and a second visit included; on
a machine that is busy with something else it is mostly the start of the programs. *Visits* are those with one visit and
with two. Beside it, every crash point is tried with both kinds in process (`tests/kiosk/test_power_cut_at_every_step.py`)
and with one for real (`tests/e2e/test_killed_at_every_step.py`), and `tests/e2e/test_the_bench_sees.py` breaks things on
purpose and asks that this bench notices.
"""

_ABOUT: Final = {
    "kiosk-killed": "`kill -9` of the kiosk's program at each of its named points; started again afterwards.",
    "server-killed": (
        "`kill -9` of gunicorn and its workers before a call is looked at, or when it is durable and not "
        "answered; started again at once."
    ),
    "database-crashed": (
        "`pg_ctl -m immediate stop` and start: before a request reaches the server, while it is worked on, "
        "before its answer goes out."
    ),
    "line-cut": (
        "The line between kiosk and server is cut before a request or an answer has passed: for 3 s (short), "
        "and for 25 s (long), which is longer than the kiosk waits for one answer."
    ),
    "minute-waited": (
        "Nobody answers at the server's address for 58 real seconds; the kiosk's last question, at 60 s, is "
        "heard. That the screen stood for a minute is among the things asked."
    ),
    "disk-full": (
        "The kiosk's disk is full just before it writes this step into its journal, and has room again after the visit."
    ),
    "card-pulled": (
        "The card is pulled at each APDU of the reset, before it has seen the command, after its durable "
        "write, or after its answer was made; it is put back when the screen asks for it."
    ),
}


def report(rows: Sequence[Row]) -> str:
    """The whole document."""
    return "\n".join([_HEAD, *_summary(rows), "", *_details(rows)]).rstrip() + "\n"


def _summary(rows: Sequence[Row]) -> Iterator[str]:
    yield "| misfortune | database | points | runs | violations | visits 1 / 2 | recovery median | longest |"
    yield "|---|---|---|---|---|---|---|---|"
    for fault in FAULTS:
        for database in fault.databases:
            mine = [row for row in rows if (row.fault, row.database) == (fault.name, database)]
            points = len({_point(row) for row in mine})
            yield f"| {fault.name} | {database} | " + (
                f"{points} | {_figures(mine)} |" if mine else "not run | | | | | |"
            )
    yield f"| all | | | {_figures(rows)} |"


def _details(rows: Sequence[Row]) -> Iterator[str]:
    for fault in FAULTS:
        mine = [row for row in rows if row.fault == fault.name]
        if mine:
            yield f"## {fault.name}\n"
            yield _ABOUT[fault.name] + _means(mine) + "\n"
            yield from _points(fault, mine)
            yield from _violations(mine)
            yield ""


def _points(fault: Fault, rows: Sequence[Row]) -> Iterator[str]:
    yield f"| {'APDU' if fault.points is None else 'point'} | runs | violations | visits 1 / 2 | recovery median | longest |"
    yield "|---|---|---|---|---|---|"
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[_point(row)].append(row)
    order = list(fault.points or sorted(grouped))
    for point in sorted(grouped, key=lambda name: order.index(name) if name in order else len(order)):
        yield f"| {point} | {_figures(grouped[point])} |"


def _violations(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        if row.violations:
            yield f"\n**Violated** at {row.point}, {row.kind}, {row.database}: {'; '.join(row.violations)}."


def _figures(rows: Sequence[Row]) -> str:
    violated = sum(bool(row.violations) for row in rows)
    once = sum(row.visits == 1 for row in rows)
    times = [row.recovery_s for row in rows] or [0.0]
    return f"{len(rows)} | {violated} | {once} / {len(rows) - once} | {median(times):.1f} s | {max(times):.1f} s"


def _point(row: Row) -> str:
    """Of an APDU its instruction and the moment: how many READ BINARY a certificate takes depends on the card."""
    if not row.point.startswith("apdu "):
        return row.point
    _, _, instruction, moment = row.point.split(" ")
    return f"{instruction} {moment}"


def _means(rows: Sequence[Row]) -> str:
    means = sorted({row.means for row in rows} - {""})
    return f" How: {', '.join(means)}." if means else ""
