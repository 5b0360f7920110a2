"""An INSERT that says whether the row was new. A conflict is an answer here, so that the transaction goes on."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.dml import Insert as PostgreSQLInsert
from sqlalchemy.dialects.sqlite.dml import Insert as SQLiteInsert


def conflict_aware(connection: Connection, table: Table) -> PostgreSQLInsert | SQLiteInsert:
    """The dialect's INSERT, which knows ON CONFLICT."""
    return _DIALECTS[connection.dialect.name](table)


def insert_if_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Inserts the row; `False` when a unique key of it is taken, by whatever transaction was first."""
    return connection.execute(_insert_if_new(connection.dialect.name, table), values).first() is not None


@cache
def _insert_if_new(dialect: str, table: Table) -> Executable:
    return _DIALECTS[dialect](table).on_conflict_do_nothing().returning(*table.primary_key)


_DIALECTS: Final[Mapping[str, Callable[[Table], PostgreSQLInsert | SQLiteInsert]]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}
