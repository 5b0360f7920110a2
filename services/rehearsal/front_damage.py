"""One damaged letter on a card whose place is known: the instrument that wrong readings are counted with. Seeded.

Natural pictures hardly ever go wrong, so thousands of them show little. Here one random letter of one field is damaged, two of nine
cards stay whole as control, and the pose is given with an error at its corners: what fails is the reading, nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from services.rehearsal.front_blank import HELD_OUT_ART, SCALE, blank_front
from services.rehearsal.front_capture import close_up
from services.rehearsal.front_drawing import HEIGHT_MM, WIDTH_MM, Box, Pixels
from services.rehearsal.front_hand import SKINS
from services.rehearsal.front_people import someone
from services.rehearsal.front_picture import FrontFields, letter_boxes, render_front
from services.rehearsal.front_truth import Homography

CORNER_ERROR: Final = 0.0025  # of the card's width: what the locator is off by on artwork that is not the template's
WHOLE: Final = 2 / 9
ARTS: Final = 6


class Damage(StrEnum):
    """What happened to the letter."""

    NONE = "none"
    GLARE = "glare"
    WASHED_OUT = "washed out"
    INK = "ink"
    SCRATCH = "scratch"
    HAIR = "hair"
    SPECK = "speck"
    FINGER = "finger edge"
    HALF_ERASED = "half erased"


@dataclass(frozen=True)
class DamagedShot:
    """A picture of one card from close by, where the card is in it (nearly), and what happened to which field."""

    jpeg: bytes
    to_picture: Homography
    fields: FrontFields
    damage: Damage
    field: int  # 0 birth, 1 expiry, 2 code

    def __repr__(self) -> str:
        return f"<DamagedShot {self.damage} {self.field}>"


def damaged_shot(seed: int, today: date, *, held_out: bool = False) -> DamagedShot:
    """The shot of that seed; the report's artwork and lettering are `held_out`."""
    rng = np.random.default_rng((seed, 21))
    fields = someone(seed, today)
    art = seed % ARTS + (HELD_OUT_ART if held_out else 0)
    card = render_front(fields, seed=seed, art=art)
    damage = Damage.NONE if rng.random() < WHOLE else tuple(_HARM)[rng.integers(len(_HARM))]
    field = int(rng.integers(3))
    boxes = letter_boxes(fields, seed=seed, art=art)[field]
    box = boxes[rng.integers(len(boxes))]
    if damage is not Damage.NONE:
        _HARM[damage](_Letter(card, blank_front(art=art), box), rng)
    shot = close_up(card, seed=seed)
    corners = np.array([[0, 0], [WIDTH_MM, 0], [WIDTH_MM, HEIGHT_MM], [0, HEIGHT_MM]])
    shown = cv2.perspectiveTransform(corners[None].astype(np.float64), shot.to_picture)[0]
    error = np.linalg.norm(shown[1] - shown[0]) * CORNER_ERROR
    nearly = cv2.getPerspectiveTransform(
        corners.astype(np.float32), (shown + rng.uniform(-error, error, shown.shape)).astype(np.float32)
    )
    return DamagedShot(shot.jpeg, np.asarray(nearly, np.float64), fields, damage, field)


@dataclass(frozen=True)
class _Letter:
    """One letter of a drawn card: the card, the card as it was before the print, and the letter's box in millimetres."""

    card: Pixels
    blank: Pixels
    box: Box

    def __repr__(self) -> str:
        return "<_Letter>"

    def point(self, rng: np.random.Generator, beyond: float = 0.0) -> tuple[float, float]:
        """A random place in the box, or a little beyond it; in mm."""
        left, top, right, bottom = self.box
        x, y = rng.uniform((left - beyond, top - beyond), (right + beyond, bottom + beyond))
        return float(x), float(y)

    def blend(self, mask: Pixels, over: Pixels) -> None:
        """Lays a picture over the card where the mask, 0 to 255, says so."""
        share = mask[..., None].astype(np.float32) / 255
        self.card[:] = np.round(self.card * (1 - share) + over * share)

    def sheet(self) -> Pixels:
        """An empty mask."""
        return np.zeros(self.card.shape[:2], np.uint8)


def _px(value: float) -> int:
    return round(value * SCALE)


def _at(point: tuple[float, float]) -> tuple[int, int]:
    return _px(point[0]), _px(point[1])


def _glare(letter: _Letter, rng: np.random.Generator) -> None:
    mask = letter.sheet()
    axes = (_px(rng.uniform(0.4, 1.4)), _px(rng.uniform(0.3, 1.0)))
    cv2.ellipse(mask, _at(letter.point(rng)), axes, float(rng.uniform(0, 180)), 0, 360, int(rng.uniform(170, 255)), -1)
    letter.blend(_soft(mask, rng.uniform(0.1, 0.35)), np.full_like(letter.card, 255))


