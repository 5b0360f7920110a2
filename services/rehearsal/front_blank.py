"""A card front without any person: background and fixed words, in the real layout.

Places and sizes are those measured on the government's specimen; the municipalities' hand-outs agree. The artwork is our own.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from services.rehearsal.front_drawing import DEBIAN_FONTS, HEIGHT_MM, INK, WIDTH_MM, Box, Canvas, FontName, Pixels
from services.rehearsal.front_guilloche import ROSE, ringed_panel, rosettes, stars, waves, word_rows

SCALE: Final = 16.0  # px/mm of a drawn card
PANEL_BOX: Final[Box] = (29.8, 27.1, 83.05, 43.3)
HELD_OUT_ART: Final = 1000  # from this number on the guilloche is of the family that only the report uses
WORD_INK: Final = (62, 52, 52)


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
