"""The process that runs the jobs. There may be several of it: each tick is run by one.

APScheduler's job stores must not be shared between schedulers (its documentation says so; three processes on one store fired
most ticks twice), so each process keeps the table in memory, and the database decides who runs a tick.
"""

import signal
from datetime import UTC, datetime
from types import FrameType

import structlog
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

from services.domain.errors import ResetError
from services.jobs.table import JOBS, Job, Workplace
from services.storage.locks import EPOCH, slot_of, tick

JOB_RAN = "job.ran"
JOB_FAILED = "job.failed"
LATE_S = 30  # a tick that could not start for so long is left to the next one

log = structlog.get_logger()


def run(place: Workplace) -> None:
    """Runs the jobs until SIGTERM or SIGINT; a job under way is finished first."""
    scheduler = make_scheduler(place)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        scheduler.shutdown(wait=False)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler.start()


def make_scheduler(place: Workplace) -> BlockingScheduler:
    """The scheduler with the table's jobs, not started."""
    scheduler = BlockingScheduler(timezone="UTC")
    for job in JOBS:
        scheduler.add_job(
            run_tick,
            # All schedulers count from the same instant, so that their ticks fall together.
            IntervalTrigger(seconds=int(job.every.total_seconds()), start_date=EPOCH, timezone="UTC"),
            args=(place, job),
            id=job.name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=LATE_S,
            next_run_time=datetime.now(UTC),  # after a long absence there is something to tidy at once
        )
    return scheduler


def run_tick(place: Workplace, job: Job) -> bool:
    """Runs the job for the current slot, unless another scheduler does; says whether it was this one."""
    try:
        with tick(place.database, job.name, slot_of(place.ports.clock.now(), job.every)) as ours:
            if ours:
                log.info(JOB_RAN, job=job.name, result=job.run(place))
            return ours
    except ResetError as error:
        # The database may be away for a while: the next tick comes by itself.
        log.warning(JOB_FAILED, job=job.name, code=error.code)
        return False
