"""From a machine's table to conditional UPDATEs: the same table that the use cases read decides the race in the database."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, TypeAlias, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, Update, bindparam, case, literal, update

from services.domain.machine import E, Machine, S
from services.ports import RAISE
from services.storage.rows import columns_of, first

T = TypeVar("T")
Comparison: TypeAlias = Callable[[Any, Any], Any]
_ROW: Final = "row_id"


class Moves(Generic[T, S, E]):
    """One table's conditional UPDATEs.

    Each is built once: SQLAlchemy takes five times longer to build such a statement than to run it.
    """

    def __init__(
        self, table: Table, shape: type[T], machine: Machine[S, E], conditions: Mapping[str, tuple[str, Comparison]]
    ) -> None:
        """`conditions`: what may be asked beyond the state, as (column, comparison) with the value that is given."""
        self._table = table
        self._shape = shape
        self._machine = machine
        self._conditions = conditions
        self._built: dict[tuple[E, frozenset[str], frozenset[str], frozenset[str]], Update] = {}

    def move(
        self, connection: Connection, row_id: str, event: E, changes: Mapping[str, object], asked: Mapping[str, object]
    ) -> T | None:
        """Moves the row and returns it as it is now; `None` when its state or a condition did not hold."""
        raised = frozenset(name for name, value in changes.items() if value is RAISE)
        given = changes.keys() - raised
        statement = self._statement(event, frozenset(given), raised, frozenset(asked))
        values = {f"set_{name}": changes[name] for name in given} | {f"if_{name}": asked[name] for name in asked}
        return first(connection, self._shape, statement, {_ROW: row_id, **values})

    def _statement(self, event: E, given: frozenset[str], raised: frozenset[str], asked: frozenset[str]) -> Update:
        key = (event, given, raised, asked)
        if key not in self._built:
            self._built[key] = self._build(event, given, raised, asked)
        return self._built[key]

    def _build(self, event: E, given: Iterable[str], raised: Iterable[str], asked: Iterable[str]) -> Update:
        """UPDATE … SET state = what the table says WHERE state IN (the event's sources) AND … RETURNING …"""
        column = self._table.c
        values: dict[str, Any] = {name: bindparam(f"set_{name}", type_=column[name].type) for name in given}
        values |= {name: column[name] + 1 for name in raised}
        if "state" in values:
            raise ValueError("only an event moves a state")
        return (
            update(self._table)
            .where(column.id == bindparam(_ROW), column.state.in_(sorted(self._machine.sources(event))))
            .where(*(self._condition(name) for name in asked))
            .values(**values, state=_target(column.state, self._machine, event))
            .returning(*columns_of(self._table, self._shape))
        )

    def _condition(self, name: str) -> ColumnElement[bool]:
        column_name, compare = self._conditions[name]
        column = self._table.c[column_name]
        condition: ColumnElement[bool] = compare(column, bindparam(f"if_{name}", type_=column.type))
        return condition


def _target(state: Column[Any], machine: Machine[S, E], event: E) -> ColumnElement[Any]:
    targets = {source: machine.next(source, event) for source in sorted(machine.sources(event))}
    if len(set(targets.values())) == 1:
        return literal(next(iter(targets.values())), state.type)
    # One event may lead to different states: the row itself says from where it comes, even after waiting for its lock.
    return case(*((state == source, literal(target, state.type)) for source, target in targets.items()), else_=state)
