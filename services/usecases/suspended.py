"""Whether a terminal, a card and a reservation may begin something now. What has begun is never stopped: see ADR 0016."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from services.domain.errors import (
    BuildSuspended,
    CardGenerationSuspended,
    CohortSuspended,
    MatcherSuspended,
    PlaceSuspended,
)
from services.domain.reservation import Reservation
from services.domain.terminal import Terminal
from services.domain.terminal_policy import Scope, Trait
from services.ports import Office, Unit

Traits: TypeAlias = frozenset[Trait]
REFUSALS: Final[dict[Scope, type[CohortSuspended]]] = {
    Scope.TERMINAL: PlaceSuspended,
    Scope.STORE: PlaceSuspended,
    Scope.PLACE: PlaceSuspended,
    Scope.COHORT: PlaceSuspended,
    Scope.BUILD: BuildSuspended,
    Scope.CARD_GENERATION: CardGenerationSuspended,
    Scope.MATCHER: MatcherSuspended,
}


def terminal_traits(ports: Office, unit: Unit, terminal_id: str) -> Traits:
    """What a terminal belongs to; its build is the last one that it told of.

    Raises:
        BuildSuspended: the build is not known.
    """
    build = unit.reported_build(terminal_id)
    demand_known_build(ports, unit, build)
    found = unit.terminal(terminal_id)
    return frozenset({Trait(Scope.TERMINAL, terminal_id)}) if found is None else traits_of(found, build)


def traits_of(terminal: Terminal, build: str | None) -> Traits:
    """By what an enrolled terminal with this build can be suspended."""
    values = {
        Scope.TERMINAL: terminal.id,
        Scope.STORE: terminal.store,
        Scope.PLACE: terminal.place.value,
        Scope.COHORT: terminal.cohort,
        Scope.BUILD: build or "",
    }
    return frozenset(Trait(scope, value) for scope, value in values.items() if value)


def reservation_traits(reservation: Reservation, generations: Iterable[str]) -> Traits:
    """What a reservation and the card that brings it belong to."""
    cards = {Trait(Scope.CARD_GENERATION, label) for label in generations}
    return frozenset(cards | ({Trait(Scope.MATCHER, reservation.matcher)} if reservation.matcher else set()))


def demand_known_build(ports: Office, unit: Unit, build: str | None) -> None:
    """Lets a known build pass. A rehearsal that lists no builds knows them all.

    Raises:
        BuildSuspended: the build is not on the list, or was never told.
    """
    known = unit.builds()
    if build not in known and (known or not ports.rehearsal):
        raise BuildSuspended(reason="unknown")


def refuse_suspended(unit: Unit, traits: Traits) -> None:
    """Lets pass what no suspension in force touches.

    Raises:
        CohortSuspended: the child that says what is suspended.
    """
    for suspension in unit.suspensions():
        if suspension.trait in traits:
            raise REFUSALS[suspension.scope]
