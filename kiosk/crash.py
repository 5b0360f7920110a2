"""Named points between two durable effects, where a rehearsal can cut the power.

The terminal promises that nothing is lost wherever it dies. So every boundary has a name (`services.domain.crash_points`), the
name stands in the code where the boundary is, and the tests go through all of them: in process with an exception that nothing
catches, and for real with `os._exit`.
"""

import os
from collections.abc import Callable
from typing import TypeAlias

from services.domain.crash_points import CrashPoint

__all__ = ["KILLED", "CrashPoint", "PowerCut", "no_power_cut", "power_cut_at"]


PowerCut: TypeAlias = Callable[[CrashPoint], None]

KILLED = 128 + 9  # what a shell reports for a process that was killed by signal 9


def no_power_cut(_: CrashPoint) -> None:
    """The hook of every terminal that is not rehearsing its own death."""


def power_cut_at(wanted: CrashPoint) -> PowerCut:
    """A hook that ends the process at this point as kill -9 would: no handler, no flush, no farewell."""

    def passing(point: CrashPoint) -> None:
        if point is wanted:
            os._exit(KILLED)

    return passing
