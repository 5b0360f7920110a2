"""Ink for card fronts: a canvas measured in millimetres, fonts, and a guilloche of our own.

Sizes and places follow ISO/IEC 7810 ID-1 and the layout measured in the field; the artwork is drawn by this code and by nothing
else. The real card's mascot and background are not copied.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from services.domain.errors import ModelMissing
from services.vision.models import model_path

Pixels: TypeAlias = NDArray[np.uint8]
Colour: TypeAlias = tuple[int, int, int]
Points: TypeAlias = NDArray[np.float64]

WIDTH_MM: Final = 85.60  # ISO/IEC 7810, ID-1
HEIGHT_MM: Final = 53.98
INK: Final = (38, 34, 36)
ROSE: Final = (236, 176, 172)
LEAF: Final = (186, 204, 96)
STEEL: Final = (150, 160, 176)

FontName: TypeAlias = Literal[
    "mincho", "mincho-proportional", "serif", "serif-bold", "gothic", "gothic-thin", "sans", "sans-bold", "mono-bold"
]
DEBIAN_FONTS: Final = Path("/usr/share/fonts/opentype")
# (file, face number inside a collection, Debian package, what stands in for it: a font of models.toml)
_FONTS: Final[dict[FontName, tuple[str, int, str, str]]] = {
    "mincho": ("ipafont-mincho/ipam.ttf", 0, "fonts-ipafont", "font-serif"),
    "mincho-proportional": ("ipafont-mincho/ipamp.ttf", 0, "fonts-ipafont", "font-serif"),
    "serif": ("noto/NotoSerifCJK-Regular.ttc", 0, "fonts-noto-cjk", "font-serif"),
    "serif-bold": ("noto/NotoSerifCJK-Bold.ttc", 0, "fonts-noto-cjk", "font-serif"),
    "gothic": ("ipafont-gothic/ipag.ttf", 0, "fonts-ipafont", "font-sans"),
    "gothic-thin": ("ipafont-gothic/ipagp.ttf", 0, "fonts-ipafont", "font-sans"),
    "sans": ("noto/NotoSansCJK-Regular.ttc", 0, "fonts-noto-cjk", "font-sans"),
    "sans-bold": ("noto/NotoSansCJK-Bold.ttc", 0, "fonts-noto-cjk", "font-sans"),
    "mono-bold": ("noto/NotoSansCJK-Bold.ttc", 5, "fonts-noto-cjk", "font-sans"),
}


class FontMissing(Exception):
    """Neither a Debian font nor its stand-in is there; no rehearsal card can be drawn. For the operator's screen."""


@cache
def font(name: FontName, size_px: int, fonts: Path = DEBIAN_FONTS) -> ImageFont.FreeTypeFont:
    """The font: Debian's from the folder `fonts`, or its stand-in, which needs no root to be installed.

    Raises:
        FontMissing: with what to install.
    """
    file, face, package, stand_in = _FONTS[name]
    try:
        # Asked for a file that is absent, Pillow would look for one of that name all over the system.
        if (path := fonts / file).is_file():
            return ImageFont.truetype(str(path), size_px, index=face)
        return ImageFont.truetype(str(model_path(stand_in)), size_px)
    except (OSError, ModelMissing) as exc:
        raise FontMissing(f"{file} is absent: make setup, or apt-get install {package}") from exc


