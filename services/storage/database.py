"""One database: SQLite on one machine, PostgreSQL on many. Nothing of SQLAlchemy or its drivers leaves here as an error.

| | SQLite | PostgreSQL |
|---|---|---|
| a write begins with | a process-wide lock, then `BEGIN IMMEDIATE` | `BEGIN`, read committed |
| durable by | WAL, `synchronous=FULL` | the server's own settings |
| waits at most | 5 s for the lock, 5 s for another process | 5 s for a lock, 10 s for a statement |
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, local

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from services.domain.errors import StorageUnavailable

PATIENCE_S = 5
STATEMENT_S = 10
# Connections are opened as threads need them. One beyond those kept is closed after each use, which costs more than the use.
_CONNECTIONS_KEPT = 16
_CONNECTIONS_MORE = 4
_POSTGRES_OPTIONS = " ".join(
    [
        f"-c lock_timeout={PATIENCE_S}s",
        f"-c statement_timeout={STATEMENT_S}s",
        "-c idle_in_transaction_session_timeout=30s",
        "-c timezone=UTC",
    ],
)


class Database:
    """Transactions on one engine. May be used from many threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        # SQLite's own waiting is an unfair sleep-and-poll: sixteen writers saw a p99 of 0.8 s, and 0.1 s behind this lock.
        self._write_lock = Lock() if self.dialect == "sqlite" else None
        self._open = local()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, rolled back when it raises.

        Inside another write of the same thread it is a savepoint of that one: they stand or fall together.

        Raises:
            StorageUnavailable: the database did not answer, or refused.
        """
        outer: Connection | None = getattr(self._open, "connection", None)
        if outer is None:
            with self._locked(), _translated(), self.engine.begin() as connection:
                self._open.connection = connection
                try:
                    yield connection
                finally:
                    del self._open.connection
        else:
            with _translated(), outer.begin_nested():
                yield outer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees what is committed, and what this thread's open transaction has written.

        Raises:
            StorageUnavailable: the database did not answer.
        """
        outer: Connection | None = getattr(self._open, "connection", None)
        if outer is None:
            with _translated(), self._reading.connect() as connection:
                yield connection
        else:
            with _translated():
                yield outer

    def ping(self) -> None:
        """Asks for one row.

        Raises:
            StorageUnavailable: none came.
        """
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def shed_log(self) -> None:
        """Empties SQLite's write-ahead log, so that what was deleted is gone from there too; elsewhere does nothing."""
        if self.dialect == "sqlite" and getattr(self._open, "connection", None) is None:
            with self._locked(), _translated(), self._reading.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Closes the connections that nobody uses."""
        self.engine.dispose()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if self._write_lock is None:
            yield
            return
        if not self._write_lock.acquire(timeout=PATIENCE_S):
            raise StorageUnavailable
        try:
            yield
        finally:
            self._write_lock.release()


def open_database(url: str) -> Database:
    """The database at `sqlite:///path/to/file` or `postgresql://user@host/name`. Connects at the first use."""
    return Database(make_engine(make_url(url)))


def make_engine(url: URL) -> Engine:
    """The engine with our time-outs. Parameters never appear in its errors or logs."""
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=_CONNECTIONS_KEPT,
        max_overflow=_CONNECTIONS_MORE,
        pool_timeout=PATIENCE_S,
        pool_pre_ping=True,  # a restart of the database costs nobody an error
        connect_args={"connect_timeout": PATIENCE_S, "options": _POSTGRES_OPTIONS},
    )


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=_CONNECTIONS_KEPT,
        max_overflow=_CONNECTIONS_MORE,
        pool_timeout=PATIENCE_S,
        connect_args={"timeout": PATIENCE_S},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver would begin a transaction by itself, too late and of the wrong kind; `_begin_sqlite` does it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        # A transaction that reads first and writes later could find another writer in between, and fail.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageUnavailable from error
    except StatementError as error:
        # Not the database's refusal but a value that cannot be sent, such as a naive time: a fault of the caller.
        raise error.orig or error from None
    except SQLAlchemyError as error:
        raise StorageUnavailable from error
