"""The web process's side of one worker: start it, give it a check, notice when it dies."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context
from typing import Any, Final

from services.vision.worker import READY, Ended, Job, Work, serve

START_S: Final = 60.0  # loading takes about 2 s on an idle core
GRACE_S: Final = 5.0  # a worker that has not told of a late child by then hangs itself
STOP_S: Final = 2.0

# Spawned, not forked: a web process has threads, and its memory may hold pictures on their way into the evidence.
_SPAWN: Final = get_context("spawn")


@dataclass(frozen=True)
class Recipe:
    """How a worker is made: `prepare(*arguments)` runs in it and returns what a child does with a check's id."""

    prepare: Callable[..., Work]
    arguments: Sequence[Any] = ()
    child_memory: int = 2 * 1024**3  # bytes of address space


class WorkerProcess:
    """One spawned worker. One thread uses it; `stop` may come from that thread only, `kill` from any."""

    def __init__(self, recipe: Recipe) -> None:
        self._connection, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(
            target=serve, args=(theirs, recipe.prepare, recipe.arguments, recipe.child_memory), daemon=True
        )
        self._process.start()
        theirs.close()
        self._ready = False
        self.jobs = 0

    @property
    def alive(self) -> bool:
        """Whether it runs; one that is still loading does."""
        return self._process.is_alive()

    @property
    def pid(self) -> int:
        """For figures and for tests."""
        assert self._process.pid is not None
        return self._process.pid

    def wait(self) -> bool:
        """Waits until the models are loaded; `False` when that failed."""
        self._ready = self._ready or self._answer(START_S) == READY
        return self._ready

    def ask(self, job: Job) -> Ended | None:
        """Waits for the job's end; `None` when the worker died or hung, and whether the check was judged is unknown."""
        if not self.wait():
            return None
        self.jobs += 1
        try:
            self._connection.send(job)
        except OSError:
            return None
        answer = self._answer(job.time_s + GRACE_S)
        return answer if isinstance(answer, Ended) else None

    def stop(self) -> None:
        """Ends it: at once when it is idle, by force when it does not answer. Its child ends with it."""
        self._connection.close()
        self._process.join(STOP_S if self._ready else 0)
        self._process.kill()
        self._process.join()
        self._process.close()

    def kill(self) -> None:
        """Ends it by force; whoever waits for it is told that it died."""
        with suppress(ValueError):  # it was stopped meanwhile
            self._process.kill()

    def _answer(self, time_s: float) -> object:
        if not connection.wait([self._connection, self._process.sentinel], time_s):
            return None
        try:
            return self._connection.recv() if self._connection.poll() else None
        except (EOFError, OSError):
            return None
