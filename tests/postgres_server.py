"""A throw-away PostgreSQL for the lanes that need one: `from postgres_server import postgres_url  # noqa: F401`."""

from collections.abc import Iterator

import pytest

from services.storage.throwaway import postgres_programs, throwaway_postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of an empty server, started once for the session."""
    if postgres_programs() is None:
        pytest.skip("no PostgreSQL server is installed: apt-get install postgresql")
    with throwaway_postgres() as url:
        yield url
