"""Photographs a drawn card as a hand-held phone would: table, perspective, light, blur, noise, JPEG. Seeded."""

from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from services.rehearsal.front_drawing import HEIGHT_MM, WIDTH_MM, Pixels, font

LONG_SIDE: Final = 1920
SHORT_SIDE: Final = 1440
CORNER_MM: Final = 3.18  # ISO/IEC 7810
GLARE: Final = 300.0  # grey levels that a full reflection adds
_Floats = NDArray[np.float32]


class Tier(StrEnum):
    """How hard the picture is to read."""

    EASY = "easy"
    NORMAL = "normal"
    HARD = "hard"


@dataclass(frozen=True)
class Hand:
    """How steady, near and well lit the tier is; each number is the worst of its range."""

    px_per_mm: tuple[float, float]
    tilt_degrees: float
    turn_degrees: float
    defocus_mm: float
    motion_mm: float
    shade: float  # how much darker the far edge is
    noise: float
    quality: tuple[int, int]
    glare: float  # chance of a reflection somewhere on the card


_HANDS: Final = {
    Tier.EASY: Hand((12.0, 16.0), 8, 4, 0.03, 0.0, 0.15, 2, (85, 95), 0.0),
    Tier.NORMAL: Hand((10.0, 15.0), 18, 180, 0.06, 0.05, 0.35, 5, (70, 92), 0.2),
    Tier.HARD: Hand((8.0, 12.0), 28, 180, 0.10, 0.10, 0.55, 9, (45, 85), 0.5),
}
_PAPER_WORDS: Final = (
    "平成31年4月30日まで有効",
    "生年月日 昭和60年1月2日生",
    "受付番号 4821",
    "有効期限 2027年8月9日",
    "控え 0097",
)


def photograph(front: Pixels, *, seed: int, tier: Tier) -> bytes:
    """A JPEG of the card lying on a table, 1920 × 1440 or upright."""
    rng = np.random.default_rng(seed)
    hand = _HANDS[tier]
    width, height = (LONG_SIDE, SHORT_SIDE) if rng.random() < 0.6 else (SHORT_SIDE, LONG_SIDE)
    scale = min(rng.uniform(*hand.px_per_mm), 0.94 * width / WIDTH_MM)
    table = _table(rng, width, height)
    to_picture = _pose(rng, hand, front, (width, height), scale)
    # A reflection is light that the card adds: it comes on top of whatever light there is, and burns the sensor out.
    glare = cv2.warpPerspective(_glare(rng, hand, front), to_picture, (width, height))[..., None]
    picture = _blurred(rng, hand, _laid(table, front, to_picture), scale)
    picture = _lit(rng, hand, picture) + glare * GLARE
    shot = np.clip(picture + rng.normal(0, rng.uniform(0.3, 1) * hand.noise, picture.shape), 0, 255).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(shot).save(buffer, "JPEG", quality=int(rng.integers(*hand.quality)))
    return buffer.getvalue()


def _table(rng: np.random.Generator, width: int, height: int) -> Pixels:
    kind = rng.integers(4)
    base = rng.uniform((70, 60, 50), (225, 215, 205))
    sheet = np.empty((height, width, 3), np.float32)
    sheet[:] = base
    if kind == 0:  # wood: long soft streaks
        grain = rng.normal(0, 1, (height // 4, 8)).astype(np.float32)
        sheet += 26 * cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)[..., None]
    elif kind == 1:  # fabric: a fine weave
        rows, columns = np.mgrid[0:height, 0:width]
        sheet += (9 * np.sin(rows / 1.7) * np.sin(columns / 1.9))[..., None].astype(np.float32)
    sheet += cv2.resize(rng.normal(0, 8, (6, 8, 1)).astype(np.float32), (width, height))[..., None]
    table: Pixels = np.clip(sheet, 0, 255).astype(np.uint8)
    return _paper(rng, table) if kind == 3 else table


def _paper(rng: np.random.Generator, table: Pixels) -> Pixels:
    """A printed sheet below the card, with dates and numbers that are not the card's."""
    image = Image.fromarray(np.full_like(table, 246))
    draw = ImageDraw.Draw(image)
    for y in range(30, table.shape[0], 96):
        words = _PAPER_WORDS[rng.integers(len(_PAPER_WORDS))]
        draw.text((int(rng.integers(10, 90)), y), f"{words}  {words}", fill=(40, 40, 44), font=font("sans", 44))
    return np.array(image)


def _pose(
    rng: np.random.Generator, hand: Hand, front: Pixels, size: tuple[int, int], scale: float
) -> NDArray[np.float64]:
    """The homography from the drawn card to the picture: a turn and a tilt before a pinhole camera."""
    tilt_x, tilt_y = np.radians(rng.uniform(-hand.tilt_degrees, hand.tilt_degrees, 2) * 0.7)
    turn = np.radians(rng.uniform(-hand.turn_degrees, hand.turn_degrees))
    if hand.turn_degrees > 90:  # people hold a phone in one of four ways, roughly
        turn = np.radians(rng.choice((0, 0, 90, 180, 270)) + rng.uniform(-12, 12))
    half = np.array([WIDTH_MM, HEIGHT_MM]) / 2
    flat = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    rotation, _ = cv2.Rodrigues(np.array([tilt_x, tilt_y, 0.0]))
    spin, _ = cv2.Rodrigues(np.array([0.0, 0.0, turn]))
    corners = np.column_stack([flat, np.zeros(4)]) @ (rotation @ spin).T
    distance = 300.0  # mm from lens to card
    shown = corners[:, :2] * (distance / (distance + corners[:, 2:])) * scale
    fit = min(1.0, 0.96 * min(size[0] / np.ptp(shown[:, 0]), 0.98 * size[1] / np.ptp(shown[:, 1])))
    shown *= fit
    room = np.maximum((np.array(size) - np.ptp(shown, axis=0)) / 2 - 4, 0)
    middle = np.array(size) / 2 - (shown.max(0) + shown.min(0)) / 2 + rng.uniform(-room, room)
    height, width = front.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(source, (shown + middle).astype(np.float32)), np.float64)


