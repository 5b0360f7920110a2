"""Cuts the three fields out of a located card. Geometry alone decides which print is the field, never what it says.

The locator is off by up to a millimetre on a card that differs from the template, the printer by a third of one; the
hand-written certificate expiry stands 1.6 mm below the expiry, the serial 2.6 mm left of the code. So the line is sought within
its slack, by where ink is and where it is not, before it is cut.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.vision.front_locate import Located
from services.vision.front_recognise import LINE_HEIGHT_PX
from services.vision.front_template import Area, Template
from services.vision.image import Pixels

SEEK_PX_PER_MM: Final = 12.0
GAP_MM: Final = 0.5  # between a line and its neighbours there is at least so much paper
DATE_MARGIN_MM: Final = 0.4  # paper above and below a date that the recogniser sees
CODE_MARGIN_MM: Final = (0.9, 0.35)
SLANT_MM: Final = 0.5  # how much the two halves of the date line may differ in height
STEP_PX: Final = 8  # a recogniser's line is a multiple of it wide

_Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Crop:
    """One field: an RGB line for the recognisers, uint8, (LINE_HEIGHT_PX, width, 3); and twice as large for a person's eyes."""

    line: Pixels
    strip: Pixels
    px_per_mm: float  # of the line
    left_mm: float  # where its left edge lies on a card whose print was sought and is not displaced
    cut_off: bool  # whether a part of the field lies outside the picture


class Crops(NamedTuple):
    """The three fields."""

    birth: Crop
    expiry: Crop
    code: Crop


def cut(picture: Pixels, card: Located, template: Template) -> Crops:
    """The three fields of a located card."""
    birth_y, expiry_y = _seek_line(picture, card, template)
    code_x, code_y = _seek_code(picture, card, template.code)
    return Crops(
        _crop(picture, card, _shifted(template.birth, 0, birth_y), (0, DATE_MARGIN_MM)),
        _crop(picture, card, _shifted(template.expiry, 0, expiry_y), (0, DATE_MARGIN_MM)),
        _crop(picture, card, _shifted(template.code, code_x, code_y), CODE_MARGIN_MM, code_x),
    )


