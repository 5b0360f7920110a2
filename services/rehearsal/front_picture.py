"""Draws the front of a rehearsal card in the real layout, plainly marked 練習 and 見本.

Places and sizes are those measured on the government's specimen and agreeing with the municipalities' hand-outs; artwork is our
own. Nothing here reads or writes files: pixels out, the same for the same arguments.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from services.domain.card import CardFront, Era
from services.rehearsal.front_blank import HELD_OUT_ART, PANEL_BOX, SCALE, blank_front
from services.rehearsal.front_drawing import (
    DEBIAN_FONTS,
    INK,
    Box,
    Canvas,
    Colour,
    FontName,
    Pixels,
)

PHOTO_BOX: Final = (3.5, 18.6, 23.9, 44.4)
ROW_MM: Final = 19.35  # middle of the line that carries birth date and expiry
BIRTH_X_MM: Final = 30.2
EXPIRY_X_MM: Final = 55.3
DATE_EM_MM: Final = 2.4
CODE_ROW_MM: Final = 51.1
CODE_X_MM: Final = 20.5
CODE_EM_MM: Final = 2.45
_DATE_FONTS: Final[tuple[FontName, ...]] = ("mincho", "mincho", "serif", "serif-bold", "gothic", "sans")
_CODE_FONTS: Final[tuple[FontName, ...]] = ("sans-bold", "mono-bold", "sans-bold")
_HELD_OUT_DATE_FONTS: Final[tuple[FontName, ...]] = ("held-out-serif", "held-out-serif", "held-out-sans")
_HELD_OUT_CODE_FONTS: Final[tuple[FontName, ...]] = ("held-out-bold",)
HAND_INK: Final = (40, 40, 90)
STAMP_INK: Final = (204, 72, 60)
_MARK: Final = "練習用 見本 練習用 見本"


@dataclass(frozen=True)
class FrontFields:
    """What is printed on one person's card."""

    front: CardFront
    name: str
    address: str
    sex: str = "女"
    municipality: str = "練習市長"
    serial: str = "0000000000RENSHU"
    certificate_expiry: date | None = None  # written by hand into the box below the expiry
    notes: tuple[str, ...] = ()  # lines of the panel 追記欄, each with its date and the office's stamp
    with_photo: bool = True  # cards of infants carry none

    def __repr__(self) -> str:
        return "<FrontFields>"


def printed_birth(front: CardFront) -> str:
    """The birth date as printed: half-width digits, one-digit numbers padded with a half space."""
    day = front.birth
    if front.western_birth_year:
        return f"{day.year}年{day.month:2d}月{day.day:2d}日生"
    era = Era.of(day)
    year = era.year(day)
    return f"{era.kanji}{'元' if year == 1 else f'{year:2d}'}年{day.month:2d}月{day.day:2d}日生"


def printed_expiry(front: CardFront) -> str:
    """The expiry as printed: always a western year."""
    day = front.expiry
    return f"{day.year}年 {day.month:2d}月{day.day:2d}日まで有効"


def render_front(  # noqa: PLR0913  # a person, and how the card came out of its printer
    fields: FrontFields,
    portrait: Pixels | None = None,
    *,
    seed: int,
    art: int = 0,
    scale: float = SCALE,
    fonts: Path = DEBIAN_FONTS,
) -> Pixels:
    """A filled-in card front: uint8, (height, width, 3), RGB. `seed` picks fonts, ink and the printer's small misplacement.

    `portrait` is any RGB picture of the face, `None` for a grey figure; `fonts` is the folder of Debian's. A held-out `art` also
    brings held-out lettering to two of three cards.

    Raises:
        FontMissing: neither Debian's fonts nor their stand-ins are installed.
    """
    rng = np.random.default_rng(seed)
    press = _press(rng, seed, art)
    canvas = Canvas(scale, fonts=fonts)
    canvas.pixels[:] = blank_front(art=art, scale=scale, fonts=fonts)
    if fields.with_photo:
        canvas.paste(_figure() if portrait is None else _cropped(portrait), PHOTO_BOX)
    dx, dy = press.shift
    _person(canvas, fields, press)
    _handwriting(canvas, fields, rng)
    canvas.grid_text((BIRTH_X_MM + dx, ROW_MM + dy), printed_birth(fields.front), press.dates, DATE_EM_MM, press.ink)
    canvas.grid_text((EXPIRY_X_MM + dx, ROW_MM + dy), printed_expiry(fields.front), press.dates, DATE_EM_MM, press.ink)
    canvas.text((2.9 + dx, CODE_ROW_MM + dy), fields.serial, "gothic", 1.85, press.ink)
    code = fields.front.security_code
    canvas.grid_text((CODE_X_MM + dx, CODE_ROW_MM + dy), code, press.code, CODE_EM_MM, press.ink)
    _mark(canvas)
    return canvas.pixels


@dataclass(frozen=True)
class _Press:
    """How one card came out of its printer."""

    dates: FontName
    code: FontName
    ink: Colour
    shift: tuple[float, float]  # registration against the pre-printed form, in mm


