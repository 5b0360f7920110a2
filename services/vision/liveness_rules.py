"""The rules of liveness that look at all frames together; no network and no image here.

In their order: can the frames be judged at all (costs no attempt) → are they a camera's (`liveness_pace`) → is it one person all
through → did the person show each action in its own step, and nothing else, as a solid head does (`liveness_actions`) → is it no
screen. What each number was measured on stands beside it in `liveness_limits`.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import numpy as np

from services.domain.liveness import Action, LivenessChallenge
from services.domain.verdicts import CaptureFault, LivenessFault, LivenessVerdict
from services.vision import liveness_limits as limits
from services.vision.liveness_baseline import Baseline
from services.vision.liveness_sight import Blind, Sight


def capture_fault(challenge: LivenessChallenge, looks: Sequence[Sight | Blind]) -> CaptureFault | None:
    """Why the frames cannot be judged, `None` where they can: the commonest fault of the first step that has too few."""
    for number in range(len(challenge.steps)):
        step = [look for look in looks if look.step == number]
        usable = sum(isinstance(look, Sight) for look in step)
        needed = limits.FEWEST_IN_STEP if number else limits.FEWEST_FRONTAL
        if usable >= needed and usable >= limits.USABLE_SHARE * len(step):
            continue
        faults = Counter(look.fault for look in step if isinstance(look, Blind))
        return faults.most_common(1)[0][0] if faults else CaptureFault.TOO_FEW_FRAMES
    return _no_room(challenge, looks)


def _no_room(challenge: LivenessChallenge, looks: Sequence[Sight | Blind]) -> CaptureFault | None:
    """Who fills the picture from the beginning cannot come nearer within it."""
    approach = any(step.action is Action.NEARER for step in challenge.steps)
    fills = median(look.fills for look in looks if isinstance(look, Sight) and look.step == 0) if approach else 0.0
    return CaptureFault.TOO_NEAR if fills > limits.LARGEST_FACE else None


def face_changed(own: Baseline, sights: Sequence[Sight]) -> bool:
    """Whether another face, or the same one at another place, appears on the way.

    Beyond the angles that are judged here, no frame counts for an action either.
    """
    lowest, highest = limits.RISE_JUDGED_DEG
    judged = [s for s in sights if abs(own.turn(s)) <= limits.TURNED_DEG[1] and lowest <= own.rise(s) <= highest]
    if any(map(own.foreign, judged)):
        return True
    # One frame below the limit happens to honest people (2 in 542); two in a row, or one far below, do not.
    if any(not own.alike(a) and not own.alike(b) for a, b in pairwise(judged)):
        return True
    # The own front is a mean: two people in the front step would both resemble it, but not each other.
    front = [s for s in sights if s.step == 0 and abs(own.turn(s)) <= limits.FRONTAL_DEG]
    if any(float(a.embedding @ b.embedding) < limits.ALIKE_AHEAD for a, b in pairwise(front)):
        return True
    return any(_jumped(a, b) for a, b in pairwise(sights) if a.step == b.step)


def _jumped(a: Sight, b: Sight) -> bool:
    growth = b.eyes_apart / a.eyes_apart
    moved = float(np.linalg.norm(a.centre - b.centre))
    return moved > limits.JUMP * a.eyes_apart or not 1 / limits.GROWTH < growth < limits.GROWTH


def frontal(own: Baseline, looks: Sequence[Sight | Blind]) -> tuple[int, ...]:
    """The indices of the frames that are fit for the match and the passive check, best first."""
    fit = {
        index: abs(own.turn(look)) + abs(own.rise(look)) + 20 * abs(look.smile - own.smile)
        for index, look in enumerate(looks)
        if isinstance(look, Sight)
        and abs(own.turn(look)) <= limits.FRONTAL_DEG
        and abs(own.rise(look)) <= limits.FRONTAL_DEG
        and own.alike(look)
    }
    return tuple(sorted(fit, key=lambda index: fit[index])[: limits.MOST_FRONTAL])


def replay_verdict(
    scores: Sequence[float], chosen: tuple[int, ...], *, reject: float, accept: float
) -> LivenessVerdict:
    """The passive check's say, by the median of the frontal frames; between the limits it is asked for another light."""
    if len(scores) < limits.REPLAY_FRAMES:
        return LivenessVerdict(capture_fault=CaptureFault.TOO_FEW_FRAMES)
    middle = median(scores)
    if middle < reject:
        return LivenessVerdict(fault=LivenessFault.REPLAY)
    if middle < accept:
        return LivenessVerdict(capture_fault=CaptureFault.SCREEN_LIKE)
    return LivenessVerdict(frontal=chosen)
