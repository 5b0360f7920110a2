"""A libFuzzer program over both picture decoders: `python tests/vision/fuzz_pictures.py CORPUS -max_total_time=600 …`.

Ends with a status other than 0 at the first exception outside the catalogue, at pixels outside the limits, at a picture that takes
too long, and above the memory limit. Python's branches in our own walks guide it; Pillow's C code is only carried along.
"""

import sys
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parents[2])]

with atheris.instrument_imports(include=["services.vision"]):
    from services.domain.errors import ImageTooLarge, ImageUnreadable
    from services.domain.policy import CHIP_PHOTO_PIXELS, IMAGE_PIXELS
    from services.vision.image import decode_chip_photo, decode_picture

DECODERS = ((decode_picture, IMAGE_PIXELS), (decode_chip_photo, CHIP_PHOTO_PIXELS))


def look(data: bytes) -> None:
    """One input, both decoders."""
    for decode, most in DECODERS:
        try:
            pixels = decode(data)
        except (ImageTooLarge, ImageUnreadable):
            continue
        if not 0 < pixels.shape[0] * pixels.shape[1] <= most:
            raise AssertionError(pixels.shape)


if __name__ == "__main__":
    atheris.Setup(sys.argv, look)
    atheris.Fuzz()