def _press(rng: np.random.Generator, seed: int, art: int) -> _Press:
    held_out = art >= HELD_OUT_ART and seed % 3 > 0
    dates, codes = (_HELD_OUT_DATE_FONTS, _HELD_OUT_CODE_FONTS) if held_out else (_DATE_FONTS, _CODE_FONTS)
    date_font, code_font = dates[rng.integers(len(dates))], codes[rng.integers(len(codes))]
    darkness = rng.uniform(0.75, 0.97)
    red, green, blue = (round(255 - (255 - shade) * darkness) for shade in INK)
    dx, dy = rng.uniform(-0.35, 0.35, 2)
    return _Press(date_font, code_font, (red, green, blue), (float(dx), float(dy)))


def letterings(seed: int, art: int) -> tuple[FontName, FontName]:
    """What the dates and the code of that card are lettered with."""
    press = _press(np.random.default_rng(seed), seed, art)
    return press.dates, press.code


def letter_boxes(fields: FrontFields, *, seed: int, art: int) -> tuple[list[Box], list[Box], list[Box]]:
    """Where each letter that counts stands on the card drawn from that seed: of the birth, the expiry and the code."""
    dx, dy = _press(np.random.default_rng(seed), seed, art).shift
    birth, expiry = (
        printed_birth(fields.front).removesuffix("生"),
        printed_expiry(fields.front).removesuffix("まで有効"),
    )
    return (
        _boxes(birth, (BIRTH_X_MM + dx, ROW_MM + dy), DATE_EM_MM),
        _boxes(expiry, (EXPIRY_X_MM + dx, ROW_MM + dy), DATE_EM_MM),
        _boxes(fields.front.security_code, (CODE_X_MM + dx, CODE_ROW_MM + dy), CODE_EM_MM),
    )


def _boxes(text: str, at: tuple[float, float], em: float) -> list[Box]:
    x, middle = at
    boxes = []
    for letter in text:
        pitch = em / 2 if letter.isascii() else em
        if letter != " ":
            boxes.append((x, middle - em * 0.46, x + pitch, middle + em * 0.46))
        x += pitch
    return boxes


def _person(canvas: Canvas, fields: FrontFields, press: _Press) -> None:
    dates, (dx, dy) = press.dates, press.shift
    canvas.grid_text((7.8 + dx, 5.3 + dy), fields.name, dates, 3.5)
    for row, part in enumerate((fields.address[:21], fields.address[21:42])):
        canvas.grid_text((7.5 + dx, 11.1 + 3.3 * row + dy), part, dates, 3.0)
    canvas.grid_text((79.8 + dx, 14.5 + dy), fields.sex, dates, 2.6)
    canvas.grid_text((51.9 - 2.4 * len(fields.municipality) + dx, 23.1 + dy), fields.municipality, dates, 2.4)


def _handwriting(canvas: Canvas, fields: FrontFields, pen: np.random.Generator) -> None:
    """The dates that are not the card's: the certificate's expiry in its box, the notes in the panel."""
    if fields.certificate_expiry is not None:
        day = fields.certificate_expiry
        for x, number in ((63.6, f"{day.year}"), (72.2, f"{day.month:2d}"), (77.6, f"{day.day:2d}")):
            canvas.hand_text((x, 24.2 + pen.uniform(-0.3, 0.3)), number, "gothic", 2.6, pen, HAND_INK)
    left, top, right, bottom = PANEL_BOX
    pitch = (bottom - top) / 4
    for row, note in enumerate(fields.notes):
        middle = top + pitch * (row + 0.5)
        canvas.hand_text((left + 1.0, middle), note, "gothic-thin", 2.4, pen, HAND_INK)
        canvas.frame((right - 5.4, middle - 1.6, right - 2.2, middle + 1.6), STAMP_INK, 0.2)
        canvas.text((right - 4.8, middle), "長印", "mincho", 1.2, STAMP_INK)


def _mark(canvas: Canvas) -> None:
    """Says across the signature panel what this is; no reader looks there, every person does."""
    left, top, _, bottom = PANEL_BOX
    canvas.text((left + 2.2, (top + bottom) / 2 - 2.0), _MARK, "sans-bold", 4.2, (216, 92, 80))
    canvas.text(
        (left + 2.4, (top + bottom) / 2 + 3.4), "REHEARSAL ONLY - NOT A REAL CARD", "sans-bold", 2.5, (216, 92, 80)
    )


def _cropped(portrait: Pixels) -> Pixels:
    """The largest centred part in the photo's proportions; a little higher than the middle, where faces are."""
    left, top, right, bottom = PHOTO_BOX
    height, width = portrait.shape[:2]
    ratio = (right - left) / (bottom - top)
    crop_width, crop_height = (
        (width, round(width / ratio)) if width / height < ratio else (round(height * ratio), height)
    )
    x, y = (width - crop_width) // 2, (height - crop_height) // 3
    return portrait[y : y + crop_height, x : x + crop_width]


def _figure() -> Pixels:
    sheet: Pixels = np.full((516, 408, 3), (176, 200, 226), np.uint8)
    cv2.ellipse(sheet, (204, 520), (190, 190), 0, 180, 360, (120, 130, 146), -1, cv2.LINE_AA)
    cv2.circle(sheet, (204, 210), 104, (150, 150, 156), -1, cv2.LINE_AA)
    return sheet
