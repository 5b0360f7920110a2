"""One of several schedulers runs a job's tick.

The slot's row decides, on both databases: whoever inserts it first runs the job, so that a tick runs once however the clocks of
the schedulers jitter. On PostgreSQL an advisory lock also keeps a long run from being joined by the next tick's; the server
frees it when its holder dies. The jobs are conditional UPDATEs anyway: locks only save work.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import delete, func, select

from services.storage.database import Database
from services.storage.inserting import insert_if_new
from services.storage.tables_of_access import job_slots

EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)
_SLOTS_KEPT: Final = timedelta(days=1)


def slot_of(now: datetime, every: timedelta) -> datetime:
    """The beginning of the interval that `now` lies in, the same for every scheduler."""
    return EPOCH + (now - EPOCH) // every * every


@contextmanager
def tick(database: Database, job: str, slot: datetime) -> Iterator[bool]:
    """Whether the caller is the one to run this job for this slot; the answer holds inside the block.

    Raises:
        StorageUnavailable
    """
    with _exclusive(database, job) as alone:
        yield alone and _first(database, job, slot)


def _first(database: Database, job: str, slot: datetime) -> bool:
    with database.write() as connection:
        connection.execute(delete(job_slots).where(job_slots.c.job == job, job_slots.c.slot < slot - _SLOTS_KEPT))
        return insert_if_new(connection, job_slots, {"job": job, "slot": slot})


@contextmanager
def _exclusive(database: Database, job: str) -> Iterator[bool]:
    if database.dialect != "postgresql":
        yield True
        return
    key = int.from_bytes(sha256(b"pinreset job " + job.encode()).digest()[:8], signed=True)
    with database.read() as connection:
        alone = bool(connection.scalar(select(func.pg_try_advisory_lock(key))))
        try:
            yield alone
        finally:
            if alone:
                connection.execute(select(func.pg_advisory_unlock(key)))
