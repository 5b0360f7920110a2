"""Image checks as a service: how many a minute, how long a resident waits, what a child costs, how much memory it takes.

The reference is the same checks, judged one after the other in this process: no queue, no worker, no child, one thread.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from services.domain.intake import CheckKind
from services.rehearsal.service_residents import Residents
from services.usecases.run_check import Eyes, run_check
from services.vision.runner import PoolRunner

RESIDENTS: Final = (1, 4, 16)
CHECKS_EACH: Final = {1: 8, 4: 3, 16: 2}  # p95 of so few is nearly their longest
REFERENCE_CHECKS: Final = 8
MEMORY_POLL_S: Final = 0.02
_MEGABYTE: Final = 1024  # of the kB that the kernel counts in


@dataclass
class Memory:
    """The most that was seen, in MB: of a worker, of a child, and of a worker with its child."""

    worker: float = 0
    child: float = 0
    lane: float = 0

    def look(self, workers: Sequence[int]) -> None:
        """One look at each lane: what is a process's own (`Private_*`), shared pages counted with the worker."""
        for pid in workers:
            own = _held(pid)
            children = [_private(child) for child in _children(pid)]
            self.worker, self.child = max(self.worker, own), max(self.child, *children, 0.0)
            self.lane = max(self.lane, own + sum(children))


def report(pool: PoolRunner, residents: Residents, eyes: Eyes) -> Iterator[str]:
    """The bench's lines."""
    pool_ready = residents.judged(CheckKind.FRONT)  # the first one waits for the models
    yield f"{len(pool.worker_pids)} workers; the first answer, models loaded on the way: {pool_ready:.1f} s"
    yield f"{'check':8} {'residents':>10} {'checks':>6} {'a minute':>9} {'p50 ms':>8} {'p95 ms':>8} {'refused':>8}"
    for kind in CheckKind:
        yield _line(kind, "in process", *_timed(partial(_alone, residents, eyes, kind)), refused=0)
        for number in RESIDENTS:
            before = residents.refusals
            taken, seconds = _timed(partial(_together, residents, kind, number))
            yield _line(kind, str(number), taken, seconds, refused=residents.refusals - before)
        yield f"         {_cost(pool)}"
    yield from _memory(pool, residents)
    yield f"did not pass: {'; '.join(sorted(set(residents.faults))) or 'none'} ({len(residents.faults)} checks)"


def _alone(residents: Residents, eyes: Eyes, kind: CheckKind) -> list[float]:
    taken = []
    for _ in range(REFERENCE_CHECKS):
        began = time.monotonic()
        check = residents.ready(kind)
        run_check(residents.ports, eyes, check.id)
        taken.append(time.monotonic() - began)
        with residents.ports.ledger.begin() as unit:
            residents.note(unit.check(check.id))
    return taken


def _together(residents: Residents, kind: CheckKind, number: int) -> list[float]:
    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(residents.judged, [kind] * (number * CHECKS_EACH[number])))


def _timed(work: Callable[[], list[float]]) -> tuple[list[float], float]:
    began = time.monotonic()
    return work(), time.monotonic() - began


def _line(kind: CheckKind, who: str, taken: Sequence[float], seconds: float, *, refused: int) -> str:
    p50, p95 = (1000 * value for value in (median(taken), quantiles(taken, n=20, method="inclusive")[-1]))
    rate = 60 * len(taken) / seconds
    return f"{kind.value:8} {who:>10} {len(taken):6} {rate:9.0f} {p50:8.0f} {p95:8.0f} {refused:8}"


def _cost(pool: PoolRunner) -> str:
    endings = list(pool.endings)
    fork, wall, processor = (
        1000 * median(values)
        for values in zip(*((ended.fork_s, ended.wall_s, ended.processor_s) for ended in endings), strict=True)
    )
    return f"a child, median of the last {len(endings)}: fork {fork:.1f} ms, life {wall:.0f} ms, processor {processor:.0f} ms"


def _memory(pool: PoolRunner, residents: Residents) -> Iterator[str]:
    """Looked at during a few checks of their own, because looking disturbs."""
    seen, ended = Memory(), threading.Event()

    def watch() -> None:
        while not ended.wait(MEMORY_POLL_S):
            seen.look(pool.worker_pids)

    watching = threading.Thread(target=watch)
    watching.start()
    for kind in (CheckKind.FRONT, CheckKind.FACE, CheckKind.FRONT, CheckKind.FACE):
        residents.judged(kind)
    ended.set()
    watching.join()
    yield (
        f"memory of a lane, most seen: worker {seen.worker:.0f} MB, a child's own {seen.child:.0f} MB, both {seen.lane:.0f} MB"
    )


def _held(pid: int) -> float:
    return _rollup(pid, "Rss") - _rollup(pid, "Shared_Clean") if Path(f"/proc/{pid}").exists() else 0.0


def _private(pid: int) -> float:
    return _rollup(pid, "Private_Dirty") + _rollup(pid, "Private_Clean")


def _rollup(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # it has ended
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / _MEGABYTE


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []
