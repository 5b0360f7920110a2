"""Photographs a drawn card as a hand-held phone would. Seeded; every photograph comes with the truth about its fields.

card → sleeve, fingers, screen → blur on the card → bend, tilt, turn → table → light, reflections → noise → JPEG
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from services.rehearsal.front_drawing import HEIGHT_MM, WIDTH_MM, Pixels
from services.rehearsal.front_hand import (
    CLOSE,
    HANDS,
    SKINS,
    Hand,
    Tier,
    bent,
    edge_finger,
    finger_on_a_field,
    in_sleeve,
    on_card,
    on_screen,
    reach,
    under_fingers,
)
from services.rehearsal.front_light import exposed, light, reflections
from services.rehearsal.front_table import table
from services.rehearsal.front_truth import PLANE_PX_PER_MM, Homography, Photograph, Plane, truths

__all__ = ["Tier", "close_up", "photograph", "photograph_table", "shoot"]

LONG_SIDE: Final = 1920
SHORT_SIDE: Final = 1440
CORNER_MM: Final = 3.18  # ISO/IEC 7810
LENS_MM: Final = 300.0  # from lens to card
ROOM_MM: Final = 1.0  # around the drawn card, for what a bend moves beyond its edge
SHADOW_PX: Final = 9
SAMPLING: Final = 0.35  # standard deviation, in pixels of the picture, of the blur that keeps print from aliasing
CLOSE_SIZE: Final = (1216, 800)
_Size = tuple[int, int]


def photograph(front: Pixels, *, seed: int, tier: Tier) -> bytes:
    """A JPEG of the card lying on a table, 1920 × 1440 or upright."""
    return shoot(front, seed=seed, tier=tier).jpeg


def shoot(front: Pixels, *, seed: int, tier: Tier) -> Photograph:
    """The same with the truth about its fields. `front` is a drawn card without margins, RGB, at any scale."""
    rng = np.random.default_rng((seed, list(Tier).index(tier)))
    size = (LONG_SIDE, SHORT_SIDE) if rng.random() < 0.6 else (SHORT_SIDE, LONG_SIDE)
    return _shot(front, rng, HANDS[tier], tier, size)


def close_up(front: Pixels, *, seed: int) -> Photograph:
    """A small picture that the card nearly fills, the right way up: for what is asked of the reading alone."""
    return _shot(front, np.random.default_rng((seed, len(Tier))), CLOSE, None, CLOSE_SIZE)


def _shot(front: Pixels, rng: np.random.Generator, hand: Hand, tier: Tier | None, size: _Size) -> Photograph:
    scale = min(float(rng.uniform(*hand.px_per_mm)), 0.94 * size[0] / WIDTH_MM)
    to_picture = _pose(rng, hand, size, scale)
    cover, glare = _cover(rng, hand, tier), reflections(rng, hand, tier)
    defocus = float(rng.uniform(*hand.defocus_mm))
    motion = float(rng.uniform(0, 1)) * hand.motion_mm
    sheet, shape = _sheet(_dressed(rng, hand, tier, front), rng.uniform(0, hand.bend_mm))
    softened = _softened((sheet, shape), rng, (defocus, motion, SAMPLING / scale), front.shape[1] / WIDTH_MM)
    picture = _laid(table(rng, *size, defocus * scale), softened, to_picture, front.shape[1] / WIDTH_MM)
    picture = under_fingers(picture, cover, to_picture, SKINS[rng.integers(len(SKINS))])
    to_plane = np.diag([1 / PLANE_PX_PER_MM, 1 / PLANE_PX_PER_MM, 1.0])
    shine = np.asarray(cv2.warpPerspective(glare, to_picture @ to_plane, size), np.float32)
    shot = exposed(picture, light(rng, hand, *size), shine, hand, rng)
    _, jpeg = cv2.imencode(".jpg", shot, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*hand.quality))])
    # A motion of length m is as blurred as a Gaussian of standard deviation m / √12.
    blur_mm = float(np.hypot(defocus, motion / 12**0.5))
    return Photograph(jpeg.tobytes(), to_picture, truths(to_picture, on_card(cover), glare, blur_mm))


def photograph_table(*, seed: int, tier: Tier, printed: bool) -> bytes:
    """A JPEG of a table without any card: bare, or with a printed paper all over it."""
    rng = np.random.default_rng((seed, 3))
    hand = HANDS[tier]
    size = (LONG_SIDE, SHORT_SIDE) if rng.random() < 0.6 else (SHORT_SIDE, LONG_SIDE)
    bright, colour = table(rng, *size, float(rng.uniform(*hand.defocus_mm)) * hand.px_per_mm[0], printed=printed)
    picture = np.asarray(cv2.merge([cv2.convertScaleAbs(bright, alpha=float(tone)) for tone in colour]), np.uint8)
    shot = exposed(picture, light(rng, hand, *size), np.zeros_like(bright), hand, rng)
    _, jpeg = cv2.imencode(".jpg", shot, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*hand.quality))])
    return jpeg.tobytes()


def _pose(rng: np.random.Generator, hand: Hand, size: _Size, scale: float) -> Homography:
    """The homography from millimetres on the card to the picture: a turn and a tilt before a pinhole camera."""
    tilt_x, tilt_y = np.radians(rng.uniform(-hand.tilt_degrees, hand.tilt_degrees, 2) * 0.7)
    turn = np.radians(rng.uniform(-hand.turn_degrees, hand.turn_degrees))
    if hand.turn_degrees > 90:  # people hold a phone in one of four ways, roughly
        turn = np.radians(rng.choice((0, 0, 90, 180, 270)) + rng.uniform(-12, 12))
    card = np.array([[0, 0], [WIDTH_MM, 0], [WIDTH_MM, HEIGHT_MM], [0, HEIGHT_MM]])
    flat = card - np.array([WIDTH_MM, HEIGHT_MM]) / 2
    rotation, _ = cv2.Rodrigues(np.array([tilt_x, tilt_y, 0.0]))
    spin, _ = cv2.Rodrigues(np.array([0.0, 0.0, turn]))
    corners = np.column_stack([flat, np.zeros(4)]) @ (rotation @ spin).T
    shown = corners[:, :2] * (LENS_MM / (LENS_MM + corners[:, 2:])) * scale
    shown *= min(1.0, 0.96 * min(size[0] / np.ptp(shown[:, 0]), 0.98 * size[1] / np.ptp(shown[:, 1])))
    room = np.maximum((np.array(size) - np.ptp(shown, axis=0)) / 2 - 4, 0)
    middle = np.array(size) / 2 - (shown.max(0) + shown.min(0)) / 2 + rng.uniform(-room, room)
    return np.asarray(
        cv2.getPerspectiveTransform(card.astype(np.float32), (shown + middle).astype(np.float32)), np.float64
    )


def _cover(rng: np.random.Generator, hand: Hand, tier: Tier | None) -> Plane:
    if tier is Tier.COVERED:
        return finger_on_a_field(rng)
    return edge_finger(rng) if rng.random() < hand.finger else reach()


def _dressed(rng: np.random.Generator, hand: Hand, tier: Tier | None, front: Pixels) -> Pixels:
    """The card as it is presented: in its sleeve, or on a screen."""
    shown = in_sleeve(front, rng) if tier is Tier.SLEEVE else front
    return on_screen(shown, rng) if rng.random() < hand.screen else shown


def _sheet(front: Pixels, bend_mm: float) -> tuple[Pixels, Pixels]:
    """The card with room around it, and where in that sheet the card is."""
    height, width = front.shape[:2]
    px_per_mm = width / WIDTH_MM
    room = round(ROOM_MM * px_per_mm)
    sheet = np.asarray(cv2.copyMakeBorder(front, room, room, room, room, cv2.BORDER_REPLICATE), np.uint8)
    image = Image.new("L", (width + 2 * room, height + 2 * room), 0)
    outline = (room, room, room + width - 1, room + height - 1)
    ImageDraw.Draw(image).rounded_rectangle(outline, CORNER_MM * px_per_mm, fill=255)
    shape = np.array(image)
    if bend_mm < 0.05:
        return sheet, shape
    return bent(sheet, bend_mm * px_per_mm), bent(shape, bend_mm * px_per_mm)


def _softened(
    sheets: tuple[Pixels, Pixels], rng: np.random.Generator, blurs_mm: tuple[float, float, float], px_per_mm: float
) -> tuple[Pixels, Pixels]:
    """Out of focus and moved, as seen on the card; the last of the three is the sampling's."""
    defocus, motion, sampling = (blur * px_per_mm for blur in blurs_mm)
    sigma = float(np.hypot(defocus, sampling))
    steps = round(motion) | 1
    kernel = np.zeros((steps, steps), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * motion / 2
    ends = [
        (round(float(steps // 2 + sign * reach[0])), round(float(steps // 2 + sign * reach[1]))) for sign in (-1, 1)
    ]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1)
    softened = []
    for sheet in sheets:
        soft = cv2.GaussianBlur(sheet, (0, 0), sigma)
        softened.append(np.asarray(cv2.filter2D(soft, -1, kernel / kernel.sum()) if steps > 1 else soft, np.uint8))
    return softened[0], softened[1]


def _laid(
    below: tuple[NDArray[np.float32], NDArray[np.float64]],
    card: tuple[Pixels, Pixels],
    to_picture: Homography,
    px_per_mm: float,
) -> Pixels:
    """The card on the table, with its shadow: RGB."""
    bright, colour = below
    height, width = bright.shape
    mm = np.array([[1 / px_per_mm, 0, -ROOM_MM], [0, 1 / px_per_mm, -ROOM_MM], [0, 0, 1]])
    sheet, shape = (
        cv2.warpPerspective(part, to_picture @ mm, (width, height), flags=cv2.INTER_LINEAR) for part in card
    )
    small = cv2.resize(
        np.roll(shape, (SHADOW_PX, SHADOW_PX), (0, 1)), (width // 8, height // 8), interpolation=cv2.INTER_AREA
    )
    shadow = cv2.resize(cv2.GaussianBlur(small, (0, 0), SHADOW_PX / 8), (width, height))
    unshaded = cv2.convertScaleAbs(shadow, alpha=-0.45, beta=255)
    shaded = cv2.multiply(bright, unshaded, scale=1 / 255, dtype=cv2.CV_32F)
    ground = cv2.merge([cv2.convertScaleAbs(shaded, alpha=float(tone)) for tone in colour])
    share = shape.astype(np.float32) / 255
    return np.asarray(cv2.blendLinear(sheet, ground, share, 1 - share), np.uint8)
