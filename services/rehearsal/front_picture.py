"""Draws the front of a rehearsal card in the real layout, plainly marked 練習 and 見本.

Places and sizes are those measured on the government's specimen and agreeing with the municipalities' hand-outs; artwork is our
own. Nothing here reads or writes files: pixels out, the same for the same arguments.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from services.domain.card import CardFront, Era
from services.rehearsal.front_drawing import (
    DEBIAN_FONTS,
    HEIGHT_MM,
    INK,
    WIDTH_MM,
    Canvas,
    FontName,
    Pixels,
)
from services.rehearsal.front_guilloche import ROSE, ringed_panel, rosettes, stars, waves, word_rows

SCALE: Final = 16.0  # px/mm of a drawn card
PHOTO_BOX: Final = (3.5, 18.6, 23.9, 44.4)
PANEL_BOX: Final = (29.8, 27.1, 83.05, 43.3)
ROW_MM: Final = 19.35  # middle of the line that carries birth date and expiry
_DATE_FONTS: Final[tuple[FontName, ...]] = ("mincho", "mincho", "serif", "serif-bold", "gothic", "sans")
_CODE_FONTS: Final[tuple[FontName, ...]] = ("sans-bold", "mono-bold", "sans-bold")
HELD_OUT_ART: Final = 1000  # from this number on the guilloche is of the family that only the report uses
_HELD_OUT_DATE_FONTS: Final[tuple[FontName, ...]] = ("held-out-serif", "held-out-serif", "held-out-sans")
_HELD_OUT_CODE_FONTS: Final[tuple[FontName, ...]] = ("held-out-bold",)
HAND_INK: Final = (40, 40, 90)
STAMP_INK: Final = (204, 72, 60)
WORD_INK: Final = (62, 52, 52)
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


def blank_front(*, art: int = 0, scale: float = SCALE, fonts: Path = DEBIAN_FONTS) -> Pixels:
    """A card front without any person: background and fixed words. `art` seeds the guilloche."""
    return _blank(art, scale, fonts).copy()


@lru_cache(maxsize=8)
def _blank(art: int, scale: float, fonts: Path) -> Pixels:
    rng = np.random.default_rng(art)
    canvas = Canvas(scale, fonts=fonts)
    canvas.tint((0, 0, 52, HEIGHT_MM), (250, 226, 224), 0.7)
    canvas.tint((52, 0, WIDTH_MM, HEIGHT_MM), (244, 244, 216), 0.7)
    canvas.tint((8, 0, 76, 5), (214, 232, 240), 0.6)
    guilloche = waves if art < HELD_OUT_ART else rosettes
    guilloche(canvas, rng, [(255, 255, 255), (244, 206, 202), (240, 226, 190)])
    word_rows(canvas, rng, "JAPAN", (0.6, 16.5, 58, 44))
    word_rows(canvas, rng, "JAPAN", (0.6, 46.5, 29, 53))
    stars(canvas, rng, (54, 1, 85, 53), 26)
    _fixed_words(canvas)
    return canvas.pixels


# Words on every card: left edge and middle of the line, width, em, all in mm; measured on the government's specimen.
_WORDS: Final[tuple[tuple[str, FontName, float, float, float, float], ...]] = (
    ("氏名", "sans-bold", 1.4, 5.55, 4.1, 2.05),
    ("住所", "sans-bold", 1.3, 11.3, 4.15, 2.05),
    ("個人番号", "sans-bold", 74.7, 8.4, 7.9, 1.95),
    ("カード", "sans-bold", 75.8, 10.3, 5.65, 1.95),
    ("性別", "sans-bold", 73.5, 14.7, 4.1, 2.05),
    ("年", "sans-bold", 69.2, 24.4, 2.05, 2.05),
    ("月", "sans-bold", 74.9, 24.4, 2.05, 2.05),
    ("日", "sans-bold", 80.5, 24.4, 2.05, 2.05),
    ("●臓器提供意思", "sans", 31.5, 44.45, 10.4, 1.5),
    ("【1脳死後及び心停止した死後/", "sans", 43.0, 44.45, 17.8, 1.35),
    ("2心停止した死後のみ/", "sans", 60.9, 44.45, 14.5, 1.35),
    ("3提供せず】", "sans", 75.6, 44.45, 6.4, 1.35),
    ("《1・2で提供したくない臓器があれば×》", "sans", 31.2, 46.2, 24.4, 1.35),
    ("【心臓・肺・肝臓・腎臓・膵臓・小腸・眼球】", "sans", 56.2, 46.2, 25.8, 1.35),
    ("署名年月日", "sans", 32.0, 47.9, 6.2, 1.3),
    ("年", "sans", 44.5, 47.9, 1.3, 1.3),
    ("月", "sans", 48.2, 47.9, 1.3, 1.3),
    ("日", "sans", 52.0, 47.9, 1.3, 1.3),
    ("[特記欄:", "sans", 32.3, 49.65, 5.0, 1.3),
    ("]", "sans", 52.7, 49.65, 0.5, 1.3),
    ("署名", "sans", 53.3, 49.25, 4.1, 2.05),
)
_REVERSED_WORDS: Final = (("電子証明書", 54.8, 23.5), ("の有効期限", 54.8, 25.1))  # white on the black box
_RULES: Final = (((32.1, 48.6), (53.2, 48.6)), ((53.3, 50.5), (81.9, 50.5)))


def _fixed_words(canvas: Canvas) -> None:
    canvas.rounded((73.5, 1.6, 83.5, 11.6), 1.4, (255, 255, 255))
    canvas.frame((76.0, 2.8, 81.0, 6.2), INK, 0.12)
    canvas.line(np.array([[76.8, 5.2], [78.4, 5.2]]), INK, 0.2)
    canvas.tint((53.7, 22.2, 62.5, 26.4), (62, 52, 52))
    canvas.tint((62.5, 22.2, 83.1, 26.4), (254, 252, 250))
    ringed_panel(canvas, PANEL_BOX, 4)
    canvas.tint((29.8, 43.4, 83.0, 51.2), (254, 252, 250))
    for word, name, x, y, width, em in _WORDS:
        canvas.fitted_text((x, y), word, name, em, width, WORD_INK)
    for word, x, y in _REVERSED_WORDS:
        canvas.fitted_text((x, y), word, "sans-bold", 1.37, 6.8, (255, 255, 255))
    for rule in _RULES:
        canvas.line(np.array(rule), WORD_INK, 0.08)
    canvas.line(np.array([[0.8, 52.9], [29.2, 52.9]]), ROSE, 0.1)


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
    canvas = Canvas(scale, fonts=fonts)
    canvas.pixels[:] = _blank(art, scale, fonts)
    if fields.with_photo:
        canvas.paste(_figure() if portrait is None else _cropped(portrait), PHOTO_BOX)
    dates, code = _lettering(rng, held_out=art >= HELD_OUT_ART and seed % 3 > 0)
    darkness = rng.uniform(0.75, 0.97)
    red, green, blue = (round(255 - (255 - shade) * darkness) for shade in INK)
    ink = (red, green, blue)
    dx, dy = rng.uniform(-0.35, 0.35, 2)  # the printer's registration against the pre-printed form
    _person(canvas, fields, dates, (dx, dy))
    _handwriting(canvas, fields, rng)
    canvas.grid_text((30.2 + dx, ROW_MM + dy), printed_birth(fields.front), dates, 2.4, ink)
    canvas.grid_text((55.3 + dx, ROW_MM + dy), printed_expiry(fields.front), dates, 2.4, ink)
    canvas.text((2.9 + dx, 51.1 + dy), fields.serial, "gothic", 1.85, ink)
    canvas.grid_text((20.5 + dx, 51.1 + dy), fields.front.security_code, code, 2.45, ink)
    _mark(canvas)
    return canvas.pixels


def _person(canvas: Canvas, fields: FrontFields, dates: FontName, shift: tuple[float, float]) -> None:
    dx, dy = shift
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


def _lettering(rng: np.random.Generator, *, held_out: bool) -> tuple[FontName, FontName]:
    dates, codes = (_HELD_OUT_DATE_FONTS, _HELD_OUT_CODE_FONTS) if held_out else (_DATE_FONTS, _CODE_FONTS)
    return dates[rng.integers(len(dates))], codes[rng.integers(len(codes))]


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
