"""What stands between an attack and the server: a hand that is never quite still, a sensor, an encoder, a clock.

Everything is drawn from the attempt's own generator: the same seed gives the same bytes.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from services.domain.liveness import LiveFrame
from services.vision.image import Pixels

FRAME_MS: Final = 240  # as the page takes them
_FRAME_MS_SPREAD: Final = 30
_NOISE: Final = (1.2, 3.0)  # grey levels: a phone's front camera by day and in the evening
_FLICKER: Final = 0.006
_QUALITY: Final = (80, 92)
_GRAIN_SIDE: Final = 1 << 21


class Hand:
    """Holds a picture, or a head: shifts in pixels, roll in degrees and size drift about where they should be."""

    _DEVIATION: Final = np.array([1.5, 1.2, 0.35, 0.004])

    def __init__(self, chance: Generator) -> None:
        self._chance = chance
        self._drift = np.zeros(4)

    def hold(self, picture: Pixels, *, right: float = 0.0, down: float = 0.0, scale: float = 1.0) -> Pixels:
        """The picture moved in its plane, by as much as was meant and a little more."""
        self._drift = 0.8 * self._drift + 0.6 * self._chance.normal(0, self._DEVIATION)
        x, y, roll, grown = self._drift.tolist()
        height, width = picture.shape[:2]
        move = cv2.getRotationMatrix2D((width / 2, height * 0.45), roll, scale * (1 + grown))
        move[:, 2] += np.array([right + x, down + y])
        moved = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(moved, dtype=np.uint8)


@cache
def _grain() -> NDArray[np.float32]:
    """Normal noise, made once: a frame takes a stretch of it, since drawing a million numbers costs more than looking at a face."""
    return np.random.default_rng(1957).standard_normal(_GRAIN_SIDE, dtype=np.float32)


def grained(picture: Pixels, chance: Generator, deviation: float) -> NDArray[np.float32]:
    """The picture with noise of so many grey levels, not yet rounded."""
    start = int(chance.integers(0, _GRAIN_SIDE - picture.size))
    stretch = _grain()[start : start + picture.size].reshape(picture.shape)
    return np.asarray(picture + np.float32(deviation) * stretch, dtype=np.float32)


def develop(picture: Pixels, chance: Generator) -> bytes:
    """The picture as a camera delivers it: sensor noise, flicker of the light, JPEG."""
    noisy = grained(picture, chance, float(chance.uniform(*_NOISE))) * np.float32(chance.normal(1.0, _FLICKER))
    rounded = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    quality = int(chance.integers(*_QUALITY))
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(rounded, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def sent(steps: Sequence[Sequence[bytes]], chance: Generator, *, frame_ms: int = FRAME_MS) -> list[LiveFrame]:
    """The frames of each step as the page would send them, one after the other in time."""
    frames, at = [], 0.0
    for step, jpegs in enumerate(steps):
        for jpeg in jpegs:
            frames.append(LiveFrame(jpeg, step, round(at)))
            at += frame_ms + float(chance.uniform(-_FRAME_MS_SPREAD, _FRAME_MS_SPREAD))
    return frames
