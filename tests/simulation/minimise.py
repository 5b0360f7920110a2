"""A failing schedule, made as small as it goes: fewer faults, the plainest story, the earliest points."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from .faults import STORIES, Fault, Misfit, Schedule
from .run import Result, run
from .world import Stage

TRIES = 60  # for one simplification: points shift when an earlier fault is left out


def minimised(stage: Stage, failing: Schedule) -> Schedule:
    """The smallest schedule that this finds to break any promise; the given one, where it is the smallest."""
    smallest = failing
    while True:
        found = next((smaller for smaller in _smaller(stage, smallest) if _fails(stage, smaller)), None)
        if found is None:
            return smallest
        smallest = found


def _fails(stage: Stage, schedule: Schedule) -> bool:
    try:
        result = run(stage, schedule)
    except Misfit:
        return False
    return result.violation is not None and result.schedule == schedule


def _smaller(stage: Stage, schedule: Schedule) -> Iterator[Schedule]:
    for index in range(len(schedule.faults)):
        yield from islice(_without(stage, schedule, index), TRIES)
    for story in STORIES[: STORIES.index(schedule.story)]:
        yield replace(schedule, story=story)
    if schedule.late:
        yield from islice(_refitted(stage, replace(schedule, late=False, faults=()), schedule.faults), TRIES)
    for index in range(len(schedule.faults)):
        yield from islice(_earlier(stage, schedule, index), TRIES)


def _without(stage: Stage, schedule: Schedule, index: int) -> Iterator[Schedule]:
    kept = replace(schedule, faults=schedule.faults[:index])
    yield from _refitted(stage, kept, schedule.faults[index + 1 :])


def _refitted(stage: Stage, kept: Schedule, rest: tuple[tuple[int, Fault], ...]) -> Iterator[Schedule]:
    """The rest of the faults at points that offer them, those near the old places first."""
    if not rest:
        yield kept
        return
    (number, fault), *others = rest
    start = kept.faults[-1][0] + 1 if kept.faults else 0
    offering = [at for at, point in enumerate(_run(stage, kept).points) if at >= start and fault in point.offers]
    for at in sorted(offering, key=lambda at: abs(at - number))[:8]:
        yield from _refitted(stage, replace(kept, faults=(*kept.faults, (at, fault))), tuple(others))


def _earlier(stage: Stage, schedule: Schedule, index: int) -> Iterator[Schedule]:
    before, (number, fault), after = schedule.faults[:index], schedule.faults[index], schedule.faults[index + 1 :]
    start = before[-1][0] + 1 if before else 0
    points = _run(stage, replace(schedule, faults=before)).points[start:number]
    for at, point in enumerate(points, start):
        if fault in point.offers:
            yield from _refitted(stage, replace(schedule, faults=(*before, (at, fault))), after)


def _run(stage: Stage, schedule: Schedule) -> Result:
    return run(stage, schedule)
