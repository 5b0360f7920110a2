"""What happens by the clock: name, how often, and the function. Nothing that must be right depends on it: jobs only tidy."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from services.ports import Ports
from services.storage.database import Database
from services.storage.staff import StaffDirectory
from services.storage.terminals import Terminals
from services.usecases.expire import expire
from services.usecases.purge import purge
from services.usecases.release import release_stale
from services.usecases.run_check import lose_late_checks


class Workplace(Protocol):
    """What jobs work with; `bootstrap.Services` is one."""

    @property
    def ports(self) -> Ports: ...

    @property
    def database(self) -> Database: ...

    @property
    def terminals(self) -> Terminals: ...

    @property
    def staff(self) -> StaffDirectory: ...

    @property
    def refresh_crls(self) -> Callable[[], object]: ...


@dataclass(frozen=True)
class Job:
    """One row of the table. `run` may return how many things it tidied, for the log."""

    name: str
    every: timedelta
    run: Callable[[Workplace], object]


def purge_nonces(place: Workplace) -> int:
    """Forgets nonces, seen requests and staff sessions that have ended; returns how many."""
    now = place.ports.clock.now()
    with place.ports.ledger.begin() as unit:
        ended = unit.purge_nonces(now)
    return ended + place.terminals.purge(now) + place.staff.purge()


JOBS: Final = (
    Job("expire", timedelta(minutes=1), lambda place: expire(place.ports)),
    Job("release_stale", timedelta(seconds=30), lambda place: release_stale(place.ports)),
    Job("lose_late_checks", timedelta(minutes=1), lambda place: lose_late_checks(place.ports)),
    Job("purge_evidence", timedelta(minutes=1), lambda place: purge(place.ports)),
    Job("purge_nonces", timedelta(minutes=5), purge_nonces),
    Job("refresh_crls", timedelta(hours=1), lambda place: place.refresh_crls()),
)
