"""The light on a photographed card, and what a sensor makes of it."""

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.rehearsal.front_hand import Hand, Tier
from services.rehearsal.front_truth import Plane, plane

_Floats = NDArray[np.float32]
GLARE: Final = 300.0  # grey levels that a full reflection adds
COARSE: Final = 8  # light changes slowly: it is computed once for so many pixels each way
GRAIN_PX: Final = 2200  # side of the noise that every picture takes a part of
_DIM_GAIN: Final = (1.5, 2.6)  # times the noise


def light(rng: np.random.Generator, hand: Hand, width: int, height: int) -> _Floats:
    """How bright each pixel is lit, shape (height, width): a slope, shadows, the bands of a tube."""
    rows, columns = height // COARSE, width // COARSE
    angle = rng.uniform(0, 2 * np.pi)
    across = np.cos(angle) * np.linspace(0, 1, columns)[None, :] + np.sin(angle) * np.linspace(0, 1, rows)[:, None]
    slope = (across - across.min()) / np.ptp(across)
    lit = np.asarray(1 - rng.uniform(0.2, 1) * hand.shade * slope, np.float32)
    if rng.random() < hand.shadow:
        lit = lit * _shadow(rng, rows, columns)
    if rng.random() < hand.bands:
        period = rng.uniform(10, 50)
        wave = 1 + rng.uniform(0.05, 0.18) * np.sin(np.arange(rows) * 2 * np.pi / period + rng.uniform(0, 6))
        lit = lit * wave[:, None]
    # A phone sets its exposure by the whole picture, not quite right.
    lit = lit * (rng.uniform(0.75, 1.0) / lit.mean())
    return np.asarray(cv2.resize(np.asarray(lit, np.float32), (width, height)), np.float32)


def _shadow(rng: np.random.Generator, rows: int, columns: int) -> _Floats:
    """A hand's or the phone's shadow: a half plane with an edge that is hard or soft."""
    mask = np.ones((rows, columns), np.float32)
    start, direction = rng.uniform((0, 0), (columns, rows)), rng.uniform(0, 2 * np.pi)
    along = np.array([np.cos(direction), np.sin(direction)]) * 3000
    beside = np.array([-along[1], along[0]])
    corners = np.array([start - along, start + along, start + along + beside, start - along + beside])
    cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), float(rng.uniform(0.45, 0.85)))
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.4, 6))), np.float32)


def reflections(rng: np.random.Generator, hand: Hand, tier: Tier | None) -> Plane:
    """Reflections on the card, 0 to 1: lamps as spots, tubes as bars, and a sleeve's wide sheen."""
    sheet = plane()
    height, width = sheet.shape
    spots = 1 + int(rng.random() < 0.3) if rng.random() < hand.glare else 0
    for _ in range(spots):
        centre = (int(rng.uniform(0.05, 0.95) * width), int(rng.uniform(0.05, 0.95) * height))
        longest = rng.uniform(0.2, 0.5) if rng.random() < 0.25 else rng.uniform(0.04, 0.12)
        axes = (int(longest * width), int(rng.uniform(0.02, 0.06) * width))
        spot = np.zeros_like(sheet)
        cv2.ellipse(spot, centre, axes, float(rng.uniform(0, 180)), 0, 360, float(rng.uniform(0.6, 1.0)), -1)
        sheet = np.maximum(sheet, cv2.GaussianBlur(spot, (0, 0), width * float(rng.uniform(0.008, 0.025))))
    if tier is Tier.SLEEVE:
        streak = np.interp(np.arange(width), np.sort(rng.uniform(0, width, 4)), (0, *rng.uniform(0.02, 0.22, 2), 0))
        sheet = np.asarray(np.maximum(sheet, streak[None, :].astype(np.float32)), np.float32)
    return sheet


def exposed(
    picture: NDArray[np.uint8], lit: _Floats, glare: _Floats, hand: Hand, rng: np.random.Generator
) -> cv2.typing.MatLike:
    """What the sensor keeps of an RGB picture: BGR, uint8. A reflection burns it out; little light leaves noise."""
    sigma = rng.uniform(0.3, 1) * hand.noise * (rng.uniform(*_DIM_GAIN) if rng.random() < hand.dim else 1.0)
    warmth = rng.uniform((0.96, 0.97, 0.88), (1.04, 1.02, 1.02))
    grain = _grain()
    height, width = lit.shape
    channels = []
    for channel in (2, 1, 0):
        y, x = (int(rng.integers(GRAIN_PX - side)) for side in (height, width))
        seen = cv2.multiply(picture[..., channel], lit, scale=float(warmth[channel]), dtype=cv2.CV_32F)
        seen = cv2.scaleAdd(glare, GLARE, seen)
        seen = cv2.scaleAdd(np.ascontiguousarray(grain[y : y + height, x : x + width]), float(sigma), seen)
        channels.append(np.clip(seen, 0, 255).astype(np.uint8))
    return cv2.merge(channels)


@cache
def _grain() -> _Floats:
    """Normal noise; drawing it anew for every picture would take longer than the picture."""
    return np.asarray(np.random.default_rng(5).standard_normal((GRAIN_PX, GRAIN_PX), np.float32), np.float32)