def _laid(table: Pixels, front: Pixels, to_picture: NDArray[np.float64]) -> _Floats:
    height, width = table.shape[:2]
    shape = cv2.warpPerspective(_outline(front), to_picture, (width, height), flags=cv2.INTER_AREA)
    card = cv2.warpPerspective(
        front, to_picture, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    shadow = cv2.GaussianBlur(np.roll(shape, (9, 7), (0, 1)), (0, 0), 9)
    ground = table.astype(np.float32) * (1 - 0.45 * shadow[..., None] / 255)
    share = shape[..., None].astype(np.float32) / 255
    laid: _Floats = (ground * (1 - share) + card * share).astype(np.float32)
    return laid


def _outline(front: Pixels) -> Pixels:
    height, width = front.shape[:2]
    image = Image.new("L", (width, height), 0)
    ImageDraw.Draw(image).rounded_rectangle((0, 0, width - 1, height - 1), CORNER_MM * width / WIDTH_MM, fill=255)
    return np.array(image)


def _glare(rng: np.random.Generator, hand: Hand, front: Pixels) -> _Floats:
    """A reflection somewhere on the card, 0 to 1, in the drawn card's pixels."""
    height, width = front.shape[:2]
    spot = np.zeros((height, width), np.float32)
    if rng.random() < hand.glare:
        centre = (int(rng.uniform(0.1, 0.9) * width), int(rng.uniform(0.1, 0.9) * height))
        axes = (int(rng.uniform(0.04, 0.12) * width), int(rng.uniform(0.02, 0.06) * width))
        cv2.ellipse(spot, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1)
        spot = np.asarray(cv2.GaussianBlur(spot, (0, 0), width * 0.02), np.float32)
    return spot


def _blurred(rng: np.random.Generator, hand: Hand, picture: _Floats, scale: float) -> _Floats:
    defocus = rng.uniform(0.3, 1) * hand.defocus_mm * scale
    soft = np.asarray(cv2.GaussianBlur(picture, (0, 0), max(defocus, 0.3)), np.float32)
    steps = round(rng.uniform(0, 1) * hand.motion_mm * scale)
    if steps < 2:
        return soft
    kernel = np.zeros((steps, steps), np.float32)
    kernel[steps // 2] = 1 / steps
    return np.asarray(cv2.filter2D(soft, -1, kernel if rng.random() < 0.5 else kernel.T), np.float32)


def _lit(rng: np.random.Generator, hand: Hand, picture: _Floats) -> _Floats:
    height, width = picture.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    slope = np.cos(angle) * columns + np.sin(angle) * rows
    slope = (slope - slope.min()) / np.ptp(slope)
    light = (1 - rng.uniform(0.2, 1) * hand.shade * slope) * rng.uniform(0.85, 1.05)
    warmth = rng.uniform((0.96, 0.97, 0.88), (1.04, 1.02, 1.02))
    lit: _Floats = (picture * light[..., None] * warmth).astype(np.float32)
    return lit
