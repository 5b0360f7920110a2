"""Real programs, real misfortunes: runs each one, checks what must hold afterwards, and keeps a row of it."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from services.domain.crash_points import SERVER_POINTS, CrashPoint
from services.domain.password import PasswordKind
from services.domain.reservation import Reservation
from services.rehearsal import faults_for_real as faults
from services.rehearsal.canary import canaries, traces, written
from services.rehearsal.faults_for_real import Incident, Visit
from services.rehearsal.holder import Holder
from services.rehearsal.invariants import broken
from services.rehearsal.rig import Rig

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
JOURNAL_TIME_S: Final = 10.0

# From these points on the evidence is on the terminal's disk: it needs nobody's help.
_KEPT: Final = frozenset(list(CrashPoint)[list(CrashPoint).index(CrashPoint.EVIDENCE_JOURNALLED) :])


@dataclass(frozen=True)
class Fault:
    """One kind of misfortune.

    `points` is None where a visit has to find them out. With `both_kinds`, both passwords are reset at each point on the first
    of the databases; elsewhere they take turns. `means` says by what it was done, where machines differ in that.
    """

    name: str
    visit: Visit
    points: Sequence[str] | None
    databases: Sequence[str] = (SQLITE,)
    both_kinds: bool = True
    means: Callable[[Rig], str] = lambda _rig: ""


def _how_cards_are_pulled(rig: Rig) -> str:
    return "vpcd's socket closed, under pcscd" if rig.stage.pcsc else "socket reader closed"


FAULTS: Final = (
    Fault("kiosk-killed", faults.kill_kiosk, faults.KIOSK_POINTS, (SQLITE, POSTGRESQL)),
    Fault("server-killed", faults.kill_server, SERVER_POINTS, (SQLITE, POSTGRESQL)),
    Fault("database-crashed", faults.crash_database, faults.DATABASE_POINTS, (POSTGRESQL,)),
    Fault("line-cut", faults.cut_line, faults.LINE_POINTS, both_kinds=False, means=lambda rig: rig.line_there.means),
    Fault("minute-waited", faults.wait_a_minute, faults.WAITING_POINTS, both_kinds=False),
    Fault("disk-full", faults.fill_disk, faults.DISK_POINTS, means=lambda rig: rig.disk_there.means),
    Fault("card-pulled", faults.pull_card, None, means=_how_cards_are_pulled),
)


@dataclass(frozen=True)
class Row:
    """One run. Times are in seconds; `recovery_s` is from the misfortune until the reservation was completed for good."""

    fault: str
    database: str
    point: str
    kind: str
    means: str
    visits: int
    recovery_s: float
    took_s: float
    violations: list[str]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Which run it was."""
        return self.fault, self.database, self.point, self.kind


def run_fault(rig: Rig, database: str, fault: Fault, tell: Callable[[str], None]) -> Iterator[Row]:
    """Every point of the fault, with a line told for each."""
    cases = list(_cases(rig, fault, both_kinds=fault.both_kinds and database == fault.databases[0]))
    for number, (point, holder) in enumerate(cases, start=1):
        row = run(rig, database, fault, point, holder)
        verdict = "; ".join(row.violations) or "ok"
        tell(
            f"{number}/{len(cases)} {fault.name} {database} {point} {row.kind}: {verdict} "
            f"(recovery {row.recovery_s:.1f} s, run {row.took_s:.1f} s)"
        )
        yield row


def run(rig: Rig, database: str, fault: Fault, point: str, holder: Holder) -> Row:
    """One misfortune, the recovery, and the question what is broken."""
    began, incident = time.monotonic(), Incident()
    reservation = holder.reserve()
    holder.choose_another()
    try:
        fault.visit(rig, point, holder, incident)
    finally:
        rig.disarm()
    recover(rig, holder, reservation, incident, kept=point in _KEPT)
    done = time.monotonic()
    return Row(
        fault=fault.name,
        database=database,
        point=point,
        kind=holder.kind.value,
        means=fault.means(rig),
        visits=holder.visits,
        recovery_s=round(done - (incident.struck_at or began), 2),
        took_s=round(done - began, 2),
        violations=[*incident.broken, *violations(rig, holder, reservation)],
    )


def recover(rig: Rig, holder: Holder, reservation: Reservation, incident: Incident, *, kept: bool) -> None:
    """What the terminal kept is delivered; where that is nothing, the holder comes again with another password."""
    if holder.settled(reservation, over=lambda: holder.told is None and not rig.journal):
        return
    incident.expect("evidence that was on disk did not arrive", held=not kept and holder.told is None)
    holder.choose_another()
    incident.expect("the reservation is not usable again", held=holder.visit())
    holder.settled(reservation)


def violations(rig: Rig, holder: Holder, reservation: Reservation) -> list[str]:
    """Everything that does not hold now."""
    found = list(broken(holder, holder.story(reservation)))
    if not _journal_empties(rig):
        found.append(f"the journal keeps {len(rig.journal)} records")
    secrets = canaries(holder.props, holder.typed)
    for folder in rig.folders:
        found += [f"secret written: {trace}" for trace in traces(written(folder, rig.card_places), secrets)]
    return found


def _cases(rig: Rig, fault: Fault, *, both_kinds: bool) -> Iterator[tuple[str, Holder]]:
    """Points and holders."""
    holders = [rig.holder(kind) for kind in PasswordKind]
    if fault.points is None:
        for holder in holders:
            yield from ((point, holder) for point in faults.apdu_points(rig, holder))
        return
    for number, point in enumerate(fault.points):
        for holder in holders if both_kinds else [holders[number % len(holders)]]:
            yield point, holder


def _journal_empties(rig: Rig) -> bool:
    end = time.monotonic() + JOURNAL_TIME_S
    while rig.journal:
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


# ── Rows on disk ────────────────────────────────────────────────────────────────────────────────────────────────────


def kept_rows(file: Path) -> list[Row]:
    """The newest row of each run."""
    if not file.exists():
        return []
    rows = [Row(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    return list({row.key: row for row in rows}.values())


def keep(file: Path, row: Row) -> None:
    """Adds a row."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as rows:
        rows.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
