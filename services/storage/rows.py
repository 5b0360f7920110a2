"""Rows as the domain's dataclasses, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Executable, Table

T = TypeVar("T")


def columns_of(table: Table, shape: type[Any]) -> list[Column[Any]]:
    """The table's columns that the dataclass has fields for, in the order of the fields."""
    return [table.c[field.name] for field in fields(shape)]


def values_of(item: Any) -> dict[str, Any]:
    """A dataclass's fields as column values."""
    return {field.name: getattr(item, field.name) for field in fields(item)}


def first(
    connection: Connection, shape: type[T], statement: Executable, values: Mapping[str, Any] | None = None
) -> T | None:
    """The first row, when there is one. The statement gives `columns_of` the shape; `values` are its parameters."""
    row = connection.execute(statement, values).first()
    return None if row is None else shape(*row)


def every(connection: Connection, shape: type[T], statement: Executable) -> Sequence[T]:
    """All rows."""
    return [shape(*row) for row in connection.execute(statement)]
