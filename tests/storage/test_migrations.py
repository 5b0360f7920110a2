"""The migrations make exactly the tables of the code, on an empty database, whoever starts first."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from alembic import command
from services.domain.errors import StorageUnavailable
from services.storage.columns import metadata
from services.storage.database import Database, open_database
from services.storage.migrations import LOCK, configuration, is_migrated, migrate

CATALOGUE = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE '%alembic%'",
    "postgresql": """
        SELECT indexname AS name, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%'
        UNION ALL SELECT conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%'
        UNION ALL SELECT table_name || '.' || column_name,
            concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default, identity_generation)
            FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'alembic%'
    """,
}


def described(database: Database) -> dict[str, list[str]]:
    """What the database itself says about its tables: checks and partial indexes too, which Alembic does not compare."""
    with database.read() as connection:
        rows = connection.execute(text(CATALOGUE[database.dialect])).all()
    return {name: sorted(_parts(_unquoted(sql))) for name, sql in rows}


def _parts(sql: str) -> list[str]:
    """A table's columns and constraints. SQLite writes an added column behind the others, on the last one's line."""
    parts = (part.strip(" ,\t\n") for part in re.split(r"\n|, (?![^(]*\))", sql.removesuffix(")")))
    return [part for part in parts if part]


def _unquoted(sql: str) -> str:
    """SQLite quotes the name of a table that was made anew under another name."""
    return re.sub(r'^CREATE TABLE "(\w+)"', r"CREATE TABLE \1", sql)


@pytest.fixture
def empty_url(request, tmp_path):
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres_url")
    control = open_database(server)
    with control.read() as connection:
        connection.exec_driver_sql("CREATE DATABASE empty")
    yield server.replace("/postgres?", "/empty?")
    with control.read() as connection:
        connection.exec_driver_sql("DROP DATABASE empty WITH (FORCE)")
    control.close()


both = pytest.mark.parametrize(
    "empty_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@both
def test_the_migrations_do_not_drift_from_the_tables(empty_url):
    migrate(empty_url)
    database = open_database(empty_url)
    with database.read() as connection:
        options = {"compare_type": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    migrated = described(database)
    command.downgrade(configuration(empty_url), "base")
    assert described(database) == {}
    metadata.create_all(database.engine)
    assert described(database) == migrated
    database.close()


@both
def test_an_empty_database_is_not_migrated_and_then_is(empty_url):
    database = open_database(empty_url)
    assert not is_migrated(database)
    migrate(empty_url)
    assert is_migrated(database)
    database.close()


@both
def test_a_migrated_database_is_left_as_it_is(empty_url):
    migrate(empty_url)
    database = open_database(empty_url)
    before = described(database)
    migrate(empty_url)
    assert before == described(database)
    database.close()


@both
def test_rounds_of_the_release_before_begin_without_reveals(empty_url):
    command.upgrade(configuration(empty_url), "0001")
    database = open_database(empty_url)
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO intakes (id, token_hash, kind, state, created_at, ends_at, rehearsal) VALUES"
            " ('i1', 'hash', 'signature', 'chip_read', '2026-11-21 00:00:00', '2026-11-21 00:30:00', true)"
        )
        connection.exec_driver_sql(
            "INSERT INTO liveness_sessions (id, intake_id, challenge, step, asked_at)"
            " VALUES ('l1', 'i1', '[]', 2, '2026-11-21 00:00:00')"
        )
    migrate(empty_url)
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT id, step, reveals FROM liveness_sessions").all()
    assert [("l1", 2, 0)] == rows
    database.close()


@both
def test_what_the_release_before_wrote_belongs_to_no_cohort(empty_url):
    command.upgrade(configuration(empty_url), "0002")
    database = open_database(empty_url)
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO terminals (id, public_key, name, place, status) VALUES ('t1', 'key', '端末', 'store', 'active')"
        )
        connection.exec_driver_sql(
            "INSERT INTO terminal_requests (terminal_id, nonce, seen_at) VALUES ('t1', 'n', '2026-11-21 00:00:00')"
        )
    migrate(empty_url)
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT id, store, cohort FROM terminals").all()
        seen = connection.exec_driver_sql("SELECT terminal_id FROM terminal_requests").all()
        serial = connection.exec_driver_sql("SELECT serial FROM policy_head").scalar_one()
    assert ([("t1", "", "")], [("t1",)], 0) == (rows, seen, serial)
    database.close()


@pytest.mark.postgres
@pytest.mark.parametrize("empty_url", ["postgres"], indirect=True)
def test_a_process_that_starts_meanwhile_waits_for_the_migration(empty_url):
    database = open_database(empty_url)
    with ThreadPoolExecutor(1) as pool:
        with database.write() as another:
            another.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            ours = pool.submit(migrate, empty_url)
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not another.exec_driver_sql(waiting).scalar():
                assert not ours.done(), "the migration did not wait"
            assert not is_migrated(database)
        ours.result()
    assert is_migrated(database)
    database.close()


def test_a_database_that_is_not_there_cannot_be_migrated():
    with pytest.raises(StorageUnavailable):
        migrate("sqlite:////nowhere/at/all.db")
