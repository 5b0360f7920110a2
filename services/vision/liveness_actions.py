"""Whether a step's frames show the action that was asked and no other, done by a solid head.

The head may still be on its way back from the action before: frames at the step's start that show that one are passed over. A
smile beside another action is forgiven: who smiles out of nervousness is no attacker. The price: a recording in which the person
smiles all the way fits up to four orders instead of one.
"""

from collections.abc import Callable, Sequence
from statistics import median
from typing import assert_never

import numpy as np

from services.domain.liveness import Action
from services.domain.verdicts import LivenessFault
from services.vision import liveness_limits as limits
from services.vision.liveness_baseline import Baseline, sign
from services.vision.liveness_sight import Sight
from services.vision.mesh import narrowing, parallax
from services.vision.mesh_depth import depth_motion

Step = Sequence[Sight]


def action_fault(action: Action, before: Action | None, own: Baseline, step: Step) -> LivenessFault | None:
    """What is wrong with one step's frames, `None` where they show the action and no other."""
    rest = _begun(before, own, step)
    if _other_movement(action, own, rest):
        return LivenessFault.ACTION_NOT_SEEN
    match action:
        case Action.FRONT:
            return _shown(own, [s for s in rest if abs(own.turn(s)) <= limits.FRONTAL_DEG])
        case Action.LEFT | Action.RIGHT:
            return _turn_fault(sign(action), own, rest)
        case Action.SMILE:
            return _smile_fault(own, rest)
        case Action.UP:
            return _raise_fault(own, rest)
        case Action.NEARER:
            return _approach_fault(own, rest)
        case _:
            assert_never(action)


def _begun(before: Action | None, own: Baseline, step: Step) -> Step:
    """The step from where the action before is over."""
    match before:
        case Action.LEFT | Action.RIGHT:
            side = sign(before)
            start = (i for i, s in enumerate(step) if own.turn(s) * side < limits.FRONTAL_DEG)
        case Action.UP:
            start = (i for i, s in enumerate(step) if own.rise(s) < limits.RAISED_DEG[0])
        case _:
            return step
    return step[next(start, len(step)) :]


def _other_movement(action: Action, own: Baseline, step: Step) -> bool:
    """Whether the step shows a turn or a raised face that nobody asked for, or an approach.

    Who leans towards the camera, or lifts the phone, sees it at another angle: while coming nearer the raise is not judged.
    """
    asked = sign(action)
    turned = [s for s in step if abs(own.turn(s)) >= limits.TURNED_DEG[0] and own.turn(s) * asked <= 0]
    raised = [s for s in step if own.rise(s) >= limits.RAISED_DEG[0] and abs(own.turn(s)) <= limits.FRONTAL_DEG]
    if action in {Action.UP, Action.NEARER}:
        raised = []
    if max(len(turned), len(raised)) >= limits.WRONG_FRAMES:
        return True
    return action is not Action.NEARER and len(_approached(own, step)) >= limits.SHOWN_FRAMES


def _turn_fault(asked: int, own: Baseline, step: Step) -> LivenessFault | None:
    least, most = limits.TURNED_DEG
    return _shown(own, [s for s in step if least <= own.turn(s) * asked <= most], lambda s: _solid_turn(own, s))


def _solid_turn(own: Baseline, sight: Sight) -> bool:
    front = own.sight.landmarks
    as_turned = np.cos(np.radians(own.turn(sight))) - limits.NARROWER_THAN_TURN
    # Who has come nearer shows more of everything: the residual is counted at the distance of the front view.
    residual = parallax(front, sight.landmarks) / max(own.growth(sight), 1.0)
    return (
        sight.presence >= limits.PRESENCE_TURNED
        and residual >= limits.PARALLAX
        and narrowing(front, sight.landmarks) >= as_turned
    )


def _smile_fault(own: Baseline, step: Step) -> LivenessFault | None:
    ahead = [s for s in step if abs(own.turn(s)) <= limits.FRONTAL_DEG]
    return _shown(own, [s for s in ahead if s.smile - own.smile >= limits.SMILE_RISE])


def _raise_fault(own: Baseline, step: Step) -> LivenessFault | None:
    least, most = limits.RAISED_DEG
    raised = [s for s in step if least <= own.rise(s) <= most and abs(own.turn(s)) <= limits.FRONTAL_DEG]
    return _shown(own, raised, lambda s: depth_motion(own.sight.landmarks, s.landmarks).up >= limits.RAISED_BY_DEPTH)


def _approach_fault(own: Baseline, step: Step) -> LivenessFault | None:
    near = _approached(own, step)
    if fault := _shown(own, near):
        return fault
    by_depth = median(depth_motion(own.sight.landmarks, s.landmarks).nearer for s in near)
    return None if by_depth >= limits.NEARER_BY_DEPTH else LivenessFault.FLAT


def _shown(own: Baseline, frames: Step, solid: Callable[[Sight], bool] = lambda _: True) -> LivenessFault | None:
    """Enough frames of the action, enough of them with the own face, and enough of these of a solid head."""
    alike = [sight for sight in frames if own.alike(sight)]
    for kept, fault in (
        (frames, LivenessFault.ACTION_NOT_SEEN),
        (alike, LivenessFault.FACE_CHANGED),
        ([sight for sight in alike if solid(sight)], LivenessFault.FLAT),
    ):
        if len(kept) < limits.SHOWN_FRAMES:
            return fault
    return None


def _approached(own: Baseline, step: Step) -> Step:
    """The frames in which the face has come nearer than in the front view, and than before in this step."""
    near = []
    smallest = np.inf
    for sight in step:
        smallest = min(smallest, own.growth(sight))
        if own.growth(sight) >= limits.NEARER_BY and own.growth(sight) >= limits.NEARER_IN_STEP * smallest:
            near.append(sight)
    return near
