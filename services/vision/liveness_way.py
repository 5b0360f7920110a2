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
from services.vision.mesh_depth import depth_motion


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

    1 is the arrived frame in the middle of all that arrived, by how far they went: a single one, tilted further, shall not make
    the way longer than it is. Empty for an action without a way that can be followed.
    """
    match action:
        case Action.LEFT | Action.RIGHT | Action.UP:
            return _by_shape(action, own, step)
        case Action.NEARER:
            nearer = np.log([own.growth(sight) for sight in step])
            arrived = nearer[nearer >= np.log(limits.NEARER_BY)]
            return (nearer / _middle(arrived)).tolist() if len(arrived) else []
        case Action.FRONT | Action.SMILE:
            return []


def leap(gone: Sequence[float], step: Sequence[Sight]) -> tuple[float, int]:
    """The largest part of the way between two neighbouring frames, and the milliseconds between them."""
    parts = np.abs(np.diff(np.clip(gone, 0, 1)))
    at = int(parts.argmax())
    pauses = [b.captured_ms - a.captured_ms for a, b in pairwise(step)]
    return float(parts[at]), pauses[at]


def _by_shape(action: Action, own: Baseline, step: Sequence[Sight]) -> list[float]:
    """Along the change from the own front to the middle one of the arrived frames.

    A frame whose depth has not moved as far as its shape is a picture of the front, tilted: it has not left the front.
    """
    arrived = [sight for sight in step if _arrived(action, own, sight)]
    if not arrived:
        return []
    end = sorted((_change(own.sight, sight) for sight in arrived), key=np.linalg.norm)[(len(arrived) - 1) // 2]
    whole = np.vdot(end, end).real
    gone = [float(np.vdot(end, _change(own.sight, sight)).real / whole) for sight in step]
    deep = _middle([_depth(action, own, sight) for sight in arrived])
    solid = [_depth(action, own, sight) >= limits.SOLID * part * deep for sight, part in zip(step, gone, strict=True)]
    return [part if ok or not 0 < part < limits.LEAP else 0.0 for part, ok in zip(gone, solid, strict=True)]


def _arrived(action: Action, own: Baseline, sight: Sight) -> bool:
    if action is Action.UP:
        return own.rise(sight) >= limits.RAISED_DEG[0]
    return own.turn(sight) * sign(action) >= limits.TURNED_DEG[0]


def _depth(action: Action, own: Baseline, sight: Sight) -> float:
    moved = depth_motion(own.sight.landmarks, sight.landmarks)
    return moved.up if action is Action.UP else moved.left * sign(action)


def _middle(values: Sequence[float] | NDArray[np.float64]) -> float:
    """Of an even number the lower one."""
    return float(sorted(values)[(len(values) - 1) // 2])


def _change(front: Sight, seen: Sight) -> NDArray[np.complex128]:
    """What is left of the difference after the best shift, turn in the picture and scale, in the front view's measure."""
    a, b = _shape(front), _shape(seen)
    return np.asarray(b * (np.vdot(a, a) / np.vdot(a, b)) - a)


def _shape(sight: Sight) -> NDArray[np.complex128]:
    """The landmarks as complex numbers around their middle: turning and scaling is one product."""
    flat = (sight.landmarks[:, :2] - sight.centre) / sight.eyes_apart
    return np.asarray(flat[:, 0] + 1j * flat[:, 1])
