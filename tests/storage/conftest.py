"""Each test of this lane gets an empty, migrated database: once on SQLite, once on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import postgres_url  # noqa: F401  # a fixture
from storage_stories import NINE, Story, empty

from services.clock import ManualClock
from services.storage.database import Database, open_database
from services.storage.ledger import SQLLedger
from services.storage.migrations import migrate


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url) -> str:  # noqa: F811  # the fixture
    migrate(postgres_url)
    return postgres_url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("migrated") / "template.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(migrated_sqlite, tmp_path) -> str:
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'test.db')}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request) -> str:
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "migrated_postgres")


@pytest.fixture
def database(database_url) -> Iterator[Database]:
    opened = open_database(database_url)
    if opened.dialect == "postgresql":
        empty(opened)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NINE)


@pytest.fixture
def ledger(database) -> SQLLedger:
    return SQLLedger(database)


@pytest.fixture
def story(ledger, clock) -> Story:
    return Story(ledger, clock)
