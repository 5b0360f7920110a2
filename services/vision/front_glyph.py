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
LOOSE_MM: Final = (
    0.7  # printers space the parts of a date differently: the government's specimen is half a cell off ours
)
MATCH_BLUR_MM: Final = 0.08
BLURS_MM: Final = (0.03, 0.06, 0.09, 0.12, 0.16)
JITTER_PX: Final = (-2, -1, 0, 1, 2)  # other lettering has other side bearings
NOISE: Final = 0.02  # no picture is liker to what it shows
PAPER: Final = (
    75  # percentile of a line that is its paper: above print and pattern, below a reflection on a quarter of it
)
SHINE: Final = (
    28  # grey levels above the field's paper in the darkest channel: paper is tinted, reflections and scratches are not
)

DARK: Final = 95  # percentile of a digit's cell that is its darkest ink
DIGITS: Final = "0123456789"
_MARGIN_MM: Final = (
    2.4,
    0.9,
)  # of paper that is added around a crop, so that everything stays inside while it is sought
_Floats = NDArray[np.float32]


class Wholeness(NamedTuple):
    """How the digits that were read stand in the picture."""

    likeness: float  # correlation of the digit that is least like itself
    oddness: float  # how many times as unlike itself that is as the field's middle digit: unknown lettering fits all digits less
    pad_ink: float  # share of ink in the fullest cell that should be empty
    shine: float  # share of the brightest cell that shines
    lead: float  # how much liker that digit is than the next one, where this is least: whatever the lettering, it is above others
    blot: (
        float  # how many times as dark as the field's middle digit the darkest one is: a pen is blacker than the print
    )


NOWHERE: Final = Wholeness(-1.0, 99.0, 1.0, 1.0, -1.0, 99.0)


class _Cell(NamedTuple):
    letter: str  # a digit, or a space for a cell that stays empty
    left: int  # from the text's left edge
    span: slice  # columns of its group


_Group = list[_Cell]
_Face = tuple[_Floats, ...]


@dataclass(frozen=True)
class _Fit:
    score: float
    left: int
    top: int


