"""The queue of image checks: workers with warm models, one lane each, replaced when they die.

The pool is generic on purpose: `bootstrap` says how a worker is prepared and what it does with an id, because a worker needs the
database and this package must not know it. Web threads put an id into the queue and go; each lane has a thread of its own that
waits for its worker.
"""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from math import ceil
from queue import Empty, Full, Queue
from statistics import median
from time import monotonic
from typing import Final

import structlog

from services.domain.errors import ChecksBusy
from services.domain.policy import QUEUE_TIME
from services.vision.worker import Ended, Ending, Job
from services.vision.worker_process import STOP_S, Recipe, WorkerProcess

log = structlog.get_logger(__name__)

JOBS_PER_WORKER: Final = 500  # then a fresh process, so that nothing that a library leaks can grow for long
TRIES: Final = (
    2  # a check whose process was killed is tried once more; a picture that kills twice is not tried for ever
)
HEARTBEAT_S: Final = 1.0  # how soon a worker that died while idle is replaced
REMEMBERED: Final = 32  # endings whose durations the estimate of a queue looks at
FIRST_GUESS_S: Final = 2.0  # of a check's duration, before any was seen
SHORTEST_RETURN_S: Final = 2
LAST_S: Final = 10.0  # for checks under way when the web process ends; gunicorn's own patience is 30 s


class PoolRunner:
    """`ports.CheckRunner` on a pool of worker processes. Thread-safe."""

    def __init__(
        self, recipe: Recipe, *, workers: int = 1, queue: int = 32, jobs_per_worker: int = JOBS_PER_WORKER
    ) -> None:
        """`queue` is how many checks may wait, those under way not counted."""
        self._waiting: Queue[Job | None] = Queue(queue)
        self.endings = deque[Ended](maxlen=REMEMBERED)
        self._lanes = [Lane(self, recipe, jobs_per_worker) for _ in range(workers)]
        self._lost: Callable[[str], None] = _nothing
        self._stopping = threading.Event()

    def start(self, lost: Callable[[str], None]) -> None:
        """Starts the workers now, so that the first resident does not wait for the models; `lost` settles a check given up."""
        self._lost = lost
        for lane in self._lanes:
            lane.thread.start()

    def submit(self, check_id: str, time: timedelta) -> None:
        """Puts the check into the queue and returns at once.

        Raises:
            ChecksBusy: the queue is full, or so long that the check would be lost in it; says when to come back.
        """
        if self.stopping:
            raise _busy(0)
        wait_s = self.wait_s()
        if wait_s > QUEUE_TIME.total_seconds():
            raise _busy(wait_s)
        try:
            self._waiting.put_nowait(Job(check_id, time.total_seconds()))
        except Full:
            raise _busy(wait_s) from None

    def close(self) -> None:
        """Lets the checks that were taken end, and takes no more."""
        for _ in self._lanes:
            self._waiting.put(None)
        for lane in self._lanes:
            lane.thread.join()

    def stop(self, patience_s: float = LAST_S) -> None:
        """At the end of the web process: checks under way may end, those that wait are lost at once, and no worker is left."""
        end = monotonic() + patience_s
        self._stopping.set()
        with suppress(Empty):
            while True:
                self._lose(self._waiting.get_nowait())
        for _ in self._lanes:
            with suppress(Full):
                self._waiting.put_nowait(None)  # an idle lane need not wait for its next look
        for lane in self._lanes:
            lane.thread.join(max(0, end - monotonic()))
            lane.end()

    @property
    def stopping(self) -> bool:
        """Whether no check is begun any more."""
        return self._stopping.is_set()

    def wait_s(self) -> float:
        """How long a check that comes now will wait, by the median of the last ones."""
        one = median(ended.wall_s for ended in self.endings.copy()) if self.endings else FIRST_GUESS_S
        ahead = self._waiting.qsize() + sum(lane.busy for lane in self._lanes)
        return max(0, ahead + 1 - len(self._lanes)) * one / len(self._lanes)

    @property
    def worker_pids(self) -> list[int]:
        """For figures and for tests."""
        return [lane.worker.pid for lane in self._lanes if lane.worker is not None]

    def next_job(self) -> Job | None:
        """What a lane does next; `None` at the end.

        Raises:
            Empty: nothing came for a while.
        """
        job = None if self.stopping else self._waiting.get(timeout=HEARTBEAT_S)
        if self.stopping:
            self._lose(job)
            return None
        return job

    def _lose(self, job: Job | None) -> None:
        if job is not None:
            self.give_up(job, "server stops")

    def note(self, ended: Ended) -> None:
        """A check was judged, and took so long."""
        self.endings.append(ended)

    def give_up(self, job: Job, why: str) -> None:
        """Settles a check that no worker could judge."""
        log.error("vision.check_lost", check=job.check_id, why=why)
        try:
            self._lost(job.check_id)
        except Exception as fault:  # noqa: BLE001  # a lane must not end by it; the page that waits settles the check a little later
            log.warning("vision.lost_check_unsettled", check=job.check_id, fault=type(fault).__name__)


