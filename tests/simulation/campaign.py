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

# The beginnings in which every pair is run; in all others every single fault is.
_FURTHEST_APART: Final = ("same-first", "other-second")
_LATE: Final = [Schedule(kind, "other-second", late=True) for kind in PasswordKind]
PAIRED: Final = {
    "none": [],
    "few": [Schedule(PasswordKind.USER_AUTHENTICATION, "same-first")],
    "usual": [Schedule(kind, story) for story in _FURTHEST_APART for kind in PasswordKind] + _LATE,
    "all": [Schedule(kind, story) for story in STORIES for kind in PasswordKind] + _LATE,
}
EVERY_BEGINNING: Final = [
    Schedule(kind, story, late) for late in (False, True) for story in STORIES for kind in PasswordKind
]
DRAWN_AT_ONCE: Final = 100

_stage: list[Stage] = []


def campaign(stage: Stage, seed: str, wanted: int, paired: Sequence[Schedule]) -> Iterator[Tally]:
    """Every single fault, from these beginnings every pair; then drawn schedules until so many were run.

    Yields the sum so far, after each piece of work.
    """
    total = Tally()
    with _workers(stage) as pool:
        single = [beginning for beginning in EVERY_BEGINNING if beginning not in paired]
        exhaustive = [("pairs", beginning) for beginning in paired] + [("singles", beginning) for beginning in single]
        for part in pool.imap_unordered(_done, exhaustive):
            total.add(part)
            yield total
        chunks = (("draw", f"{seed}.{number}", DRAWN_AT_ONCE) for number in count())
        while total.schedules < wanted:
            need = -(-(wanted - total.schedules) // DRAWN_AT_ONCE)
            batch = [next(chunks) for _ in range(need)]
            for part in pool.imap_unordered(_done, batch):
                total.add(part)
                yield total


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
