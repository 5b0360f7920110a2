"""From a machine's table to a conditional UPDATE: the same table that the use cases read decides the race in the database."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import eq, gt, le, lt
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, Update, case, literal, update

from services.domain.machine import E, Machine, S
from services.ports import RAISE, Guard
from services.storage.tables import reservations


def moved(table: Table, machine: Machine[S, E], event: E, changes: Mapping[str, object]) -> Update:
    """UPDATE … SET state = what the table says WHERE state IN (the event's sources)."""
    state = table.c.state
    values: dict[str, Any] = {name: _value(table.c[name], value) for name, value in changes.items()}
    if "state" in values:
        raise ValueError("only an event moves a state")
    return (
        update(table)
        .where(state.in_(sorted(machine.sources(event))))
        .values(**values, state=_target(state, machine, event))
    )


def _target(state: Column[Any], machine: Machine[S, E], event: E) -> ColumnElement[Any]:
    targets = {source: machine.next(source, event) for source in sorted(machine.sources(event))}
    if len(set(targets.values())) == 1:
        return literal(next(iter(targets.values())), state.type)
    # One event may lead to different states: the row itself says from where it comes, even after waiting for its lock.
    return case(*((state == source, literal(target, state.type)) for source, target in targets.items()), else_=state)


def _value(column: Column[Any], value: object) -> object:
    return column + 1 if value is RAISE else value


_CONDITIONS: Final[Mapping[str, tuple[Column[Any], Callable[[Any, Any], Any]]]] = {
    "unexpired_at": (reservations.c.expires_at, gt),
    "expired_at": (reservations.c.expires_at, le),
    "claim_id": (reservations.c.claim_id, eq),
    "lease_running_at": (reservations.c.lease_until, gt),
    "lease_ended_at": (reservations.c.lease_until, le),
    "claimed_before": (reservations.c.claimed_at, lt),
    "authorisations_below": (reservations.c.authorisations, lt),
}


def conditions(guard: Guard) -> list[ColumnElement[bool]]:
    """The guard as conditions on a reservation's row. A row without a lease has neither a running nor an ended one."""
    asked = ((field.name, getattr(guard, field.name)) for field in fields(guard))
    return [_condition(name, limit) for name, limit in asked if limit is not None]


def _condition(name: str, limit: object) -> ColumnElement[bool]:
    column, compare = _CONDITIONS[name]
    condition: ColumnElement[bool] = compare(column, limit)
    return condition
