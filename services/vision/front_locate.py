"""Finds the card in a picture by matching what every card shows: SIFT features against blank cards, MAGSAC for the pose.

Contours were rejected: round corners, fingers and clutter break them, and a rectangle says nothing about which document it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from services.vision.front_template import Layout
from services.vision.image import Pixels

# The longer side of the picture in which features are sought, and how many are kept. The first look takes 120 CPU ms instead
# of 220 and is off by 0.2 mm (95 %) from the second, which is for cards that are small, blurred or half hidden.
LOOKS: Final = ((640, 3000), (960, 5000))
TEMPLATE_FEATURES: Final = 1500
REFUSED_FEATURES: Final = 800  # these are only told, not measured
RATIO: Final = 0.8  # Lowe's test
REPROJECTION_PX: Final = 4.0
ENOUGH_INLIERS: Final = 20  # own cards ≥ 25 in all pictures that a person can read; other documents below 12
REFUSED_INLIERS: Final = 14  # of a layout that is not read: it is only told, and must not pass for lack of a few
PLAIN_INLIERS: Final = 60  # from here on no other layout is compared
SMALLEST_PX_PER_MM: Final = 3.0  # below it no engine reads the code

Homography = NDArray[np.float64]
_Indices = NDArray[np.int64]
_Features = np.ndarray[tuple[int, int], np.dtype[np.float32]]


@dataclass(frozen=True)
class Located:
    """A card in a picture: which, the homography from its millimetres to pixels, and how many features say so."""

    layout: Layout
    to_picture: Homography
    inliers: int
    px_per_mm: float


class CardLocator:
    """Keeps the features of some layouts. One thread."""

    def __init__(self, read: Layout, refused: Sequence[Layout]) -> None:
        self._read = _Known(read, TEMPLATE_FEATURES, ENOUGH_INLIERS)
        self._refused = [_Known(layout, REFUSED_FEATURES, REFUSED_INLIERS) for layout in refused]

    def locate(self, picture: Pixels) -> Located | None:
        """The card in an RGB picture, read or refused; `None` where there is none that counts."""
        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        looks = (self._look(grey, side, count) for side, count in LOOKS)
        return next((card for card in looks if card is not None), None)

    def _look(self, grey: Pixels, side: int, count: int) -> Located | None:
        shrink = min(1.0, side / max(grey.shape))
        small = cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        points, features = cv2.SIFT.create(nfeatures=count).detectAndCompute(small, None)
        if features is None or len(points) < REFUSED_INLIERS:
            return None
        seen = np.array([point.pt for point in points], np.float32) / shrink
        described = _unit(features)
        card = self._read.find(seen, described, shrink)
        if card is not None and card.inliers >= PLAIN_INLIERS:
            return card
        others = (known.find(seen, described, shrink) for known in self._refused)
        found = [one for one in (card, *others) if one is not None]
        return max(found, key=lambda one: one.inliers, default=None)


class _Known:
    """One layout's features, in millimetres."""

    def __init__(self, layout: Layout, count: int, enough: int) -> None:
        self._layout = layout
        self._enough = enough
        points, features = cv2.SIFT.create(nfeatures=count).detectAndCompute(layout.blank, layout.unprinted)
        self._points = np.array([point.pt for point in points], np.float32) / layout.scale
        self._features = _unit(features)

    def find(self, seen: NDArray[np.float32], described: _Features, shrink: float) -> Located | None:
        """This card by the features of a picture, if enough of them are its own and lie as on a card."""
        here, there = _matches(np.dot(self._features, described.T))
        if len(here) < self._enough:
            return None
        to_picture, votes = cv2.findHomography(
            self._points[here],
            seen[there],
            cv2.USAC_MAGSAC,
            REPROJECTION_PX / shrink,
            maxIters=5000,
            confidence=0.9999,
        )
        if to_picture is None or int(votes.sum()) < self._enough:
            return None
        corners = cv2.perspectiveTransform(self._layout.corners[None], to_picture)[0]
        px_per_mm = _scale_of(corners, self._layout)
        if px_per_mm is None or px_per_mm < SMALLEST_PX_PER_MM:
            return None
        return Located(self._layout, np.asarray(to_picture, np.float64), int(votes.sum()), px_per_mm)


def _unit(features: ArrayLike) -> _Features:
    plain = np.asarray(features, np.float32)
    return np.asarray(plain / np.maximum(np.linalg.norm(plain, axis=1, keepdims=True), 1e-6), np.float32)


def _matches(likeness: _Features) -> tuple[_Indices, _Indices]:
    """Pairs that pass Lowe's test and are each other's best: otherwise many points fall onto one and fake a pose.

    `likeness` holds the cosine of every template feature with every feature of the picture; it is used up.
    """
    rows = np.arange(len(likeness))
    best = np.argmax(likeness, axis=1)
    mutual = np.argmax(likeness, axis=0)[best] == rows
    nearest = likeness[rows, best]
    likeness[rows, best] = -1
    second = likeness.max(axis=1)
    # The distance of unit vectors is the root of 2 - 2 cos, so Lowe's ratio is squared here.
    here = np.flatnonzero((1 - nearest < RATIO**2 * (1 - second)) & mutual)
    return here, best[here]


def _scale_of(corners: NDArray[np.float32], layout: Layout) -> float | None:
    """Pixels per millimetre of a quadrilateral that a card can make before a camera, else `None`."""
    sides = np.roll(corners, -1, axis=0) - corners
    turns = sides[:, 0] * np.roll(sides[:, 1], -1) - sides[:, 1] * np.roll(sides[:, 0], -1)
    if not np.all(turns > 0):  # folded over, or mirrored
        return None
    lengths = np.linalg.norm(sides, axis=1) / np.array([layout.width_mm, layout.height_mm] * 2)
    return float(lengths.mean()) if lengths.max() < 2.2 * lengths.min() else None
