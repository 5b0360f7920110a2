"""The person's own front view: everything after it is measured against it, nothing against a norm."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from services.domain.liveness import Action
from services.vision import liveness_limits as limits
from services.vision.face_recogniser import Embedding
from services.vision.liveness_sight import Sight
from services.vision.models import threshold


@dataclass(frozen=True)
class Baseline:
    """The person's own front view, from the first step."""

    sight: Sight
    yaw: float
    pitch: float
    smile: float
    eyes_apart: float
    embedding: Embedding

    def turn(self, sight: Sight) -> float:
        """Degrees from the own front, positive to the person's own left."""
        return sight.pose.yaw - self.yaw

    def rise(self, sight: Sight) -> float:
        """Degrees from the own front, positive up."""
        return sight.pose.pitch - self.pitch

    def growth(self, sight: Sight) -> float:
        """Size against the own front view's: the reciprocal of the distances' ratio."""
        return sight.eyes_apart / self.eyes_apart

    def similarity(self, sight: Sight) -> float:
        """Cosine similarity with the own front."""
        return float(self.embedding @ sight.embedding)

    def alike(self, sight: Sight) -> bool:
        """Whether it is the same face, as far as can be asked of the pose: who looks ahead must resemble the own front more."""
        return self.similarity(sight) >= self._by_angle(sight, limits.ALIKE_AHEAD, threshold("sface", "same_face"))

    def foreign(self, sight: Sight) -> bool:
        """Whether it is another face beyond doubt, so that one frame is enough."""
        return self.similarity(sight) < self._by_angle(sight, *limits.BREAK_AT_ONCE)

    def _by_angle(self, sight: Sight, ahead: float, away: float) -> float:
        angle = max(abs(self.turn(sight)), abs(self.rise(sight)))
        return float(np.interp(angle, limits.ALIKE_DEG, (ahead, away)))


def sign(action: Action) -> int:
    """The direction of the turn, positive to the person's own left; 0 for an action that is none."""
    return {Action.LEFT: 1, Action.RIGHT: -1}.get(action, 0)


def baseline(sights: Sequence[Sight]) -> Baseline | None:
    """The own front view out of the front step's frames; `None` where the person did not look ahead."""
    yaw, pitch = median(s.pose.yaw for s in sights), median(s.pose.pitch for s in sights)
    near = [s for s in sights if abs(s.pose.yaw - yaw) <= limits.FRONTAL_DEG / 2]
    if len(near) < limits.FEWEST_FRONTAL or max(abs(yaw), abs(pitch)) > limits.LARGEST_TILT_DEG:
        return None
    mean = np.mean([s.embedding for s in near], axis=0)
    best = min(near, key=lambda s: abs(s.pose.yaw - yaw) + abs(s.pose.pitch - pitch))
    smile, eyes_apart = median(s.smile for s in near), median(s.eyes_apart for s in near)
    return Baseline(best, yaw, pitch, smile, eyes_apart, mean / np.linalg.norm(mean))
