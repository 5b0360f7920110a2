"""A warm worker: models loaded once, and one forked child for each check.

The child opens its own database connection, judges, and is gone, with every picture and every number that was made of a face; the
worker itself never sees more than the check's id. It ends a child that is late. A worker has one thread, so that forking is safe.
"""

import ctypes
import gc
import os
import resource
import select
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any, Final, NoReturn, TypeAlias

import structlog

log = structlog.get_logger(__name__)

Work: TypeAlias = Callable[[str], None]

READY: Final = "ready"
_CHILD_FAILED: Final = 70  # sysexits.h EX_SOFTWARE
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_OPEN_FILES: Final = 64  # a check needs about ten: database, log, models' tables


@dataclass(frozen=True)
class Job:
    """A check, and how long its child may take."""

    check_id: str
    time_s: float


class Ending(StrEnum):
    """How a child ended."""

    DONE = "done"  # the check is settled
    FAILED = "failed"  # a fault of ours, told in the log; another try would fail as well
    LATE = "late"  # killed by the worker, or by its limit of processor time
    KILLED = "killed"  # by somebody else: the system short of memory, a fault in a library, an operator


@dataclass(frozen=True)
class Ended:
    """What became of a job; the times are for figures and for the estimate of a queue."""

    how: Ending
    wall_s: float
    processor_s: float
    fork_s: float


def serve(connection: Connection, prepare: Callable[..., Work], arguments: Sequence[Any], memory: int) -> None:
    """The main function of a worker process: ends when the other end of the connection is closed, or says so with `None`.

    `prepare(*arguments)` loads what is needed and returns what a child does; `memory` limits a child's address space.
    """
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # a Ctrl-C ends the web process, whose end of the connection then closes
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold images
    work = prepare(*arguments)
    _settle_memory()
    if (tasks := len(list(Path("/proc/self/task").iterdir()))) != 1:
        raise RuntimeError(f"{tasks} threads: a child would inherit their locks, held for ever")
    told = _tell(connection, READY)
    while told and (job := _next(connection)) is not None:
        told = _tell(connection, run_in_child(work, job, memory))


def run_in_child(work: Work, job: Job, memory: int) -> Ended:
    """Forks, waits until the child has ended or is late, and says how it ended."""
    began = perf_counter()
    worker = os.getpid()
    pid = os.fork()
    if pid == 0:
        _judge_and_exit(work, job, memory, worker)
    forked = perf_counter()
    handle = os.pidfd_open(pid)
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    late = not waiting.poll(job.time_s * 1000)
    if late:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    os.close(handle)
    return Ended(
        Ending.LATE if late else _ending(status),
        wall_s=perf_counter() - began,
        processor_s=usage.ru_utime + usage.ru_stime,
        fork_s=forked - began,
    )


def _next(connection: Connection) -> Job | None:
    try:
        job: Job | None = connection.recv()
    except (EOFError, OSError):
        return None
    return job


def _tell(connection: Connection, answer: object) -> bool:
    try:
        connection.send(answer)
    except OSError:
        return False  # the web process is gone
    return True


def _settle_memory() -> None:
    """What preparing left is given back: a freed page that a child fills again would first be copied."""
    gc.collect()
    gc.freeze()  # the collector of a child leaves the worker's objects, and so their pages, alone
    ctypes.CDLL(None).malloc_trim(0)


def _judge_and_exit(work: Work, job: Job, memory: int, worker: int) -> NoReturn:
    code = _CHILD_FAILED
    try:
        _limit(job, memory, worker)
        work(job.check_id)
        code = 0
    except BaseException as fault:  # noqa: BLE001  # the outermost frame of a process: whatever it is, the worker's is not to run
        log.error("vision.check_failed", check=job.check_id, fault=type(fault).__name__)  # noqa: TRY400  # a message may quote what was read
    finally:
        os._exit(code)


def _limit(job: Job, memory: int, worker: int) -> None:
    ctypes.CDLL(None).prctl(
        _PR_SET_PDEATHSIG, signal.SIGKILL
    )  # it does not outlive the worker, whose job is tried again
    if os.getppid() != worker:
        raise ProcessLookupError
    processor = ceil(job.time_s) + 1
    # The soft limit says SIGXCPU, by which a late child is known; at the hard one the system only kills.
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))


def _ending(status: int) -> Ending:
    if os.WIFEXITED(status):
        return Ending.DONE if os.WEXITSTATUS(status) == 0 else Ending.FAILED
    return Ending.LATE if os.WTERMSIG(status) == signal.SIGXCPU else Ending.KILLED
