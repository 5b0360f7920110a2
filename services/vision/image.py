"""Encoded pictures → pixels, under limits that are decided from the header, before anything is unfolded.

Everything that a resident or a card sends is treated as hostile: see `image_headers` for what is looked at first. Only pixels
leave this module; what is drawn or sent from them later carries no metadata.
"""

import struct
import warnings
import zlib
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.domain.errors import (
    ChipPhotoUnreadable,
    ColoursNotAccepted,
    FormatNotAccepted,
    ImageTooLarge,
    ImageUnreadable,
    PictureDamaged,
    PictureEmpty,
    TooManyPixels,
)
from services.domain.policy import CHIP_PHOTO_BYTES, CHIP_PHOTO_PIXELS, IMAGE_BYTES
from services.vision import image_jp2, image_jpeg, image_png, image_webp
from services.vision.image_headers import Header

Pixels = NDArray[np.uint8]

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_PLAIN_MODES: Final = frozenset({"1", "L", "RGB"})
_CLEAR_MODES: Final = frozenset({"LA", "P", "PA", "RGBA"})  # shown on white paper

# What Pillow's parsers raise on broken input, found by fuzzing and by reading; everything else is our own fault.
_BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    EOFError,
    MemoryError,
    struct.error,
    zlib.error,
)


def decode_picture(data: bytes) -> Pixels:
    """The pixels of a JPEG, PNG or WebP picture: uint8, (height, width, 3), RGB, turned as its EXIF orientation says.

    Raises:
        ImageTooLarge, TooManyPixels: over `policy.IMAGE_BYTES` or `IMAGE_PIXELS`, found before decoding.
        ImageUnreadable: one of its children says why.
    """
    if not data:
        raise PictureEmpty
    if len(data) > IMAGE_BYTES:
        raise ImageTooLarge(bytes=len(data))
    header = _survey(data)
    upright = _TURNS.get(header.orientation)
    image = _decoded(header.essential, header.format, (header.width, header.height))
    flat = _rgb(image)
    return np.array(flat if upright is None else flat.transpose(upright), dtype=np.uint8)


def decode_chip_photo(data: bytes) -> Pixels:
    """The pixels of the chip's JPEG 2000 photo: uint8, (height, width), grey.

    Raises:
        ChipPhotoUnreadable: over `policy.CHIP_PHOTO_BYTES` or `CHIP_PHOTO_PIXELS`, which is found before decoding; not a
            plain grey 8 bit JPEG 2000 picture; or damaged.
    """
    if len(data) > CHIP_PHOTO_BYTES:
        raise ChipPhotoUnreadable(bytes=len(data))
    size = image_jp2.survey(data, CHIP_PHOTO_PIXELS)
    try:
        image = _decoded(data, "JPEG2000", size)
    except ImageUnreadable as exc:
        raise ChipPhotoUnreadable from exc
    if image.mode != "L":
        raise ChipPhotoUnreadable
    return np.array(image, dtype=np.uint8)


def _survey(data: bytes) -> Header:
    if data.startswith(image_jpeg.SIGNATURE):
        return image_jpeg.survey(data)
    if data.startswith(image_png.SIGNATURE):
        return image_png.survey(data)
    if image_webp.is_webp(data):
        return image_webp.survey(data)
    raise FormatNotAccepted


def _decoded(data: bytes, kind: str, size: tuple[int, int]) -> Image.Image:
    try:
        # Pillow only warns about some damage and some bombs; size was checked, and is compared here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(BytesIO(data), formats=(kind,))
            if image.size != size:
                raise PictureDamaged
            image.load()
    except Image.DecompressionBombError as exc:
        raise TooManyPixels from exc
    except _BROKEN as exc:
        raise PictureDamaged from exc
    return image


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode in _CLEAR_MODES:
        clear = image.convert("RGBA")
        flat = Image.new("RGB", clear.size, "white")
        flat.paste(clear, mask=clear.getchannel("A"))
        return flat
    if image.mode in _PLAIN_MODES:
        return image.convert("RGB")
    raise ColoursNotAccepted
