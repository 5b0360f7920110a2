"""One schedule, from the first touch to the last check."""

import tempfile
import traceback
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from tests.kiosk.kiosk_backend import Issuance, issue

from . import dice
from .faults import Choice, Misfit, Planned, Point, Schedule
from .story import Story
from .view import Violation, no_secret_in
from .world import Joined, Looking, Stage, World, set_stage


@dataclass(frozen=True)
class Result:
    """What a run passed and what it came to."""

    schedule: Schedule
    points: list[Point]
    violation: str | None
    trail: list[tuple[int, bytes]]  # after the last fault: points passed, and the state of everything there
    joined: bool  # it was ended where another run had been in that state

    @property
    def after_last(self) -> bytes | None:
        """The state of everything when nothing moved for the first time after the last fault."""
        return self.trail[0][1] if self.trail else None


def run(
    stage: Stage,
    schedule: Schedule,
    choose: Choice | None = None,
    *,
    looking: Looking = Looking.NEVER,
    been_there: Container[bytes] = (),
) -> Result:
    """Runs the schedule, or what `choose` draws; ends where no fault is left and the state is one of `been_there`."""
    world = World(stage, schedule, choose or Planned(schedule.faults))
    world.looking, world.been_there = looking, been_there
    violation, joined = None, False
    try:
        world.begin()
        Story(world).live()
    except Violation as broken:
        violation = str(broken)
    except Joined:
        joined = True
    except Misfit:
        raise
    except Exception as fault:  # noqa: BLE001  # the terminal's outermost loop would end the session: nobody may rely on that
        violation = f"{type(fault).__name__} in {_where(fault)}"
    ran = replace(schedule, faults=tuple(world.points.struck))
    return Result(ran, world.points.passed, violation, world.trail, joined)


def _where(fault: Exception) -> str:
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


@contextmanager
def stage_set(issuance: Issuance | None = None, *, remember: bool = True) -> Iterator[Stage]:
    """The stage, with loaded dice, and logs that are searched for secrets and thrown away."""
    before = structlog.get_config()
    structlog.configure(processors=[_searched])
    try:
        with tempfile.TemporaryDirectory() as folder, dice.loaded():
            yield set_stage(issuance or issue(Path(folder)), remember=remember)
    finally:
        structlog.configure(**before)


def _searched(_logger: object, _method: str, event: dict) -> dict:
    no_secret_in(repr(event).encode(), "the log")
    raise structlog.DropEvent
