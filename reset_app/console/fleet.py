"""What staff see of the terminals: what needs somebody on top, and what could be suspended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.bootstrap import Services
from services.domain.terminal import Heard, PlaceClass, Terminal, TerminalStatus
from services.domain.terminal_policy import TERMINAL_SCOPES, Scope, Suspension, Trait
from services.usecases.suspended import Traits, traits_of

# Reasons to be closed that call nobody anew: planned, of staff's own making, or with an alert of their own.
EXPECTED: Final = frozenset({"", "hours", "maintenance", "suspended", "clock", "reader", "disk"})


@dataclass(frozen=True)
class Row:
    """One terminal. `alerts` are names of `words.ALERTS`."""

    terminal: Terminal
    heard: Heard | None
    alerts: tuple[str, ...]
    stopped: frozenset[Trait]

    @property
    def suspended(self) -> bool:
        """Whether something that is suspended touches it."""
        return bool(self.traits & self.stopped)

    @property
    def traits(self) -> Traits:
        """By what it can be suspended."""
        return traits_of(self.terminal, None if self.heard is None else self.heard.report.build)

    @property
    def rank(self) -> tuple[bool, bool, str]:
        """What needs somebody first, then what is suspended, then by name."""
        return (not self.alerts, not self.suspended, self.terminal.name)


def overview(services: Services) -> Sequence[Row]:
    """Every terminal."""
    now, heard = services.ports.clock.now(), services.terminals.heard()
    with services.ports.ledger.begin() as unit:
        stopped, builds = frozenset(found.trait for found in unit.suspensions()), unit.builds()
    rows = [
        Row(terminal, last := heard.get(terminal.id), _alerts(terminal, last, builds, now), stopped)
        for terminal in services.terminals.everyone()
    ]
    return sorted(rows, key=lambda row: row.rank)


def touched(rows: Sequence[Row], suspension: Suspension) -> int | None:
    """How many terminals a suspension stops; `None` where it is about cards or reservations."""
    if suspension.scope not in TERMINAL_SCOPES:
        return None
    return sum(suspension.trait in row.traits for row in rows)


def cohorts(services: Services, rows: Sequence[Row]) -> Mapping[Scope, Sequence[str]]:
    """What the server knows of and staff may suspend, by scope."""
    with services.ports.ledger.begin() as unit:
        engines, builds = unit.matchers(), unit.builds()
    reported = {row.heard.report.build for row in rows if row.heard is not None}
    found: dict[Scope, set[str]] = {
        Scope.STORE: {row.terminal.store for row in rows},
        Scope.COHORT: {row.terminal.cohort for row in rows},
        Scope.PLACE: {place.value for place in PlaceClass},
        Scope.BUILD: reported | builds,
        Scope.CARD_GENERATION: set(services.card_generations),
        Scope.MATCHER: set(engines),
        Scope.TERMINAL: {row.terminal.id for row in rows},
    }
    return {scope: sorted(value for value in values if value) for scope, values in found.items()}


def chosen(text: str) -> Trait | None:
    """The cohort that a form names."""
    try:
        return Trait.parse(text)
    except ValueError:
        return None


def _alerts(terminal: Terminal, heard: Heard | None, builds: frozenset[str], now: datetime) -> tuple[str, ...]:
    if terminal.status is TerminalStatus.SUSPENDED:
        return ()
    if heard is None:
        return ("never",)
    unknown = ("build",) if builds and heard.report.build not in builds else ()
    closed = () if heard.report.closed in EXPECTED else ("closed",)
    return (*heard.alerts(now), *unknown, *closed)
