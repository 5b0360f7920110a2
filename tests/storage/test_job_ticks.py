"""Of several schedulers one runs a tick; the jobs tidy what the clock has ended."""

import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from builders import make_world
from sqlalchemy import func, select
from storage_stories import NINE, Story

from services.domain.errors import StorageUnavailable
from services.domain.intake import Check, CheckKind, CheckState, IntakeState
from services.domain.policy import CHECK_TIME, CLAIM_NONCE_LIFE, Attempt
from services.domain.reservation import LEASE, ReservationState
from services.domain.terminal import PlaceClass
from services.jobs.scheduler import make_scheduler, run_tick
from services.jobs.table import JOBS, Job
from services.ports import EvidenceKind, Ports, Purpose
from services.storage.database import Database
from services.storage.locks import slot_of, tick
from services.storage.staff import StaffDirectory
from services.storage.tables_of_access import job_slots
from services.storage.terminals import Terminal, Terminals

MINUTE = timedelta(minutes=1)


@dataclass
class Place:
    """What jobs work with, and how often the CRLs were asked for."""

    ports: Ports
    database: Database
    terminals: Terminals
    staff: StaffDirectory
    refreshed: list[int] = field(default_factory=list)

    @property
    def refresh_crls(self) -> Callable[[], object]:
        return lambda: self.refreshed.append(1)


@pytest.fixture
def world(database_url, database, tmp_path):
    made = make_world(tmp_path, database_url=database_url, now=NINE)
    yield made
    made.ports.ledger._database.close()


@pytest.fixture
def place(world, database) -> Place:
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    staff = StaffDirectory(database, world.clock, hasher)
    return Place(world.ports, database, Terminals(database, world.clock), staff)


def job(name: str) -> Job:
    return next(row for row in JOBS if row.name == name)


@pytest.mark.parametrize(
    ("now", "every", "slot"),
    [
        (datetime(2026, 11, 21, 0, 0, 59, 999999, tzinfo=UTC), MINUTE, NINE),
        (NINE, MINUTE, NINE),
        (NINE - timedelta(microseconds=1), MINUTE, NINE - MINUTE),
        (NINE + timedelta(seconds=31), timedelta(seconds=30), NINE + timedelta(seconds=30)),
        (NINE + timedelta(minutes=59), timedelta(hours=1), NINE),
    ],
)
def test_a_slot_begins_at_whole_intervals(now, every, slot):
    assert slot_of(now, every) == slot


def test_of_many_schedulers_one_runs_a_tick(database):
    start = Barrier(8)

    def scheduler(_number):
        start.wait()
        with tick(database, "expire", NINE) as ours:
            return ours

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(scheduler, range(8))) == 1


def test_the_next_slot_and_another_job_are_free(database):
    for name, slot in (("expire", NINE), ("expire", NINE + MINUTE), ("purge", NINE)):
        with tick(database, name, slot) as ours:
            assert ours
    with tick(database, "expire", NINE) as again:
        assert not again


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_long_run_is_not_joined_by_the_next_tick(database):
    with tick(database, "expire", NINE) as first:
        assert first
        with tick(database, "expire", NINE + MINUTE) as second:
            assert not second
    with tick(database, "expire", NINE + MINUTE) as third:
        assert third


def test_old_slots_are_forgotten(database):
    for day in range(4):
        with tick(database, "expire", NINE + timedelta(days=day)):
            pass
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(job_slots)) == 2


def test_a_job_runs_once_a_slot(place, world):
    assert [run_tick(place, job("refresh_crls")) for _ in range(3)] == [True, False, False]
    world.clock.advance(timedelta(hours=1))
    assert run_tick(place, job("refresh_crls"))
    assert len(place.refreshed) == 2


def test_a_job_that_cannot_reach_the_database_leaves_it_to_the_next_tick(place):
    def fail(_place):
        raise StorageUnavailable

    assert not run_tick(place, Job("fails", MINUTE, fail))


def test_jobs_tidy_what_the_clock_has_ended(place, world):
    story = Story(world.ports.ledger, world.clock)
    waiting, claimed, intake = story.reservation(), story.reservation(), story.intake()
    story.claim(claimed.id, "c1")
    place.terminals.enrol(Terminal("t1", b"key", "駅前店", PlaceClass.STORE))
    place.terminals.remember("t1", b"request")
    world.ports.evidence.put(intake.id, EvidenceKind.FRAME, b"picture")
    with world.ports.ledger.begin() as unit:
        unit.add_nonce(b"n", Purpose.CLAIM, "t1", issued_at=NINE, ends_at=NINE + CLAIM_NONCE_LIFE)

    world.clock.advance(LEASE)
    assert run_tick(place, job("release_stale"))
    assert story.found(claimed.id).state is ReservationState.RESERVED

    world.clock.advance(timedelta(hours=24))
    assert all(run_tick(place, row) for row in JOBS)
    assert story.found(waiting.id).state is ReservationState.EXPIRED
    with world.ports.ledger.begin() as unit:
        assert unit.intake(intake.id).state is IntakeState.ABANDONED
        assert unit.purge_nonces(world.clock.now()) == 0
    place.terminals.remember("t1", b"request")
    assert world.ports.evidence.purge(world.clock.now()) == 0


def test_a_check_whose_web_process_died_is_given_up_within_a_minute_of_its_time(place, world):
    intake = Story(world.ports.ledger, world.clock).intake(state=IntakeState.CHIP_READ, card_fingerprint="card")
    with world.ports.ledger.begin() as unit:
        unit.add_check(Check("check", intake.id, CheckKind.FACE, CheckState.WAITING, NINE))
        unit.count_failure("card", Attempt.FACE, at=NINE)
    ended = []
    for _ in range(2):
        assert run_tick(place, job("lose_late_checks"))
        with world.ports.ledger.begin() as unit:
            ended.append((unit.check("check").state, unit.failures("card", Attempt.FACE)[0]))
        world.clock.advance(CHECK_TIME)
    assert [(CheckState.WAITING, 1), (CheckState.FAILED, 0)] == ended


def test_the_scheduler_has_every_job_of_the_table(place):
    assert [row.id for row in make_scheduler(place).get_jobs()] == [row.name for row in JOBS]


def test_ticks_of_all_schedulers_fall_together(place):
    for row in make_scheduler(place).get_jobs():
        for started in (NINE + timedelta(seconds=7), NINE + timedelta(seconds=13)):
            every = job(row.id).every
            assert row.trigger.get_next_fire_time(None, started) == slot_of(started, every) + every


PROCESS = """
import sys
from dataclasses import make_dataclass
from services.jobs import scheduler, table
from services.logs import configure_logs
from services.storage.database import open_database
from services.clock import SystemClock

table_ports = make_dataclass("P", ["clock"])(SystemClock())
place = make_dataclass("W", ["ports", "database"])(table_ports, open_database(sys.argv[1]))
scheduler.JOBS = (table.Job("says_hello", table.timedelta(hours=1), lambda _: print("hello", flush=True)),)
configure_logs("ERROR")  # unconfigured, it would write between these lines
scheduler.run(place)
print("stopped", flush=True)
"""


def test_the_process_runs_what_is_due_and_stops_when_told(sqlite_url):
    process = subprocess.Popen([sys.executable, "-c", PROCESS, sqlite_url], stdout=subprocess.PIPE, text=True)
    with process:
        lines = iter(process.stdout.readline, "")
        assert any(line == "hello\n" for line in lines)
        process.send_signal(signal.SIGTERM)
        assert list(lines)[-1] == "stopped\n"
        assert process.wait(30) == 0
