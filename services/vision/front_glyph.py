"""Whether each digit that was read stands in its place whole: a check that asks no recogniser.

A recogniser takes what is left of a damaged digit for the whole of another: half an 8 for a 3, half a 7 for a 1, and all of them
agree. So the digits that were read are drawn again, in the lettering that fits the field best, laid over the ink of the picture,
and compared cell by cell: half a digit is unlike every whole one, a cell that should be empty holds no ink, and paper does not
shine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from services.vision.front_crop import Crop, ink
from services.vision.front_template import DIRECTORY, Print

PX_PER_MM: Final = 15.0
SEEK_MM: Final = (1.1, 0.3)  # across less than a digit's pitch: text is not to be found one digit further on
MATCH_BLUR_MM: Final = 0.08
BLURS_MM: Final = (0.03, 0.06, 0.09, 0.12, 0.16)
JITTER_PX: Final = (-2, -1, 0, 1, 2)  # other lettering has other side bearings
SHINE: Final = (
    28  # grey levels above the field's paper in the darkest channel: paper is tinted, reflections and scratches are not
)

_Floats = NDArray[np.float32]


class Wholeness(NamedTuple):
    """How the digits that were read stand in the picture."""

    likeness: float  # correlation of the digit that is least like itself
    drop: float  # how far that is below the field's middle digit
    pad_ink: float  # share of ink in the fullest cell that should be empty
    shine: float  # share of the brightest cell that shines


NOWHERE: Final = Wholeness(-1.0, 2.0, 1.0, 1.0)


class _Cell(NamedTuple):
    letter: str  # a digit, or a space for a cell that stays empty
    span: slice  # columns


@dataclass(frozen=True)
class _Fit:
    score: float
    face: int
    left: int
    top: int


def wholeness(crop: Crop, text: str, place: Print) -> Wholeness:
    """How the digits of `text`, padded as it is printed, stand in a field's crop."""
    scale = PX_PER_MM / crop.px_per_mm
    part = cv2.resize(crop.line, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    side = round(place.em_mm * PX_PER_MM)
    cells = _cells(text, place.em_mm)
    dark = _padded(ink(np.asarray(part, np.uint8), PX_PER_MM))
    start = round((place.start_mm - crop.left_mm) * PX_PER_MM)
    fit = max((_sought(dark, face, cells, side, start) for face in range(len(_faces(side)))), key=lambda one: one.score)
    if fit.score <= 0:
        return NOWHERE
    window = np.s_[fit.top : fit.top + side, fit.left : fit.left + cells[-1].span.stop]
    seen = dark[window]
    drawn = _as_blurred(_drawn(cells, fit.face, side), seen, _mask(cells, side))
    bright = _padded(part.min(axis=2).astype(np.float32))[window]
    return _compared(cells, drawn, seen, bright)


def _compared(cells: Sequence[_Cell], drawn: _Floats, seen: _Floats, bright: _Floats) -> Wholeness:
    strokes, paper = drawn > 0.5 * drawn.max(), drawn < 0.05 * drawn.max()
    strength = max(float(np.percentile(seen[strokes], 60)), 1e-3)
    shine = bright > float(np.median(bright[paper])) + SHINE
    likenesses = [_likeness(drawn, np.clip(seen, 0, 1.2 * strength), cell.span) for cell in cells if cell.letter != " "]
    blanks = [float(np.clip(seen[:, cell.span] / strength, 0, 1).mean()) for cell in cells if cell.letter == " "]
    return Wholeness(
        min(likenesses),
        float(np.median(likenesses)) - min(likenesses),
        max(blanks, default=0.0),
        max(float(shine[:, cell.span].mean()) for cell in cells),
    )


def _cells(text: str, em_mm: float) -> list[_Cell]:
    """The cells of digits and spaces, from the first letter's left edge: ASCII is half as wide as a kanji."""
    cells, x = [], 0.0
    for letter in text:
        pitch = em_mm / 2 if letter.isascii() else em_mm
        if letter.isascii():
            cells.append(_Cell(letter, slice(round(x * PX_PER_MM), round((x + pitch) * PX_PER_MM))))
        x += pitch
    return cells


@cache
def _faces(side: int) -> tuple[tuple[_Floats, ...], ...]:
    """Ten digits of each lettering, each in the middle of a square one em wide; ink is 1. `front_template` draws the sheet."""
    sheet = np.asarray(cv2.imread(str(DIRECTORY / "digits.png"), cv2.IMREAD_GRAYSCALE), np.float32) / 255
    tile = sheet.shape[1] // 10
    rows = sheet.reshape(-1, tile, 10, tile).swapaxes(1, 2)
    return tuple(
        tuple(np.asarray(cv2.resize(digit, (side, side), interpolation=cv2.INTER_AREA), np.float32) for digit in row)
        for row in rows
    )


def _drawn(cells: Sequence[_Cell], face: int, side: int) -> _Floats:
    """The digits in one lettering, up to the last cell's right edge."""
    sheet = np.zeros((side, cells[-1].span.stop + 2 * side), np.float32)
    for cell in cells:
        if cell.letter != " ":
            left = side + (cell.span.start + cell.span.stop - side) // 2
            part = sheet[:, left : left + side]
            np.maximum(part, _faces(side)[face][int(cell.letter)], out=part)
    return sheet[:, side:-side]


def _mask(cells: Sequence[_Cell], side: int) -> NDArray[np.bool_]:
    mask = np.zeros((side, cells[-1].span.stop), bool)
    for cell in cells:
        mask[:, cell.span] = True
    return mask


def _padded(part: _Floats) -> _Floats:
    down, across = (round((reach + 0.6) * PX_PER_MM) for reach in reversed(SEEK_MM))
    return np.asarray(cv2.copyMakeBorder(part, down, down, across, across, cv2.BORDER_REPLICATE), np.float32)


def _sought(dark: _Floats, face: int, cells: Sequence[_Cell], side: int, start: int) -> _Fit:
    """Where in the padded ink the digits fit best in one lettering; `start` is where the text should begin without padding."""
    first = cells[0].span.start  # kanji before the first digit are not compared
    across, down = (round(reach * PX_PER_MM) for reach in SEEK_MM)
    left = start + first + round(0.6 * PX_PER_MM)  # with the padding, minus the reach to the left
    top = (dark.shape[0] - side) // 2 - down
    width = cells[-1].span.stop - first
    area = dark[max(top, 0) : top + side + 2 * down, max(left, 0) : left + width + 2 * across]
    if area.shape[0] < side or area.shape[1] < width:
        return _Fit(0.0, face, 0, 0)
    drawn = cv2.GaussianBlur(_drawn(cells, face, side), (0, 0), MATCH_BLUR_MM * PX_PER_MM)[:, first:]
    mask = _mask(cells, side)[:, first:].astype(np.float32)
    scores = np.nan_to_num(cv2.matchTemplate(area, drawn, cv2.TM_CCOEFF_NORMED, mask=mask), nan=0, posinf=0, neginf=0)
    y, x = np.unravel_index(int(scores.argmax()), scores.shape)
    return _Fit(float(scores[y, x]), face, max(left, 0) + int(x) - first, max(top, 0) + int(y))


def _as_blurred(drawn: _Floats, seen: _Floats, mask: NDArray[np.bool_]) -> _Floats:
    """The drawn digits as much out of focus as the picture."""
    blurred = [np.asarray(cv2.GaussianBlur(drawn, (0, 0), blur * PX_PER_MM), np.float32) for blur in BLURS_MM]
    return max(blurred, key=lambda one: _correlation(one[mask], seen[mask]))


def _likeness(drawn: _Floats, seen: _Floats, span: slice) -> float:
    """The best correlation of one cell with what was drawn there, moved by a pixel or two."""
    shifted = (np.roll(drawn, (dy, dx), (0, 1))[:, span] for dy in JITTER_PX for dx in JITTER_PX)
    return max(_correlation(one, seen[:, span]) for one in shifted)


def _correlation(first: _Floats, second: _Floats) -> float:
    one, other = first.ravel() - first.mean(), second.ravel() - second.mean()
    norm = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / norm if norm > 0 else 0.0
