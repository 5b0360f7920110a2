"""The rules of liveness, over what frames show; no network and no image here.

In their order: can the frames be judged at all (costs no attempt) → are they fresh → is it one person all through → did the person
show each action in its own step, and nothing else → is the head solid. What each number was measured on is written beside it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

import numpy as np

from services.domain.liveness import Action, LiveFrame, LivenessChallenge
from services.domain.verdicts import CaptureFault, LivenessFault, LivenessVerdict
from services.vision.face_recogniser import Embedding
from services.vision.liveness_sight import Blind, Sight
from services.vision.mesh import narrowing, parallax

FEWEST_FRONTAL: Final = 5  # usable frames of the front step
FEWEST_IN_STEP: Final = 4
USABLE_SHARE: Final = 0.7  # of a step's frames: nobody shall hide a swap between frames that cannot be judged

FRONTAL_DEG: Final = 15.0  # from the own baseline; at 12 a nervous person fails
LARGEST_TILT_DEG: Final = 25.0  # of the baseline itself, against the camera
TURNED_DEG: Final = (20.0, 45.0)
SHOWN_FRAMES: Final = 3
WRONG_FRAMES: Final = 2

# London set: 324 neutral faces, turned, rolled and with noise, rose by .026 at most; people who smile as they like by .008 to .6,
# 9 of 54 below this limit.
SMILE_RISE: Final = 0.05
# Real heads at 20 to 30 degrees: .085 to .15, median .12. Flat pictures that report so much turn: .07 to .13, but with little
# presence, or too narrow. The three together let 10 of 2051 single frames of held pictures through, all of them bent around a
# quarter of a circle; an action needs three frames.
PARALLAX: Final = 0.085
PRESENCE_TURNED: Final = 10.0
NARROWER_THAN_TURN: Final = 0.08

BREAK_AT_ONCE: Final = 0.25  # other people: 99th percentile .29 frontal, .21 turned
PITCH_JUDGED_DEG: Final = 20.0  # beyond it, the same person's similarity falls to .5
JUMP: Final = (
    1.2  # of the distance between the outer eye corners, from one frame to the next, about a third of a second
)
GROWTH: Final = 1.5

# Between neighbouring frames, per outer eye distance: a still picture encoded anew, or with drawn noise, .001 to .0026; a person
# who holds still, filmed twelve times a second, .0023 to .005 (one in ten below .0032), and more at three frames a second.
NEARLY_SAME: Final = 0.003
NEARLY_SAME_SHARE: Final = 0.5

REPLAY_FRAMES: Final = 8
MOST_FRONTAL: Final = 12


@dataclass(frozen=True)
class Baseline:
    """The person's own front view, from the first step."""

    sight: Sight
    yaw: float
    pitch: float
    smile: float
    embedding: Embedding

    def turn(self, sight: Sight) -> float:
        """Degrees from the own front, positive to the person's own left."""
        return sight.pose.yaw - self.yaw

    def similarity(self, sight: Sight) -> float:
        """Cosine similarity with the own front."""
        return float(self.embedding @ sight.embedding)


def tampered(frames: Sequence[LiveFrame]) -> bool:
    """Whether frames come twice, or out of the order of their steps and times."""
    if len({frame.jpeg for frame in frames}) < len(frames):
        return True
    return any(b.step < a.step or b.captured_ms <= a.captured_ms for a, b in pairwise(frames))


def capture_fault(challenge: LivenessChallenge, looks: Sequence[Sight | Blind]) -> CaptureFault | None:
    """Why the frames cannot be judged, `None` where they can: the commonest fault of the first step that has too few."""
    for number in range(len(challenge.steps)):
        step = [look for look in looks if look.step == number]
        usable = sum(isinstance(look, Sight) for look in step)
        needed = FEWEST_IN_STEP if number else FEWEST_FRONTAL
        if usable >= needed and usable >= USABLE_SHARE * len(step):
            continue
        faults = Counter(look.fault for look in step if isinstance(look, Blind))
        return faults.most_common(1)[0][0] if faults else CaptureFault.TOO_FEW_FRAMES
    return None


def baseline(sights: Sequence[Sight]) -> Baseline | None:
    """The own front view out of the front step's frames; `None` where the person did not look ahead."""
    yaw, pitch = median(s.pose.yaw for s in sights), median(s.pose.pitch for s in sights)
    near = [s for s in sights if abs(s.pose.yaw - yaw) <= FRONTAL_DEG / 2]
    if len(near) < FEWEST_FRONTAL or max(abs(yaw), abs(pitch)) > LARGEST_TILT_DEG:
        return None
    mean = np.mean([s.embedding for s in near], axis=0)
    best = min(near, key=lambda s: abs(s.pose.yaw - yaw) + abs(s.pose.pitch - pitch))
    return Baseline(best, yaw, pitch, median(s.smile for s in near), mean / np.linalg.norm(mean))


def repeated(sights: Sequence[Sight]) -> bool:
    """Whether neighbouring frames are nearly the same: a still picture encoded anew, without a living face's unrest."""
    steps = {sight.step for sight in sights}
    return any(_still([sight for sight in sights if sight.step == step]) for step in steps)


