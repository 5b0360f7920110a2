"""Whether frames are a camera's: each once, in order, at a camera's pace, and never quite the same twice.

A recording that is cut, slowed down, put into another order or held as a still has to betray itself here. `captured_ms` is the
browser's word, so that a patient attacker can make it fit; what the frames show must then fit as well.
"""

from collections.abc import Sequence
from itertools import combinations, groupby, pairwise
from math import inf
from statistics import median

import numpy as np
from numpy.typing import NDArray

from services.domain.liveness import ACTION_TIME, LiveFrame
from services.domain.verdicts import CaptureFault, LivenessFault, LivenessVerdict
from services.vision import liveness_limits as limits
from services.vision.liveness_sight import Sight

_FEWEST_PACED = 3  # pauses of a step


def frames_fault(frames: Sequence[LiveFrame]) -> LivenessFault | None:
    """What no camera and no slow phone does: a frame sent twice, byte for byte, or frames out of their order."""
    if len({frame.jpeg for frame in frames}) < len(frames):
        return LivenessFault.FRAMES_REPEATED
    if any(b.step < a.step or b.captured_ms <= a.captured_ms for a, b in pairwise(frames)):
        return LivenessFault.FRAMES_OUT_OF_TIME
    return None


def pace_fault(frames: Sequence[LiveFrame]) -> LivenessVerdict | None:
    """Whether the camera stood still in a step, since nobody saw what happened meanwhile; then whether it was no camera's pace.

    In this order, since a page that stood still may hurry afterwards. A round that is not judged is no gain to anybody: it could
    be had with a dark picture, and the order is counted as seen all the same.
    """
    steps = _steps(frames)
    if any(gap > limits.LONGEST_GAP_MS for step in steps for gap in _pauses(step)):
        return LivenessVerdict(capture_fault=CaptureFault.FRAMES_MISSING)
    return LivenessVerdict(fault=LivenessFault.FRAMES_OUT_OF_TIME) if any(map(_hurried_or_long, steps)) else None


def sights_fault(sights: Sequence[Sight]) -> LivenessFault | None:
    """What the frames show of having been repeated, frozen, or put into another order."""
    steps = [list(step) for _, step in groupby(sights, key=lambda sight: sight.step)]
    if any(still(step) or frozen(step) for step in steps):
        return LivenessFault.FRAMES_REPEATED
    return LivenessFault.FRAMES_OUT_OF_TIME if any(map(to_and_fro, steps)) else None


def still(step: Sequence[Sight]) -> bool:
    """Whether three frames in a row are nearly the same: a still picture encoded anew, without a living face's unrest."""
    return quietest(step) < limits.NEARLY_SAME


def quietest(step: Sequence[Sight]) -> float:
    """The largest shift among three frames in a row, where it is smallest; infinite for fewer."""
    threes = zip(step, step[1:], step[2:], strict=False)
    return min((max(shift(a, b) for a, b in combinations(three, 2)) for three in threes), default=inf)


def frozen(step: Sequence[Sight]) -> bool:
    """Whether much of the picture is equal to the last bit in neighbouring frames, which a sensor's noise does not allow."""
    same = [equal_share(a.grain, b.grain) > limits.FROZEN_SHARE for a, b in pairwise(step)]
    return len(same) > 1 and sum(same) > max(1, limits.FROZEN_FRAMES * len(same))


def to_and_fro(step: Sequence[Sight]) -> bool:
    """Whether the head changes its direction as often as only frames in another order do."""
    turns, raises = [s.pose.yaw for s in step], [s.pose.pitch for s in step]
    return max(reversals(turns), reversals(raises)) >= limits.REVERSALS


def reversals(angles: Sequence[float]) -> int:
    """How often the way turns back by more than `REVERSAL_DEG`."""
    count, heading, extreme = 0, 0, angles[0]
    for angle in angles:
        moved = angle - extreme
        if moved * heading > 0:
            extreme = angle
        elif abs(moved) > limits.REVERSAL_DEG:
            count += heading != 0
            heading, extreme = (1 if moved > 0 else -1), angle
    return count


def shift(a: Sight, b: Sight) -> float:
    """How far the landmarks moved, per outer eye distance."""
    moved = ((a.landmarks[:, :2] - b.landmarks[:, :2]) ** 2).sum(axis=1).mean()
    return float(np.sqrt(moved)) / a.eyes_apart


def equal_share(a: NDArray[np.uint32], b: NDArray[np.uint32]) -> float:
    """The share of equal blocks among those with texture, of two pictures' `grain`."""
    if a.shape != b.shape or not a.any():
        return 0.0
    return float((a == b)[a != 0].mean())


def _hurried_or_long(step: Sequence[LiveFrame]) -> bool:
    pauses = _pauses(step)
    if sum(pauses) > ACTION_TIME.total_seconds() * 1000:
        return True
    return len(pauses) >= _FEWEST_PACED and median(pauses) < limits.SHORTEST_PAUSE_MS


def _pauses(step: Sequence[LiveFrame]) -> list[int]:
    return [b.captured_ms - a.captured_ms for a, b in pairwise(step)]


def _steps(frames: Sequence[LiveFrame]) -> list[list[LiveFrame]]:
    return [list(step) for _, step in groupby(frames, key=lambda frame: frame.step)]
