"""Draws the blank cards and the digits that the reader compares with: `python -m services.rehearsal.front_template DIRECTORY`."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw

from services.rehearsal.front_blank import blank_front
from services.rehearsal.front_drawing import HEIGHT_MM, WIDTH_MM, Pixels, font
from services.rehearsal.front_lettering import FACES
from services.rehearsal.front_others import Other, document

SCALE: Final = 8.0  # px/mm: as large as a card is in a picture that the locator has made smaller
# What is printed of a person on the other layouts is masked by the JSON beside each picture.
BLANKS: Final[Mapping[str, Callable[[], Pixels]]] = {
    "front-2016": blank_front,
    "back-2016": lambda: document(Other.BACK, 0),
    "residence-2012": lambda: document(Other.RESIDENCE, 0),
    "front-next": lambda: document(Other.NEXT_CARD, 0),
}
DIGIT_PX: Final = 96  # side of the square that a digit stands in the middle of, one em
_SIZE: Final = (round(WIDTH_MM * SCALE), round(HEIGHT_MM * SCALE))


def main(arguments: list[str]) -> int:
    """Writes the grey pictures and the digits; the JSON beside each layout is written by hand."""
    cv2.imwrite(str(Path(arguments[0]) / "digits.png"), digits())
    for name, blank in BLANKS.items():
        small = cv2.resize(blank(), _SIZE, interpolation=cv2.INTER_AREA)
        done, jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), [cv2.IMWRITE_JPEG_QUALITY, 82])
        if not done:
            return 1
        (Path(arguments[0]) / f"{name}.jpg").write_bytes(jpeg.tobytes())
    return 0


def digits() -> Pixels:
    """Ten digits in each lettering, white on black, one lettering a row: what read digits are compared with."""
    sheet = Image.new("L", (10 * DIGIT_PX, len(FACES) * DIGIT_PX), 0)
    draw = ImageDraw.Draw(sheet)
    for row, face in enumerate(FACES):
        for digit in range(10):
            middle = ((digit + 0.5) * DIGIT_PX, (row + 0.5) * DIGIT_PX)
            draw.text(middle, str(digit), fill=255, font=font(face, DIGIT_PX), anchor="mm")
    return np.array(sheet)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
