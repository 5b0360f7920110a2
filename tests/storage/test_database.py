"""Transactions, time-outs and translation: what the rest of the storage stands on."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import insert, select, text

from services.domain.errors import StorageUnavailable
from services.storage.database import open_database
from services.storage.tables import attempts
from services.storage.tables_of_access import job_slots

NOON_IN_JAPAN = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=9)))


def slots(connection) -> list[str]:
    return sorted(connection.execute(select(job_slots.c.job)).scalars())


def add(connection, job: str) -> None:
    connection.execute(insert(job_slots).values(job=job, slot=NOON_IN_JAPAN))


def test_a_time_comes_back_aware_in_utc_to_the_microsecond(database):
    with database.write() as connection:
        add(connection, "a")
        found = connection.execute(select(job_slots.c.slot)).scalar_one()
    assert found == NOON_IN_JAPAN
    assert UTC is found.tzinfo


def test_times_compare_as_instants(database):
    before = NOON_IN_JAPAN.astimezone(UTC) - timedelta(microseconds=1)
    with database.write() as connection:
        add(connection, "a")
        wanted = select(job_slots.c.job).where(job_slots.c.slot > before, job_slots.c.slot <= NOON_IN_JAPAN)
        assert list(connection.execute(wanted).scalars()) == ["a"]


def test_a_time_without_a_zone_is_refused(database):
    with pytest.raises(ValueError, match="without a zone"), database.write() as connection:
        connection.execute(insert(job_slots).values(job="a", slot=datetime(2026, 11, 21)))  # noqa: DTZ001


def test_a_word_that_is_no_state_is_refused_by_the_database_itself(database):
    statement = "INSERT INTO attempts (subject, attempt, failures, last_at) VALUES ('c', 'luck', 1, :at)"
    at = NOON_IN_JAPAN if database.dialect == "postgresql" else "2026-11-21 03:00:00.000000"
    with pytest.raises(StorageUnavailable), database.write() as connection:
        connection.execute(text(statement), {"at": at})
    with database.read() as connection:
        assert connection.execute(select(attempts)).first() is None


def test_a_transaction_that_raises_is_rolled_back(database):
    def fail():
        with database.write() as connection:
            add(connection, "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as connection:
        assert slots(connection) == []


def test_a_write_inside_a_write_stands_or_falls_with_it(database):
    def fail():
        with database.write():
            with database.write() as inner:
                add(inner, "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.read() as connection:
        assert slots(connection) == []


def test_a_write_inside_a_write_can_fail_alone(database):
    def fail():
        with database.write() as inner:
            add(inner, "b")
            add(inner, "a")

    with database.write() as outer:
        add(outer, "a")
        with pytest.raises(StorageUnavailable):
            fail()
        with database.read() as connection:
            assert slots(connection) == ["a"]
    with database.read() as connection:
        assert slots(connection) == ["a"]


def test_another_thread_does_not_see_what_is_not_committed(database):
    wrote, looked, seen = Event(), Event(), []

    def look():
        wrote.wait()
        with database.read() as connection:
            seen.extend(slots(connection))
        looked.set()

    other = Thread(target=look)
    other.start()
    with database.write() as connection:
        add(connection, "a")
        wrote.set()
        looked.wait()
    other.join()
    assert seen == []


def test_an_error_carries_no_parameters(database):
    with pytest.raises(StorageUnavailable) as caught, database.write() as connection:
        connection.execute(text("SELECT nothing FROM nowhere WHERE it = :it"), {"it": "secret"})
    assert "secret" not in str(caught.value) + str(caught.value.__cause__)


def test_ping_answers(database):
    database.ping()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nowhere/at/all.db",
        pytest.param("postgresql://nobody@/nothing?host=/nowhere", marks=pytest.mark.postgres),
    ],
)
def test_a_database_that_is_not_there_is_unavailable(url):
    database = open_database(url)
    for use in (database.write, database.read):
        with pytest.raises(StorageUnavailable), use():
            pytest.fail("there is nothing to use")
    with pytest.raises(StorageUnavailable):
        database.ping()


def test_a_file_that_is_no_database_is_unavailable(tmp_path):
    (tmp_path / "broken.db").write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(StorageUnavailable):
        open_database(f"sqlite:///{tmp_path / 'broken.db'}").ping()


def test_sqlite_is_durable_and_forgets_what_is_deleted(sqlite_url):
    expected = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 5000, "foreign_keys": 1, "secure_delete": 1}
    with open_database(sqlite_url).read() as connection:
        assert expected == {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in expected}


@pytest.mark.postgres
def test_postgresql_waits_for_nobody_for_long(migrated_postgres):
    expected = {"lock_timeout": "5s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "30s"}
    database = open_database(migrated_postgres)
    with database.read() as connection:
        assert expected == {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in expected}
    database.close()


@pytest.mark.postgres
def test_a_lost_connection_costs_nobody_an_error(migrated_postgres):
    database = open_database(migrated_postgres)
    with database.read() as connection:
        lost = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    other = open_database(migrated_postgres)
    with other.read() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({lost}, 5000)")
    database.ping()
    database.close()
    other.close()


@pytest.mark.postgres
def test_a_connection_lost_in_the_middle_is_unavailable(migrated_postgres):
    database, other = open_database(migrated_postgres), open_database(migrated_postgres)

    def lose():
        with database.write() as connection:
            lost = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with other.read() as killer:
                killer.exec_driver_sql(f"SELECT pg_terminate_backend({lost}, 5000)")
            add(connection, "a")

    with pytest.raises(StorageUnavailable):
        lose()
    database.ping()
    database.close()
    other.close()


def test_a_full_log_of_writes_survives_another_process(sqlite_url):
    first, second = open_database(sqlite_url), open_database(sqlite_url)
    with first.write() as connection:
        add(connection, "a")
    with second.write() as connection:
        add(connection, "b")
    with first.read() as connection:
        assert slots(connection) == ["a", "b"]
    assert Path(first.engine.url.database).exists()
