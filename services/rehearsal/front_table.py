"""What lies below a photographed card: wood, fabric, a plain top, or printed paper with dates and numbers of its own."""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from services.rehearsal.front_drawing import FontName, Pixels, font

_Floats = NDArray[np.float32]
SHEETS: Final = 8  # different printed papers
SHEET_PX: Final = 1500
_SHEET_FONTS: Final[tuple[FontName, ...]] = ("sans", "mincho", "gothic", "serif")
_GAIN: Final = 0.01  # how much of full brightness one unit of texture is


def table(
    rng: np.random.Generator, width: int, height: int, blur_px: float, *, printed: bool | None = None
) -> tuple[_Floats, NDArray[np.float64]]:
    """Brightness, around 1, of shape (height, width), and the colour that it is multiplied with.

    `printed` says whether there is paper with print on it; unsaid, there is in one of four.
    """
    kind = rng.integers(4) if printed is None else 3 if printed else rng.integers(3)
    colour = rng.uniform(60, 220) * rng.uniform((0.98, 0.88, 0.74), (1.06, 1.02, 1.04))
    texture = cv2.resize(rng.normal(0, 4, (6, 8)).astype(np.float32), (width, height))
    if kind == 0:  # wood: long soft streaks
        grain = rng.normal(0, 1, (height // 4, 8)).astype(np.float32)
        texture = texture + 16 * cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC)
    elif kind == 1:  # fabric: a fine weave
        rows, columns = np.sin(np.arange(height) / 1.7), np.sin(np.arange(width) / 1.9)
        texture = texture + np.asarray(6 * rows[:, None] * columns[None, :], np.float32)
    bright = 1 + _GAIN * texture
    if kind == 3:
        bright = bright * _paper_below(rng, width, height, blur_px)
        colour = rng.uniform((214, 212, 204), (246, 246, 244))
    return np.asarray(bright, np.float32), colour


def _paper_below(rng: np.random.Generator, width: int, height: int, blur_px: float) -> _Floats:
    """A sheet lying askew, large enough to reach beyond the picture on all sides."""
    sheet = _sheet(int(rng.integers(SHEETS)))
    angle = float(rng.uniform(-12, 12) + rng.choice((0, 0, 90, 180, 270)))
    lay = np.asarray(cv2.getRotationMatrix2D((SHEET_PX / 2, SHEET_PX / 2), angle, float(rng.uniform(1.0, 1.5))))
    lay[:, 2] = lay[:, 2] + np.array([width - SHEET_PX, height - SHEET_PX]) / 2
    laid = cv2.warpAffine(sheet, lay, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    soft = cv2.GaussianBlur(laid, (0, 0), max(blur_px, 0.4))
    return np.asarray(soft, np.float32) / np.float32(255)


@lru_cache(maxsize=SHEETS)
def _sheet(number: int) -> Pixels:
    """A grey printed page: dates of other papers, four-digit numbers, in one of several letterings and sizes."""
    rng = np.random.default_rng((number, 77))
    image = Image.new("L", (SHEET_PX, SHEET_PX), 250)
    draw = ImageDraw.Draw(image)
    name, size = _SHEET_FONTS[number % len(_SHEET_FONTS)], int(rng.integers(22, 40))
    for y in range(12, SHEET_PX - size, round(size * 2.1)):
        words = "   ".join(_words(rng) for _ in range(4))
        draw.text((int(rng.integers(10, 90)), y), words, fill=40, font=font(name, size))
    return np.array(image)


def _words(rng: np.random.Generator) -> str:
    day = f"{rng.integers(1, 13)}月{rng.integers(1, 29)}日"
    era = f"{('昭和', '平成', '令和')[rng.integers(3)]}{rng.integers(1, 9)}年{day}"
    number = f"{rng.integers(10_000):04d}"
    kinds = (
        f"{era}まで有効",
        f"生年月日 {era}生",
        f"受付番号 {number}",
        f"有効期限 {rng.integers(2026, 2037)}年{day}",
        f"控え {number}",
        f"{rng.integers(2026, 2037)}年 {day}まで有効",
        f"{era}生",
    )
    return kinds[rng.integers(len(kinds))]
