"""Ink for cards: a canvas measured in millimetres, and fonts.

Sizes and places follow ISO/IEC 7810 ID-1 and the layout measured in the field; the artwork is drawn by this code and by nothing
else. The real card's mascot and background are not copied.
"""

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
Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom in mm

WIDTH_MM: Final = 85.60  # ISO/IEC 7810, ID-1
HEIGHT_MM: Final = 53.98
INK: Final = (38, 34, 36)

FontName: TypeAlias = Literal[
    "mincho",
    "mincho-proportional",
    "serif",
    "serif-bold",
    "gothic",
    "gothic-thin",
    "sans",
    "sans-bold",
    "mono-bold",
    "held-out-serif",
    "held-out-sans",
    "held-out-bold",
]
DEBIAN_FONTS: Final = Path("/usr/share/fonts/opentype")
# The packaged letterings are in models.toml: nothing of the reader is tuned on them, the report is lettered with them.
_PACKAGED: Final[dict[FontName, str]] = {
    name: f"font-{name}" for name in ("held-out-serif", "held-out-sans", "held-out-bold")
}
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
    try:
        if name in _PACKAGED:
            return ImageFont.truetype(str(model_path(_PACKAGED[name])), size_px)
    except (OSError, ModelMissing) as exc:
        raise FontMissing(f"{_PACKAGED[name]} is absent: make setup") from exc
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

    def tint(self, box: Box, colour: Colour, opacity: float = 1.0) -> None:
        """Lays a colour over the box (left, top, right, bottom)."""
        left, top, right, bottom = (self.px(side) for side in box)
        area = self._pixels[top:bottom, left:right]
        area[:] = np.round(area * (1 - opacity) + np.array(colour) * opacity)

    def line(self, points: Points, colour: Colour, width_mm: float = 0.08) -> None:
        """Draws an open polyline through points of shape (n, 2)."""
        steps = np.round(points * self.scale * 16).astype(np.int32)
        cv2.polylines(self._pixels, [steps], False, colour, max(1, self.px(width_mm)), cv2.LINE_AA, 4)

    def frame(self, box: Box, colour: Colour, width_mm: float) -> None:
        """Draws the outline of the box."""
        left, top, right, bottom = box
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        self.line(np.array(corners), colour, width_mm)

    def rounded(self, box: Box, radius: float, colour: Colour) -> None:
        """Fills a box with round corners."""
        with _drawing(self) as draw:
            draw.rounded_rectangle([side * self.scale for side in box], radius * self.scale, fill=colour)

    def paste(self, picture: Pixels, box: Box) -> None:
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

    def hand_text(  # noqa: PLR0913, PLR0917  # a pen, and how steadily it is held
        self, at: tuple[float, float], text: str, name: FontName, em: float, pen: np.random.Generator, colour: Colour
    ) -> None:
        """Writes as a clerk's pen does: every letter a little askew, of its own size and beside its place."""
        x = at[0]
        with _drawing(self) as draw:
            for letter in text:
                size = em * pen.uniform(0.88, 1.1)
                shift = pen.normal(0, 0.05 * em, 2)
                place = ((x + shift[0]) * self.scale, (at[1] + shift[1]) * self.scale)
                draw.text(place, letter, fill=colour, font=self._font(name, size), anchor="lm")
                x += size * (0.56 if letter.isascii() else 1.02)

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
