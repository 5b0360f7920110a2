"""Draws the blank front that the card-front reader locates by: `python -m services.rehearsal.front_template FILE.jpg`."""

import sys
from pathlib import Path

import cv2

from services.rehearsal.front_blank import blank_front

SCALE = 8.0  # px/mm: as large as a card is in a picture that the locator has made smaller


def main(arguments: list[str]) -> int:
    """Writes the grey picture; the JSON beside it is written by hand."""
    blank = cv2.resize(blank_front(), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    done, jpeg = cv2.imencode(".jpg", cv2.cvtColor(blank, cv2.COLOR_RGB2GRAY), [cv2.IMWRITE_JPEG_QUALITY, 82])
    if not done:
        return 1
    Path(arguments[0]).write_bytes(jpeg.tobytes())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