def rectified(picture: Pixels, card: Located, area: Area, px_per_mm: float) -> Pixels:
    """A part of the card seen from straight above, RGB."""
    to_card = np.array([[1 / px_per_mm, 0, area.left], [0, 1 / px_per_mm, area.top], [0, 0, 1]])
    size = (round((area.right - area.left) * px_per_mm), round((area.bottom - area.top) * px_per_mm))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(picture, card.to_picture @ to_card, size, flags=flags, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def ink(part: Pixels, px_per_mm: float) -> _Floats:
    """How much darker than the paper around it each pixel is, 0 to 1. Coloured print hardly counts: one channel stays bright."""
    brightest = part.max(axis=2).astype(np.float32)
    side = round(1.6 * px_per_mm) | 1
    paper = cv2.blur(cv2.dilate(brightest, np.ones((side, side), np.uint8)), (side, side))
    dark: _Floats = np.clip(1 - brightest / np.maximum(paper, 1), 0, 1)
    return dark


def _shifted(area: Area, dx: float, dy: float) -> Area:
    return Area(area.left + dx, area.right + dx, area.top + dy, area.bottom + dy)


def _crop(picture: Pixels, card: Located, area: Area, margin: tuple[float, float], moved: float = 0.0) -> Crop:
    dx, dy = margin
    px_per_mm = LINE_HEIGHT_PX / (area.bottom - area.top + 2 * dy)
    steps = round((area.right - area.left + 2 * dx) * px_per_mm / STEP_PX)
    half = steps * STEP_PX / px_per_mm / 2
    middle = (area.left + area.right) / 2
    whole = Area(middle - half, middle + half, area.top - dy, area.bottom + dy)
    line, strip = (rectified(picture, card, whole, scale * px_per_mm) for scale in (1, 2))
    return Crop(line, strip, px_per_mm, whole.left - moved, _reaches_out(picture, card, area))


def _reaches_out(picture: Pixels, card: Located, area: Area) -> bool:
    corners = [[area.left, area.top], [area.right, area.top], [area.right, area.bottom], [area.left, area.bottom]]
    seen = cv2.perspectiveTransform(np.array([corners], np.float64), card.to_picture)[0]
    return bool(np.any(seen < 0) or np.any(seen > (picture.shape[1], picture.shape[0])))


def _seek_line(picture: Pixels, card: Located, template: Template) -> tuple[float, float]:
    """How far down the birth half and the expiry half of the date line stand from their places, in millimetres."""
    line = template.date_line
    reach = line.slack + GAP_MM + 0.3
    birth, expiry = (
        _line_fit(picture, card, Area(half.left, half.right, line.top - reach, line.bottom + reach), line)
        for half in (template.birth, template.expiry)
    )
    offsets = np.arange(len(birth)) / SEEK_PX_PER_MM - line.slack
    apart = np.abs(offsets[:, None] - offsets[None, :])
    fit = np.where(apart <= SLANT_MM, birth[:, None] + expiry[None, :] - 0.05 * apart, -1.0)
    best_birth, best_expiry = np.unravel_index(int(fit.argmax()), fit.shape)
    return float(offsets[best_birth]), float(offsets[best_expiry])


def _line_fit(picture: Pixels, card: Located, area: Area, line: Area) -> _Floats:
    """For every offset within the slack: ink inside the line minus ink right above and below it."""
    rows = ink(rectified(picture, card, area, SEEK_PX_PER_MM), SEEK_PX_PER_MM).mean(axis=1)
    total = np.concatenate([[0.0], np.cumsum(rows)])
    height, gap = round((line.bottom - line.top) * SEEK_PX_PER_MM), round(GAP_MM * SEEK_PX_PER_MM)
    first = round((line.top - line.slack - area.top) * SEEK_PX_PER_MM)
    top = first + np.arange(round(2 * line.slack * SEEK_PX_PER_MM) + 1)
    top = top[top + height + gap < len(total)]
    inside = (total[top + height] - total[top]) / height
    outside = (total[top] - total[top - gap] + total[top + height + gap] - total[top + height]) / (2 * gap)
    fit: _Floats = (inside - outside).astype(np.float32)
    return fit


def _seek_code(picture: Pixels, card: Located, code: Area) -> tuple[float, float]:
    """How far right and down the code stands from its place, in millimetres: where ink fills its box and leaves the ring empty."""
    reach = code.slack + GAP_MM
    area = Area(code.left - reach, code.right + reach, code.top - reach, code.bottom + reach)
    dark = ink(rectified(picture, card, area, SEEK_PX_PER_MM), SEEK_PX_PER_MM)
    width, height = (round(side * SEEK_PX_PER_MM) for side in (code.right - code.left, code.bottom - code.top))
    gap = round(GAP_MM * SEEK_PX_PER_MM)
    inside = cv2.boxFilter(dark, -1, (width, height), normalize=False)
    around = cv2.boxFilter(dark, -1, (width + 2 * gap, height + 2 * gap), normalize=False)
    fit = inside - 1.5 * (around - inside)
    middle_y, middle_x = (side / 2 for side in fit.shape)
    slack = round(code.slack * SEEK_PX_PER_MM)
    allowed = np.full(fit.shape, -np.inf)
    window = np.s_[int(middle_y) - slack : int(middle_y) + slack + 1, int(middle_x) - slack : int(middle_x) + slack + 1]
    allowed[window] = fit[window]
    y, x = np.unravel_index(int(allowed.argmax()), fit.shape)
    return (float(x) + 0.5 - middle_x) / SEEK_PX_PER_MM, (float(y) + 0.5 - middle_y) / SEEK_PX_PER_MM