def _washed_out(letter: _Letter, rng: np.random.Generator) -> None:
    mask = letter.sheet()
    radius = _px(rng.uniform(0.6, 1.6))
    cv2.circle(mask, _at(letter.point(rng)), radius, int(255 * rng.uniform(0.55, 0.97)), -1)
    letter.blend(_soft(mask, 0.15), letter.blank)


def _ink(letter: _Letter, rng: np.random.Generator) -> None:
    mask = letter.sheet()
    start, end = letter.point(rng, 0.2), letter.point(rng, 0.2)
    cv2.line(mask, _at(start), _at(end), 255, max(2, _px(rng.uniform(0.15, 0.8))), cv2.LINE_AA)
    letter.blend(mask, np.full_like(letter.card, int(rng.integers(20, 70))))


def _scratch(letter: _Letter, rng: np.random.Generator) -> None:
    mask = letter.sheet()
    for _ in range(int(rng.integers(1, 4))):
        start, end = letter.point(rng, 0.8), letter.point(rng, 0.8)
        cv2.line(mask, _at(start), _at(end), 255, max(1, _px(rng.uniform(0.06, 0.3))), cv2.LINE_AA)
    letter.blend(mask, np.full_like(letter.card, int(rng.integers(225, 256))))


def _hair(letter: _Letter, rng: np.random.Generator) -> None:
    points = np.array([letter.point(rng, 1.2) for _ in range(4)])
    t = np.linspace(0, 1, 24)[:, None]
    curve = (
        (1 - t) ** 3 * points[0] + 3 * t * (1 - t) ** 2 * points[1] + 3 * t**2 * (1 - t) * points[2] + t**3 * points[3]
    )
    mask = letter.sheet()
    width = max(1, _px(rng.uniform(0.06, 0.14)))
    cv2.polylines(mask, [np.round(curve * SCALE).astype(np.int32)], False, 255, width, cv2.LINE_AA)
    letter.blend(mask, np.full_like(letter.card, int(rng.integers(15, 70))))


def _speck(letter: _Letter, rng: np.random.Generator) -> None:
    mask = letter.sheet()
    for _ in range(int(rng.integers(1, 4))):
        cv2.circle(mask, _at(letter.point(rng)), max(1, _px(rng.uniform(0.08, 0.35))), 255, -1, cv2.LINE_AA)
    shade = int(rng.choice((rng.integers(10, 80), rng.integers(220, 256))))
    letter.blend(mask, np.full_like(letter.card, shade))


def _finger(letter: _Letter, rng: np.random.Generator) -> None:
    """The round tip of a finger over a part of the letter, from above or from below."""
    left, top, right, bottom = letter.box
    over, radius = rng.uniform(0.2, 0.8) * (bottom - top), rng.uniform(1.2, 4.0)
    y = top - radius + over if rng.random() < 0.5 else bottom + radius - over
    mask = letter.sheet()
    cv2.circle(mask, _at(((left + right) / 2 + rng.uniform(-0.5, 0.5), float(y))), _px(radius), 255, -1, cv2.LINE_AA)
    letter.blend(_soft(mask, 0.12), np.full_like(letter.card, SKINS[rng.integers(len(SKINS))]))


def _half_erased(letter: _Letter, rng: np.random.Generator) -> None:
    """One side of the letter is gone down to the paper: an 8 may now be a 3, a 0 or a 6."""
    left, top, right, bottom = letter.box
    share = rng.uniform(0.3, 0.6)
    side = rng.integers(4)
    if side == 0:
        right = left + share * (right - left)
    elif side == 1:
        left = right - share * (right - left)
    elif side == 2:
        bottom = top + share * (bottom - top)
    else:
        top = bottom - share * (bottom - top)
    part = np.s_[_px(top) : _px(bottom), _px(left) : _px(right)]
    letter.card[part] = letter.blank[part]


def _soft(mask: Pixels, mm: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), mm * SCALE), np.uint8)


_HARM: Final[dict[Damage, Callable[[_Letter, np.random.Generator], None]]] = {
    Damage.GLARE: _glare,
    Damage.WASHED_OUT: _washed_out,
    Damage.INK: _ink,
    Damage.SCRATCH: _scratch,
    Damage.HAIR: _hair,
    Damage.SPECK: _speck,
    Damage.FINGER: _finger,
    Damage.HALF_ERASED: _half_erased,
}
