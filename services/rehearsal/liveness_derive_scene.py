"""People in motion, and their pictures held before the camera: what the limits of liveness are measured on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import cv2
import numpy as np
from PIL import Image

from services.domain.liveness import Action, LiveFrame
from services.rehearsal.clip import CameraClip
from services.rehearsal.portrait import Portrait
from services.vision.image import Pixels, decode_picture
from services.vision.liveness_baseline import Baseline, baseline
from services.vision.liveness_sight import Observer, Sight

FRAMES: Final = 16  # a step, as the page takes them
FRAME_MS: Final = 240
_BEFORE: Final = 3  # frames of a slide-show with the front's still
_HELD: Final = [(turn, tilt, near) for turn in (-50, 0, 50) for tilt in (-50, -30, 0, 30) for near in (1.0, 1.35)]


@dataclass(frozen=True)
class Side:
    """One side of a limit: what was measured, on what."""

    name: str
    values: Sequence[float]

    def __str__(self) -> str:
        if not self.values:
            return f"{self.name}: none"
        low, middle, high = np.quantile(self.values, (0, 0.5, 1))
        return f"{self.name}: {low:.4g} to {high:.4g}, median {middle:.4g} ({len(self.values)})"


def line(name: str, limit: object, sides: Iterable[Side]) -> str:
    """A limit, and what was measured on its sides."""
    return f"{name:18} limit {limit}; " + "; ".join(map(str, sides))


class Scene:
    """One person in motion, and the same person's picture held before the camera."""

    def __init__(self, portrait: Portrait) -> None:
        observer = Observer()
        clip = CameraClip(portrait)
        frames = {action: clip.frames(action, FRAMES, seed=0) for action in Action}
        self.steps = {action: sights_of(observer, step) for action, step in frames.items()}
        self.own: Baseline | None = baseline(self.steps[Action.FRONT])
        front = decode_picture(frames[Action.FRONT][0])
        held = [jpeg_of(_held(front, *how), number) for number, how in enumerate(_HELD)]
        self.held = sights_of(observer, held)
        last = {action: decode_picture(step[-1]) for action, step in frames.items()}
        self.album = {action: sights_of(observer, _moved_by_hand(still, FRAMES)) for action, still in last.items()}

    def of(self, action: Action, value: Callable[[Baseline, Sight], float]) -> list[float]:
        """The value over the last third of the action, when it is held."""
        return [value(self.own, sight) for sight in self.steps[action][-FRAMES // 3 :]] if self.own else []

    def slides(self, action: Action) -> list[Sight]:
        """The front's still, then the action's, moved by a hand."""
        return [*self.album[Action.FRONT][:_BEFORE], *self.album[action][_BEFORE:]]

    def of_held(
        self, like: Callable[[Baseline, Sight], bool], value: Callable[[Baseline, Sight], float]
    ) -> list[float]:
        """The value over those held pictures that pass for the action."""
        return [value(self.own, sight) for sight in self.held if like(self.own, sight)] if self.own else []


def sights_of(observer: Observer, frames: Sequence[bytes]) -> list[Sight]:
    """Those of the frames that can be judged."""
    looks = (observer.look(LiveFrame(jpeg, 0, FRAME_MS * number)) for number, jpeg in enumerate(frames))
    return [look for look in looks if isinstance(look, Sight)]


def _held(picture: Pixels, turn: float, tilt: float, near: float) -> Pixels:
    """The picture as a flat sheet, turned about its upright axis, tilted about its level one, and moved nearer."""
    height, width = picture.shape[:2]
    focal = float(max(height, width))
    t, u = np.radians([turn, tilt])
    about_y = np.array([[np.cos(t), 0, np.sin(t)], [0, 1, 0], [-np.sin(t), 0, np.cos(t)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(u), -np.sin(u)], [0, np.sin(u), np.cos(u)]])
    rotation = about_x @ about_y
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    sheet = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, focal / near]])
    view = camera @ sheet @ np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    return np.asarray(cv2.warpPerspective(picture, view, (width, height), borderValue=(128, 128, 128)), dtype=np.uint8)


def _moved_by_hand(picture: Pixels, count: int) -> list[bytes]:
    """One still, shaken as by a hand: shifted by pixels, turned and scaled a little, with a sensor's noise."""
    random = np.random.default_rng(3)
    height, width = picture.shape[:2]
    frames = []
    for number in range(count):
        move = cv2.getRotationMatrix2D((width / 2, height / 2), random.normal(0, 0.35), 1 + random.normal(0, 0.004))
        shift = np.column_stack([np.zeros((2, 2)), random.normal(0, 1.5, 2)])
        shaken = cv2.warpAffine(picture, np.asarray(move) + shift, (width, height), borderMode=cv2.BORDER_REFLECT)
        frames.append(jpeg_of(np.asarray(shaken, dtype=np.uint8), number))
    return frames


def jpeg_of(picture: Pixels, seed: int) -> bytes:
    """With a sensor's noise."""
    noisy = picture + np.random.default_rng(seed).normal(0, 2, picture.shape)
    encoded = BytesIO()
    Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8)).save(encoded, "JPEG", quality=88)
    return encoded.getvalue()