class Canvas:
    """A card-sized sheet; every place and size is in millimetres from the top left corner."""

    def __init__(self, scale: float, paper: Colour = (250, 240, 236), fonts: Path = DEBIAN_FONTS) -> None:
        self.scale = scale
        self._fonts = fonts
        self._pixels: Pixels = np.empty((self.px(HEIGHT_MM), self.px(WIDTH_MM), 3), np.uint8)
        self._pixels[:] = paper

    @property
    def pixels(self) -> Pixels:
        """The sheet: uint8, (height, width, 3), RGB. Not a copy."""
        return self._pixels

    def px(self, mm: float) -> int:
        """Millimetres in whole pixels."""
        return round(mm * self.scale)

    def tint(self, box: tuple[float, float, float, float], colour: Colour, opacity: float = 1.0) -> None:
        """Lays a colour over the box (left, top, right, bottom)."""
        left, top, right, bottom = (self.px(side) for side in box)
        area = self._pixels[top:bottom, left:right]
        area[:] = np.round(area * (1 - opacity) + np.array(colour) * opacity)

    def line(self, points: Points, colour: Colour, width_mm: float = 0.08) -> None:
        """Draws an open polyline through points of shape (n, 2)."""
        steps = np.round(points * self.scale * 16).astype(np.int32)
        cv2.polylines(self._pixels, [steps], False, colour, max(1, self.px(width_mm)), cv2.LINE_AA, 4)

    def frame(self, box: tuple[float, float, float, float], colour: Colour, width_mm: float) -> None:
        """Draws the outline of the box."""
        left, top, right, bottom = box
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self.line(np.array(corners), colour, width_mm)

    def rounded(self, box: tuple[float, float, float, float], radius: float, colour: Colour) -> None:
        """Fills a box with round corners."""
        with _drawing(self) as draw:
            draw.rounded_rectangle([side * self.scale for side in box], radius * self.scale, fill=colour)

    def paste(self, picture: Pixels, box: tuple[float, float, float, float]) -> None:
        """Puts a picture into the box, stretched to it."""
        left, top, right, bottom = (self.px(side) for side in box)
        self._pixels[top:bottom, left:right] = cv2.resize(
            picture, (right - left, bottom - top), interpolation=cv2.INTER_AREA
        )

    def text(self, at: tuple[float, float], text: str, name: FontName, em: float, colour: Colour = INK) -> None:
        """Writes proportionally; `at` is the left edge and the middle of the line."""
        with _drawing(self) as draw:
            place = (at[0] * self.scale, at[1] * self.scale)
            draw.text(place, text, fill=colour, font=self._font(name, em), anchor="lm")

    def fitted_text(  # noqa: PLR0913, PLR0917  # a word and its place
        self, at: tuple[float, float], text: str, name: FontName, em: float, width: float, colour: Colour = INK
    ) -> None:
        """Writes proportionally, the letters spaced so that the text is exactly so wide."""
        face = self._font(name, em)
        steps = np.cumsum([0.0, *(face.getlength(letter) for letter in text)])
        places = at[0] * self.scale + steps[:-1] * width * self.scale / steps[-1]
        with _drawing(self) as draw:
            for place, letter in zip(places, text, strict=True):
                draw.text((place, at[1] * self.scale), letter, fill=colour, font=face, anchor="lm")

    def grid_text(self, at: tuple[float, float], text: str, name: FontName, em: float, colour: Colour = INK) -> None:
        """Writes on a grid as a card printer does: one em a letter, half an em for ASCII and spaces."""
        x = at[0]
        with _drawing(self) as draw:
            for letter in text:
                pitch = em / 2 if letter.isascii() else em
                place = ((x + pitch / 2) * self.scale, at[1] * self.scale)
                draw.text(place, letter, fill=colour, font=self._font(name, em), anchor="mm")
                x += pitch

    def _font(self, name: FontName, em: float) -> ImageFont.FreeTypeFont:
        return font(name, self.px(em), self._fonts)


class _drawing:  # noqa: N801  # reads as a verb at its one use
    """Pillow's pen on a canvas: Pillow draws on its own copy, which is put back at the end."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._image = Image.fromarray(canvas.pixels)

    def __enter__(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self._image)

    def __exit__(self, *_: object) -> None:
        self._canvas.pixels[:] = np.asarray(self._image)


def waves(canvas: Canvas, rng: np.random.Generator, colours: Sequence[Colour]) -> None:
    """Families of interfering waves all over the sheet, as banknote printers engrave them."""
    x = np.linspace(0, WIDTH_MM, 400)
    for colour in colours:
        amplitude, length, phase, slant = rng.uniform((0.6, 9, 0, -0.1), (1.6, 22, 6.3, 0.1))
        for offset in np.arange(-6, HEIGHT_MM + 6, 0.62):
            swell = 1 + 0.5 * np.sin(x / 17 + offset / 9)
            y = offset + slant * x + amplitude * swell * np.sin(2 * np.pi * x / length + phase + offset / 5)
            canvas.line(np.column_stack([x, y]), colour, 0.06)


def word_rows(canvas: Canvas, rng: np.random.Generator, word: str, box: tuple[float, float, float, float]) -> None:
    """Rows of one small word in rose, every second row shifted: the micro-pattern behind birth date and code."""
    left, top, right, bottom = box
    for row, y in enumerate(np.arange(top, bottom, 1.9)):
        start = left + (row % 2) * 2.1 + rng.uniform(-0.2, 0.2)
        letters = int((right - start) / 1.1)
        canvas.text((start, y), (f"{word} " * letters)[:letters], "sans-bold", 1.5, ROSE)


def stars(canvas: Canvas, rng: np.random.Generator, box: tuple[float, float, float, float], count: int) -> None:
    """Stars of leaf-green rays."""
    left, top, right, bottom = box
    for _ in range(count):
        centre = rng.uniform((left, top), (right, bottom))
        for angle in np.arange(0, 2 * np.pi, np.pi / 12) + rng.uniform(0, 0.3):
            reach = rng.uniform(5, 15)
            tip = centre + reach * np.array([np.cos(angle), np.sin(angle)])
            canvas.line(np.array([centre, tip]), LEAF, 0.05)


def ringed_panel(canvas: Canvas, box: tuple[float, float, float, float], rows: int) -> None:
    """A writing panel filled with chains of grey rings and ruled into rows."""
    left, top, right, bottom = box
    canvas.tint(box, (244, 244, 246))
    turn = np.linspace(0, 2 * np.pi, 24)
    for y in np.arange(top + 0.7, bottom - 0.5, 1.15):
        for x in np.arange(left + 0.8, right - 0.6, 1.6):
            ring = np.column_stack([x + 0.72 * np.cos(turn), y + 0.62 * np.sin(turn)])
            canvas.line(ring, (206, 208, 214), 0.05)
    for row in range(rows + 1):
        y = top + (bottom - top) * row / rows
        canvas.line(np.array([[left, y], [right, y]]), STEEL, 0.16)
    canvas.frame(box, STEEL, 0.2)
