"""What an encoded picture says about itself, read before anything is unfolded, and the part of it that makes pixels.

The format comes from the bytes, never from a name. Each format's own walk (`image_jpeg`, `image_png`, `image_webp`) looks at
lengths and a few numbers, in time proportional to the bytes, and keeps only what a decoder needs: EXIF, GPS, ICC, XMP, text and
whatever hangs behind the picture never reach a decoder. The orientation is read from EXIF first. Colour profiles are ignored:
what is read here are shapes.
"""

import struct
from dataclasses import dataclass
from typing import Final

from services.domain.errors import PictureEmpty, TooManyPixels
from services.domain.policy import IMAGE_PIXELS

UPRIGHT: Final = 1
_ORIENTATION: Final = 0x0112  # EXIF 2.32, table 4
_SHORT: Final = 3  # TIFF 6.0, field types
_MOST_FIELDS: Final = 512  # a camera writes about 20 into the first directory


@dataclass(frozen=True)
class Header:
    """One still picture: `essential` is the same picture without anything but pixels, `orientation` as in EXIF."""

    format: str  # Pillow's name
    width: int
    height: int
    orientation: int
    essential: bytes

    def __repr__(self) -> str:
        return f"<Header {self.format} {self.width}x{self.height}>"


def check_size(width: int, height: int) -> None:
    """Raises TooManyPixels or PictureEmpty."""
    if width * height > IMAGE_PIXELS:
        raise TooManyPixels(width=width, height=height)
    if width < 1 or height < 1:
        raise PictureEmpty


def orientation_of(tiff: bytes) -> int:
    """From an EXIF block (TIFF 6.0). `UPRIGHT` where it is broken: a picture that a phone shows is not refused for that."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (fields,) = struct.unpack_from(f"{order}H", tiff, start)
        for number in range(min(fields, _MOST_FIELDS)):
            tag, kind, count, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * number)
            if (tag, kind, count) == (_ORIENTATION, _SHORT, 1):
                return int(value)
    except struct.error:
        return UPRIGHT
    return UPRIGHT
