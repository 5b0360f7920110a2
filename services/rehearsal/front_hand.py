"""How a card is held before a phone: the tiers of difficulty, fingers, sleeves, a card that bends, a screen instead of a card."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Final

import cv2
import numpy as np

from services.rehearsal.front_drawing import HEIGHT_MM, WIDTH_MM, Box, Pixels
from services.rehearsal.front_truth import BIRTH_BOX, CODE_BOX, EXPIRY_BOX, PLANE_PX_PER_MM, Homography, Plane, plane


class Tier(StrEnum):
    """How hard the picture is to read."""

    EASY = "easy"
    NORMAL = "normal"
    HARD = "hard"
    ILLEGIBLE = "illegible"  # mostly
    COVERED = "covered"  # a finger on one of the fields
    SLEEVE = "sleeve"  # in the card's sleeve, which hides sex and organ donation


NATURAL: Final = (Tier.EASY, Tier.NORMAL, Tier.HARD)


@dataclass(frozen=True)
class Hand:
    """How steady, near and well lit the tier is; ranges from best to worst, single numbers are the worst, the rest are chances."""

    px_per_mm: tuple[float, float]
    tilt_degrees: float
    turn_degrees: float
    defocus_mm: tuple[float, float]
    motion_mm: float
    shade: float  # how much darker the far edge is
    noise: float  # grey levels
    quality: tuple[int, int]  # of the JPEG
    bend_mm: float = 0.0  # how far the ends of a bent card are off its middle's line
    glare: float = 0.0
    finger: float = 0.0  # a finger over the card's edge, wherever it comes to lie
    shadow: float = 0.0  # of the hand or the phone
    dim: float = 0.0  # little light, made up for by gain: noise
    bands: float = 0.0  # of a fluorescent tube
    screen: float = 0.0  # it is no card but a card on a screen


_NORMAL: Final = Hand(
    (10.0, 15.0), 18, 180, (0.018, 0.06), 0.05, 0.35, 5, (70, 92), 0.2, 0.2, 0.3, 0.3, 0.1, 0.1
)  # fmt: skip
HANDS: Final = {
    Tier.EASY: Hand((12.0, 16.0), 8, 4, (0.01, 0.03), 0.0, 0.15, 2, (85, 95), finger=0.1),
    Tier.NORMAL: _NORMAL,
    Tier.HARD: Hand(
        (8.0, 12.0), 28, 180, (0.03, 0.10), 0.10, 0.55, 9, (40, 85), 0.5, 0.5, 0.4, 0.5, 0.3, 0.2, 0.05
    ),
    Tier.ILLEGIBLE: Hand(
        (5.0, 9.0), 35, 180, (0.12, 0.26), 0.25, 0.6, 14, (40, 60), 0.6, 0.6, 0.4, 0.5, 0.5, 0.2, 0.05
    ),
    Tier.COVERED: replace(_NORMAL, finger=0.0),
    Tier.SLEEVE: replace(_NORMAL, glare=0.6),
}  # fmt: skip
# From close by, in fair light: damage to the print is then what makes reading hard.
CLOSE: Final = Hand((8.0, 13.0), 10, 4, (0.02, 0.08), 0.08, 0.3, 8, (60, 95))
REACH_MM: Final = 55.0  # how far beyond the card fingers are drawn
SKINS: Final = ((234, 192, 170), (222, 176, 148), (196, 148, 120), (150, 104, 80))
_SLEEVE_MASKS: Final[tuple[Box, ...]] = ((72.8, 12.4, 84.0, 17.0), (29.8, 43.4, 83.2, 51.4))


def edge_finger(rng: np.random.Generator) -> Plane:
    """A thumb or finger that holds the card by its edge: where it covers the card."""
    along, side = rng.uniform(0.05, 0.95), rng.integers(4)
    deep = rng.uniform(2, 11)
    width, height = WIDTH_MM, HEIGHT_MM
    tips = (
        (along * width, deep, along * width + rng.uniform(-25, 25), -60),
        (along * width, height - deep, along * width + rng.uniform(-25, 25), height + 60),
        (deep, along * height, -60, along * height + rng.uniform(-25, 25)),
        (width - deep, along * height, width + 60, along * height + rng.uniform(-25, 25)),
    )
    return _finger(rng, *tips[side])


def finger_on_a_field(rng: np.random.Generator) -> Plane:
    """A finger whose tip lies inside one of the three fields."""
    left, top, right, bottom = (BIRTH_BOX, EXPIRY_BOX, CODE_BOX)[rng.integers(3)]
    x, y = rng.uniform((left + 1, top), (right - 1, bottom))
    down = 1 if y > HEIGHT_MM / 2 else -1
    return _finger(rng, x, y - down * rng.uniform(0, 3), x + rng.uniform(-15, 15), y + down * 60)


def _finger(rng: np.random.Generator, tip_x: float, tip_y: float, from_x: float, from_y: float) -> Plane:
    sheet = reach()
    points = (np.array([[tip_x, tip_y], [from_x, from_y]]) + REACH_MM) * PLANE_PX_PER_MM
    thickness = round(rng.uniform(12, 17) * PLANE_PX_PER_MM)
    # The round end of a thick line reaches half its thickness beyond the point; the tip is meant to be where it says.
    away = (points[1] - points[0]) / max(float(np.linalg.norm(points[1] - points[0])), 1.0) * thickness / 2
    (x, y), (x1, y1) = np.round(np.array([points[0] + away, points[1]])).astype(int).tolist()
    cv2.line(sheet, (x, y), (x1, y1), 1.0, thickness, cv2.LINE_AA)
    return sheet


def reach() -> Plane:
    """An empty sheet that reaches beyond the card on all sides, at `PLANE_PX_PER_MM`: where fingers are."""
    room = round(REACH_MM * PLANE_PX_PER_MM)
    return np.asarray(np.pad(plane(), room), np.float32)


def on_card(cover: Plane) -> Plane:
    """The part of a sheet from `reach` that is the card."""
    room = round(REACH_MM * PLANE_PX_PER_MM)
    return cover[room:-room, room:-room]


def under_fingers(picture: Pixels, cover: Plane, to_picture: Homography, skin: tuple[int, int, int]) -> Pixels:
    """The picture with fingers before the card, darker towards their edges as round things are."""
    if not cover.any():
        return picture
    size = (picture.shape[1], picture.shape[0])
    depth = cv2.distanceTransform((cover > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    tone = 0.62 + 0.38 * np.sqrt(np.minimum(depth / (6 * PLANE_PX_PER_MM), 1.0))
    flesh = np.clip(tone[..., None] * np.array(skin), 0, 255).astype(np.uint8)
    mm = np.array([[1 / PLANE_PX_PER_MM, 0, -REACH_MM], [0, 1 / PLANE_PX_PER_MM, -REACH_MM], [0, 0, 1]])
    mask, before = (cv2.warpPerspective(part, to_picture @ mm, size) for part in (cover, flesh))
    return np.asarray(cv2.blendLinear(before, picture, mask, 1 - mask), np.uint8)


def in_sleeve(sheet: Pixels, rng: np.random.Generator) -> Pixels:
    """The card seen through its sleeve: haze, and white masks over what nobody need see."""
    haze = rng.uniform(0.06, 0.22)
    through = np.asarray(cv2.convertScaleAbs(sheet, alpha=1 - haze, beta=255 * haze), np.uint8)
    scale = sheet.shape[1] / WIDTH_MM
    shift = rng.uniform(-0.8, 0.8, 2)
    for left, top, right, bottom in _SLEEVE_MASKS:
        corners = np.round((np.array([[left, top], [right, bottom]]) + shift) * scale).astype(int)
        (x0, y0), (x1, y1) = np.maximum(corners, 0)
        through[y0:y1, x0:x1] = (236, 238, 240)
    return through


def on_screen(sheet: Pixels, rng: np.random.Generator) -> Pixels:
    """The card as a screen shows it: stripes of red, green and blue, whose beat with the camera's own grid is the moire."""
    tile = _stripes(*sheet.shape[:2], round(float(rng.uniform(3.2, 5.2)), 1))
    return np.asarray(cv2.multiply(sheet, tile, scale=1.0, dtype=cv2.CV_8U), np.uint8)


@cache
def _stripes(height: int, width: int, pitch_px: float) -> Plane:
    x = np.arange(width)[None, :, None] / pitch_px
    rows = 1 + 0.12 * np.sin(2 * np.pi * np.arange(height)[:, None, None] / pitch_px)
    phases = np.array([0.0, 1 / 3, 2 / 3])
    return np.asarray((1 + 0.35 * np.sin(2 * np.pi * (x - phases))) * rows, np.float32)


def bent(sheet: Pixels, bend_px: float) -> Pixels:
    """A sheet with its ends lower than its middle by that much; the sheet must have that much room below."""
    height, width = sheet.shape[:2]
    sag = bend_px * (np.linspace(-1, 1, width, dtype=np.float32) ** 2)
    rows = np.arange(height, dtype=np.float32)[:, None] - sag[None, :]
    columns = np.broadcast_to(np.arange(width, dtype=np.float32)[None, :], rows.shape)
    return np.asarray(
        cv2.remap(sheet, np.ascontiguousarray(columns), rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT),
        np.uint8,
    )
