"""A state machine is a table that everybody can read at once.

The same table answers three askers: the use case (`next`), the database (`sources` gives the
`WHERE state IN (…)` of a conditional UPDATE, so that the database decides a race) and the reader (`mermaid`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from services.domain.errors import StepNotAllowed

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class Machine(Generic[S, E]):
    """A transition table with its first state."""

    name: str
    initial: S
    table: Mapping[tuple[S, E], S]

    def next(self, state: S, event: E) -> S:
        """The state after the event.

        Raises:
            StepNotAllowed: the table has no such move.
        """
        try:
            return self.table[state, event]
        except KeyError:
            raise StepNotAllowed(machine=self.name, state=state.value, event=event.value) from None

    def allows(self, state: S, event: E) -> bool:
        """Whether the table has this move."""
        return (state, event) in self.table

    def sources(self, event: E) -> frozenset[S]:
        """The states that the event may leave."""
        return frozenset(state for state, by in self.table if by == event)

    def terminal(self) -> frozenset[S]:
        """The states that nothing leaves."""
        return frozenset(self.table.values()) - frozenset(state for state, _ in self.table)

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram, for the documentation."""
        moves = [
            f"    {state.value} --> {target.value}: {event.value}" for (state, event), target in self.table.items()
        ]
        ends = [f"    {state.value} --> [*]" for state in sorted(self.terminal())]
        return "\n".join(["stateDiagram-v2", f"    [*] --> {self.initial.value}", *moves, *ends])