def _still(step: Sequence[Sight]) -> bool:
    same = [_shift(a, b) < NEARLY_SAME for a, b in pairwise(step)]
    return len(same) > 1 and sum(same) > max(1, NEARLY_SAME_SHARE * len(same))


def _shift(a: Sight, b: Sight) -> float:
    moved = ((a.landmarks[:, :2] - b.landmarks[:, :2]) ** 2).sum(axis=1).mean()
    return float(np.sqrt(moved)) / a.eyes_apart


def face_changed(own: Baseline, sights: Sequence[Sight], same_face: float) -> bool:
    """Whether another face, or the same one at another place, appears on the way."""
    judged = [
        own.similarity(s)
        for s in sights
        if abs(own.turn(s)) <= TURNED_DEG[1] and abs(s.pose.pitch - own.pitch) <= PITCH_JUDGED_DEG
    ]
    # One frame below the limit happens to honest people (2 in 542); two in a row, or one far below, do not.
    if any(value < BREAK_AT_ONCE for value in judged) or any(max(pair) < same_face for pair in pairwise(judged)):
        return True
    return any(_jumped(a, b) for a, b in pairwise(sights) if a.step == b.step)


def _jumped(a: Sight, b: Sight) -> bool:
    growth = b.eyes_apart / a.eyes_apart
    return float(np.linalg.norm(a.centre - b.centre)) > JUMP * a.eyes_apart or not 1 / GROWTH < growth < GROWTH


def action_fault(action: Action, before: Action | None, own: Baseline, step: Sequence[Sight]) -> LivenessFault | None:
    """What is wrong with one step's frames, `None` where they show the action and no other.

    The head may still be on its way back from the action before: frames at the step's start that show that one are passed over.
    """
    left_over = _sign(before) if before else 0
    start = next((i for i, s in enumerate(step) if own.turn(s) * left_over < FRONTAL_DEG), len(step))
    rest = step[start:] if left_over else step
    asked = _sign(action)
    wrong = [s for s in rest if abs(own.turn(s)) >= TURNED_DEG[0] and own.turn(s) * asked <= 0]
    if len(wrong) >= WRONG_FRAMES:
        return LivenessFault.ACTION_NOT_SEEN
    match action:
        case Action.FRONT:
            return None
        case Action.LEFT | Action.RIGHT:
            return _turn_fault(asked, own, rest)
        case Action.SMILE:
            smiling = [s for s in rest if abs(own.turn(s)) <= FRONTAL_DEG and s.smile - own.smile >= SMILE_RISE]
            return None if len(smiling) >= SHOWN_FRAMES else LivenessFault.ACTION_NOT_SEEN


def _turn_fault(asked: int, own: Baseline, step: Sequence[Sight]) -> LivenessFault | None:
    turned = [s for s in step if TURNED_DEG[0] <= own.turn(s) * asked <= TURNED_DEG[1]]
    if len(turned) < SHOWN_FRAMES:
        return LivenessFault.ACTION_NOT_SEEN
    solid = [s for s in turned if _solid(own, s)]
    return None if len(solid) >= SHOWN_FRAMES else LivenessFault.FLAT


def _solid(own: Baseline, sight: Sight) -> bool:
    front = own.sight.landmarks
    as_turned = np.cos(np.radians(own.turn(sight))) - NARROWER_THAN_TURN
    return (
        sight.presence >= PRESENCE_TURNED
        and parallax(front, sight.landmarks) >= PARALLAX
        and narrowing(front, sight.landmarks) >= as_turned
    )


def _sign(action: Action) -> int:
    """The direction of the turn, positive to the person's own left; 0 for an action that is none."""
    return {Action.LEFT: 1, Action.RIGHT: -1}.get(action, 0)


def frontal(own: Baseline, looks: Sequence[Sight | Blind], same_face: float) -> tuple[int, ...]:
    """The indices of the frames that are fit for the match and the passive check, best first."""
    fit = {
        index: abs(own.turn(look)) + abs(look.pose.pitch - own.pitch) + 20 * abs(look.smile - own.smile)
        for index, look in enumerate(looks)
        if isinstance(look, Sight) and abs(own.turn(look)) <= FRONTAL_DEG and own.similarity(look) >= same_face
    }
    return tuple(sorted(fit, key=lambda index: fit[index])[:MOST_FRONTAL])


def replay_verdict(
    scores: Sequence[float], chosen: tuple[int, ...], *, reject: float, accept: float
) -> LivenessVerdict:
    """The passive check's say, by the median of the frontal frames; between the limits, more light usually decides."""
    if len(scores) < REPLAY_FRAMES:
        return LivenessVerdict(capture_fault=CaptureFault.TOO_FEW_FRAMES)
    middle = median(scores)
    if middle < reject:
        return LivenessVerdict(fault=LivenessFault.REPLAY)
    if middle < accept:
        return LivenessVerdict(capture_fault=CaptureFault.TOO_DARK)
    return LivenessVerdict(frontal=chosen)