class Lane:
    """One worker and the thread that waits for it, so that no check disturbs another's."""

    def __init__(self, pool: PoolRunner, recipe: Recipe, jobs_per_worker: int) -> None:
        self._pool = pool
        self._recipe = recipe
        self._jobs_per_worker = jobs_per_worker
        self.worker: WorkerProcess | None = None
        self.busy = False
        self.thread = threading.Thread(target=self._run, name="vision lane", daemon=True)

    def _run(self) -> None:
        self._ready_worker()
        while True:
            try:
                job = self._pool.next_job()
            except Empty:
                self._look_after()
                continue
            if job is None:
                break
            self.busy = True
            try:
                self._judge(job)
            except Exception as fault:  # noqa: BLE001  # the lane's outermost frame: without it, nothing would ever be judged again
                self._pool.give_up(job, type(fault).__name__)
            self.busy = False
        self._drop_worker()

    def _judge(self, job: Job) -> None:
        why = "no worker"
        for _ in range(TRIES):
            if self._pool.stopping:
                break
            worker = self._ready_worker()
            ended = worker.ask(job) if worker else None
            if ended is not None and ended.how is Ending.DONE:
                self._pool.note(ended)
                return
            why = "worker died" if ended is None else ended.how.value
            log.warning("vision.check_ended", check=job.check_id, how=why)
            if ended is None:
                self._drop_worker()
            elif ended.how is not Ending.KILLED:
                break
        self._pool.give_up(job, why)

    def _ready_worker(self) -> WorkerProcess | None:
        """A worker that is warm; `None` when it could not be made, and then the next job tries again."""
        if self.worker is not None and (self.worker.jobs >= self._jobs_per_worker or not self.worker.alive):
            self._drop_worker()
        try:
            self.worker = self.worker or WorkerProcess(self._recipe)
        except OSError as fault:  # the system has no process or no memory to give
            log.error("vision.worker_not_started", fault=type(fault).__name__)  # noqa: TRY400  # where is plain
            return None
        if not self.worker.wait():
            log.error("vision.worker_not_ready")
            self._drop_worker()
        return self.worker

    def _look_after(self) -> None:
        """Replaces a worker that died while nothing was to do. One that could not be made waits for a job instead."""
        if self.worker is not None and not self._pool.stopping:
            self._ready_worker()

    def end(self) -> None:
        """From the pool's thread: ends a worker that is still at work, so that this lane comes to its end."""
        worker = self.worker
        if worker is not None:
            worker.kill()
        self.thread.join(STOP_S)

    def _drop_worker(self) -> None:
        if self.worker is not None:
            self.worker.stop()
            self.worker = None


class InlineRunner:
    """`ports.CheckRunner` that does the work at once, in this process: for tests of use cases."""

    def __init__(self) -> None:
        self.work: Callable[[str], None] = _nothing

    def submit(self, check_id: str, time: timedelta) -> None:  # noqa: ARG002  # the port's signature
        """Does the check before it returns."""
        self.work(check_id)


def _busy(wait_s: float) -> ChecksBusy:
    return ChecksBusy(wait_s=max(SHORTEST_RETURN_S, ceil(wait_s)))


def _nothing(_: str) -> None:
    return
