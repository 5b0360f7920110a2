"""The way from the own front view to the action: that it was gone in this step, and not in one leap.

Stills of the right person, shown one after the other, jump from one shape to the next; a head passes through those between. Turns
and raises are followed by the shape of the landmarks, with shift, roll and scale taken out, so that a hand that moves a still moves
nothing here; coming nearer is followed by the face's size. A smile is left out: it may be quicker than the camera.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.domain.liveness import Action
from services.domain.verdicts import CaptureFault, LivenessFault, LivenessVerdict
from services.vision import liveness_limits as limits
from services.vision.liveness_baseline import Baseline, sign
from services.vision.liveness_sight import Sight


def way_fault(action: Action, own: Baseline, step: Sequence[Sight]) -> LivenessVerdict | None:
    """What is wrong with how a step came to its action, `None` where it came there as a head does."""
    gone = way(action, own, step)
    if not gone:
        return None
    if min(gone) > limits.WAY_BEGINS:
        return LivenessVerdict(fault=LivenessFault.ACTION_NOT_SEEN, action=action.value)
    share, pause_ms = leap(gone, step)
    if share <= limits.LEAP:
        return None
    if pause_ms > limits.LEAP_JUDGED_MS:
        return LivenessVerdict(capture_fault=CaptureFault.FRAMES_MISSING)
    return LivenessVerdict(fault=LivenessFault.ACTION_NOT_SEEN, action=action.value)


def way(action: Action, own: Baseline, step: Sequence[Sight]) -> list[float]:
    """For each frame how far it is on the way from the own front, 0, to the action, 1; below 0 it is on the other side.

    Empty for an action without a way that can be followed.
    """
    match action:
        case Action.LEFT | Action.RIGHT:
            return _by_shape(own, step, [s for s in step if own.turn(s) * sign(action) >= limits.TURNED_DEG[0]])
        case Action.UP:
            return _by_shape(own, step, [s for s in step if own.rise(s) >= limits.RAISED_DEG[0]])
        case Action.NEARER:
            nearer = np.log([own.growth(sight) for sight in step])
            return (nearer / nearer.max()).tolist() if nearer.max() > 0 else []
        case Action.FRONT | Action.SMILE:
            return []


def leap(gone: Sequence[float], step: Sequence[Sight]) -> tuple[float, int]:
    """The largest part of the way between two neighbouring frames, and the milliseconds between them."""
    ahead = np.clip(gone, 0, None)
    parts = np.abs(np.diff(ahead)) / ahead.max()
    at = int(parts.argmax())
    pauses = [b.captured_ms - a.captured_ms for a, b in pairwise(step)]
    return float(parts[at]), pauses[at]


def _by_shape(own: Baseline, step: Sequence[Sight], arrived: Sequence[Sight]) -> list[float]:
    """Along the change from the own front to the arrived frame that differs most from it."""
    if not arrived:
        return []
    end = max((_change(own.sight, sight) for sight in arrived), key=np.linalg.norm)
    whole = np.vdot(end, end).real
    return [float(np.vdot(end, _change(own.sight, sight)).real / whole) for sight in step]


def _change(front: Sight, seen: Sight) -> NDArray[np.complex128]:
    """What is left of the difference after the best shift, turn in the picture and scale, in the front view's measure."""
    a, b = _shape(front), _shape(seen)
    return np.asarray(b * (np.vdot(a, a) / np.vdot(a, b)) - a)


def _shape(sight: Sight) -> NDArray[np.complex128]:
    """The landmarks as complex numbers around their middle: turning and scaling is one product."""
    flat = (sight.landmarks[:, :2] - sight.centre) / sight.eyes_apart
    return np.asarray(flat[:, 0] + 1j * flat[:, 1])
