"""All schedules, on as many processes as there are cores."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from multiprocessing import get_context
from multiprocessing.pool import Pool
from time import process_time
from typing import Final

from services.domain.password import PasswordKind

from .explore import Tally, draw, pairs, singles
from .faults import STORIES, Schedule
from .world import Stage, renewed

# Every pair in the two stories that are the furthest apart; in the other two every single fault, and drawn ones.
PAIRED: Final = ("same-first", "other-second")
LATE: Final = "other-second"
DRAWN_AT_ONCE: Final = 100

_stage: list[Stage] = []


def campaign(stage: Stage, seed: str, wanted: int, stories: Sequence[str] = PAIRED) -> Iterator[Tally]:
    """Every single fault and, in these stories, every pair; then drawn schedules until so many were run.

    Where no story is given, only drawn ones. Yields the sum so far, after each piece of work.
    """
    total = Tally()
    with _workers(stage) as pool:
        for part in pool.imap_unordered(_done, _exhaustive(stories)):
            total.add(part)
            yield total
        chunks = (("draw", f"{seed}.{number}", DRAWN_AT_ONCE) for number in count())
        while total.schedules < wanted:
            need = -(-(wanted - total.schedules) // DRAWN_AT_ONCE)
            batch = [next(chunks) for _ in range(need)]
            for part in pool.imap_unordered(_done, batch):
                total.add(part)
                yield total


def _exhaustive(stories: Sequence[str]) -> list[tuple]:
    if not stories:
        return []
    found: list[tuple] = [("pairs", Schedule(kind, story)) for story in stories for kind in PasswordKind]
    found += [("pairs", Schedule(kind, LATE, late=True)) for kind in PasswordKind]
    found += [("singles", Schedule(kind, story)) for story in STORIES if story not in stories for kind in PasswordKind]
    others = [story for story in STORIES if story != LATE]
    return found + [("singles", Schedule(kind, story, late=True)) for story in others for kind in PasswordKind]


def _done(work: tuple) -> Tally:
    name, first, *more = work
    stage, tally, before = renewed(_stage[0]), Tally(), process_time()
    deeds: dict[str, Callable[[], object]] = {
        "pairs": lambda: pairs(stage, first, tally),
        "singles": lambda: singles(stage, first, tally),
        "draw": lambda: draw(stage, first, more[0], tally),
    }
    deeds[name]()
    tally.seconds = process_time() - before
    return tally


def _workers(stage: Stage) -> Pool:
    _stage[:] = [stage]
    # What every run shares is made once, and never looked at again by a child's garbage collection.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return get_context("fork").Pool(len(os.sched_getaffinity(0)), maxtasksperchild=4)
