"""Worker processes for image checks: models loaded once, never in the web process, replaced when they die.

The pool is generic on purpose: `bootstrap` says how a worker starts and what it does with an id, because a worker needs the
database and this package must not know it.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import timedelta
from multiprocessing import get_context
from typing import Any, Final

import structlog

from services.domain.errors import ChecksBusy

log = structlog.get_logger(__name__)

TASKS_PER_WORKER: Final = 500  # then a fresh process, so that nothing that a library leaks can grow for long
TRIES: Final = 2  # a check whose worker died is tried once more; a picture that kills twice is not tried for ever


class PoolRunner:
    """`ports.CheckRunner` on a pool of spawned processes. Thread-safe."""

    def __init__(
        self,
        start: Callable[..., None],
        work: Callable[[str], None],
        *,
        initargs: tuple[Any, ...] = (),
        workers: int = 1,
        queue: int = 32,
    ) -> None:
        self._start = start
        self._work = work
        self._initargs = initargs
        self._workers = workers
        self._places = threading.BoundedSemaphore(queue)
        self._lock = threading.Lock()
        self._pool = self._new_pool()

    def warm(self) -> None:
        """Starts the workers now, so that the first resident does not wait for the models."""
        for _ in range(self._workers):
            self._pool.submit(_nothing)

    def submit(self, check_id: str, time: timedelta) -> None:  # noqa: ARG002  # the port's signature
        """Hands the check to a worker and returns at once.

        Raises:
            ChecksBusy: the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise ChecksBusy
        self._send(check_id, TRIES)

    def close(self) -> None:
        """Lets running checks end and starts no more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, check_id: str, tries: int) -> None:
        with self._lock:
            try:
                future = self._pool.submit(self._work, check_id)
            except BrokenProcessPool:
                self._pool = self._new_pool()
                future = self._pool.submit(self._work, check_id)
        future.add_done_callback(lambda done: self._done(done, check_id, tries - 1))

    def _done(self, done: Future[None], check_id: str, tries_left: int) -> None:
        if done.cancelled():
            self._places.release()
            return
        fault = done.exception()
        if isinstance(fault, BrokenProcessPool) and tries_left > 0:
            log.warning("vision.worker_died", check=check_id)
            self._send(check_id, tries_left)
            return
        if fault is not None:
            log.error("vision.check_failed", check=check_id, fault=type(fault).__name__)
        self._places.release()

    def _new_pool(self) -> ProcessPoolExecutor:
        # Spawned, not forked: a web process has threads, and OpenCV does not survive a fork with them.
        return ProcessPoolExecutor(
            self._workers,
            mp_context=get_context("spawn"),
            initializer=self._start,
            initargs=self._initargs,
            max_tasks_per_child=TASKS_PER_WORKER,
        )


class InlineRunner:
    """`ports.CheckRunner` that does the work at once, in this process: for tests of use cases."""

    def __init__(self) -> None:
        self.work: Callable[[str], None] = _nothing

    def submit(self, check_id: str, time: timedelta) -> None:  # noqa: ARG002  # the port's signature
        """Does the check before it returns."""
        self.work(check_id)


def _nothing(*_: object) -> None:
    return