def wholeness(crop: Crop, text: str, place: Print, unknown: frozenset[int] = frozenset()) -> Wholeness:
    """How the digits of `text`, padded as it is printed, stand in a field's crop.

    `unknown` are rows of the sheet of letterings that are not drawn: what is printed in one of them is printed in a lettering
    that the check does not know.
    """
    scale = PX_PER_MM / crop.px_per_mm
    part = cv2.resize(crop.line, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    side = round(place.em_mm * PX_PER_MM)
    groups = _groups(text, place.em_mm)
    dark = _padded(ink(np.asarray(part, np.uint8), PX_PER_MM))
    start = round((place.start_mm - crop.left_mm + _MARGIN_MM[0]) * PX_PER_MM)
    known = (face for row, face in enumerate(_faces(side)) if row not in unknown)
    faces = [(face, _laid(dark, face, groups, side, start)) for face in known]
    face, fits = max(faces, key=lambda tried: sum(fit.score for fit in tried[1]))
    if min(fit.score for fit in fits) <= 0:
        return NOWHERE
    darkest = part.min(axis=2).astype(np.float32)
    shine = _padded(np.asarray(darkest > np.percentile(darkest, PAPER) + SHINE, np.float32))
    found: list[_Found] = []
    for group, fit in zip(groups, fits, strict=True):
        window = np.s_[fit.top : fit.top + side, fit.left : fit.left + group[-1].span.stop]
        found += _compared(group, face, side, dark[window], shine[window])
    digits = [one for one in found if one.likeness is not None]
    likenesses = [one.likeness for one in found if one.likeness is not None]
    darks = [one.dark for one in digits]
    return Wholeness(
        min(likenesses),
        (1 - min(likenesses)) / (1 - float(np.median(likenesses)) + NOISE),
        max((one.ink for one in found if one.likeness is None), default=0.0),
        max(one.shine for one in found),
        min(one.lead for one in digits),
        max(darks) / max(float(np.median(darks)), 1e-3),
    )


class _Found(NamedTuple):
    likeness: float | None  # `None` for a cell that should be empty
    ink: float
    shine: float
    lead: float
    dark: float


def _compared(group: Sequence[_Cell], face: _Face, side: int, seen: _Floats, shine: _Floats) -> list[_Found]:
    drawn = _drawn(group, face, side)
    blur = max(BLURS_MM, key=lambda one: _correlation(_soft(drawn, one), seen))
    drawn = _soft(drawn, blur)
    strength = max(float(np.percentile(seen[drawn > 0.5 * drawn.max()], 60)), 1e-3)
    clipped = np.clip(seen, 0, 1.2 * strength)
    return [
        _Found(
            None if cell.letter == " " else _likeness(drawn, clipped, cell.span),
            float(np.minimum(seen[:, cell.span] / strength, 1).mean()),
            float(shine[:, cell.span].mean()),
            0.0 if cell.letter == " " else _lead(group, place, face, blur, clipped),
            float(np.percentile(seen[:, cell.span], DARK)),
        )
        for place, cell in enumerate(group)
    ]


def _lead(group: Sequence[_Cell], place: int, face: _Face, blur: float, seen: _Floats) -> float:
    """How much liker the digit that was read is than any other digit in its place, all drawn alike."""
    cell, inner = group[place], len(JITTER_PX) // 2
    sight = np.ascontiguousarray(seen[inner:-inner, cell.span][:, inner:-inner])
    likeness = []
    for digit in DIGITS:
        other = [*group[:place], cell._replace(letter=digit), *group[place + 1 :]]
        drawn = np.ascontiguousarray(_soft(_drawn(other, face, seen.shape[0]), blur)[:, cell.span])
        scores = np.nan_to_num(cv2.matchTemplate(drawn, sight, cv2.TM_CCOEFF_NORMED), nan=0, posinf=0, neginf=0)
        likeness.append(float(scores.max()))
    own = likeness.pop(int(cell.letter))
    return own - max(likeness)


def _laid(dark: _Floats, face: _Face, groups: Sequence[_Group], side: int, start: int) -> list[_Fit]:
    """Where the groups of a text fit best in one lettering: the longest is sought first, the others not far from it."""
    longest = max(groups, key=len)
    first = _sought(dark, _blurred(longest, face, side), start + longest[0].left, SEEK_MM[0])
    moved = first.left - start - longest[0].left
    return [
        first
        if group is longest
        else _sought(dark, _blurred(group, face, side), start + group[0].left + moved, LOOSE_MM)
        for group in groups
    ]


def _groups(text: str, em_mm: float) -> list[_Group]:
    """Runs of digits and spaces between kanji: ASCII is half as wide as a kanji."""
    groups: list[_Group] = []
    x, follows = 0.0, False
    for letter in text:
        pitch = em_mm / 2 if letter.isascii() else em_mm
        if letter.isascii():
            if not follows:
                groups.append([])
            left = round(x * PX_PER_MM)
            begin = groups[-1][0].left if follows else left
            groups[-1].append(_Cell(letter, left, slice(left - begin, round((x + pitch) * PX_PER_MM) - begin)))
        follows = letter.isascii()
        x += pitch
    return groups


@cache
def _faces(side: int) -> tuple[_Face, ...]:
    """Ten digits of each lettering, each in the middle of a square one em wide; ink is 1. `front_template` draws the sheet."""
    sheet = np.asarray(cv2.imread(str(DIRECTORY / "digits.png"), cv2.IMREAD_GRAYSCALE), np.float32) / 255
    tile = sheet.shape[1] // 10
    rows = sheet.reshape(-1, tile, 10, tile).swapaxes(1, 2)
    return tuple(
        tuple(np.asarray(cv2.resize(digit, (side, side), interpolation=cv2.INTER_AREA), np.float32) for digit in row)
        for row in rows
    )


def _drawn(group: Sequence[_Cell], face: _Face, side: int) -> _Floats:
    """The digits of a group in one lettering."""
    sheet = np.zeros((side, group[-1].span.stop + 2 * side), np.float32)
    for cell in group:
        if cell.letter != " ":
            left = side + (cell.span.start + cell.span.stop - side) // 2
            part = sheet[:, left : left + side]
            np.maximum(part, face[int(cell.letter)], out=part)
    return sheet[:, side:-side]


def _blurred(group: Sequence[_Cell], face: _Face, side: int) -> _Floats:
    return _soft(_drawn(group, face, side), MATCH_BLUR_MM)


def _soft(drawn: _Floats, blur_mm: float) -> _Floats:
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), blur_mm * PX_PER_MM), np.float32)


def _padded(part: _Floats) -> _Floats:
    across, down = (round(margin * PX_PER_MM) for margin in _MARGIN_MM)
    return np.asarray(cv2.copyMakeBorder(part, down, down, across, across, cv2.BORDER_REPLICATE), np.float32)


def _sought(dark: _Floats, drawn: _Floats, left: int, reach_mm: float) -> _Fit:
    """Where in the padded ink something drawn fits best, around a column and the middle row."""
    across, down = (round(reach * PX_PER_MM) for reach in (reach_mm, SEEK_MM[1]))
    height, width = drawn.shape
    top, left = max((dark.shape[0] - height) // 2 - down, 0), max(left - across, 0)
    area = dark[top : top + height + 2 * down, left : left + width + 2 * across]
    if area.shape[0] < height or area.shape[1] < width:
        return _Fit(0.0, 0, 0)
    scores = np.nan_to_num(cv2.matchTemplate(area, drawn, cv2.TM_CCOEFF_NORMED), nan=0, posinf=0, neginf=0)
    y, x = np.unravel_index(int(scores.argmax()), scores.shape)
    return _Fit(float(scores[y, x]), left + int(x), top + int(y))


def _likeness(drawn: _Floats, seen: _Floats, span: slice) -> float:
    """The best correlation of one cell with what was drawn there, moved by a pixel or two."""
    shifted = (np.roll(drawn, (dy, dx), (0, 1))[:, span] for dy in JITTER_PX for dx in JITTER_PX)
    return max(_correlation(one, seen[:, span]) for one in shifted)


def _correlation(first: _Floats, second: _Floats) -> float:
    one, other = first.ravel() - first.mean(), second.ravel() - second.mean()
    norm = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / norm if norm > 0 else 0.0
