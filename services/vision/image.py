"""Encoded pictures → pixels, under limits that are decided from the header, before anything is unfolded.

Everything that a resident or a card sends is treated as hostile: the format comes from the bytes, never from a name; size is
read first; damage and surprise formats are refused; metadata (EXIF, GPS, ICC) never leaves this module, because only pixels do.
"""

import struct
import warnings
import zlib
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.domain.errors import ImageTooLarge, ImageUnreadable
from services.domain.policy import CHIP_PHOTO_BYTES, CHIP_PHOTO_PIXELS, IMAGE_BYTES, IMAGE_PIXELS

Pixels = NDArray[np.uint8]

_ORIENTATION: Final = 0x0112  # EXIF 2.32, table 4
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
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_JPEG_SCANS: Final = 64  # a progressive picture has about 10; thousands of empty ones are a way to burn time
_JP2_SIGNATURE: Final = bytes.fromhex("0000000c6a5020200d0a870a")  # ISO/IEC 15444-1 annex I.5.1
_SOC_SIZ: Final = bytes.fromhex("ff4fff51")  # ISO/IEC 15444-1 annex A.5.1: the codestream opens with SOC and SIZ
_CHIP_TILES: Final = 64

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
    struct.error,
)
_BROKEN_PICTURE: Final = (*_BROKEN, zlib.error, MemoryError)


def decode_picture(data: bytes) -> Pixels:
    """The pixels of a JPEG, PNG or WebP picture: uint8, (height, width, 3), RGB, turned as its EXIF orientation says.

    Raises:
        ImageTooLarge: over `policy.IMAGE_BYTES` or `IMAGE_PIXELS`, found before decoding.
        ImageUnreadable: not such a picture, animated, damaged, CMYK, or 16 bit grey.
    """
    if len(data) > IMAGE_BYTES:
        raise ImageTooLarge(bytes=len(data))
    if data[:4] == b"RIFF":
        _check_webp(data)
    elif data.count(b"\xff\xda") > _JPEG_SCANS and data[:2] == b"\xff\xd8":
        raise ImageUnreadable
    return _decode(data, _FORMATS, IMAGE_PIXELS)


def decode_chip_photo(data: bytes) -> Pixels:
    """The pixels of the chip's JPEG 2000 photo: uint8, (height, width), grey.

    Raises:
        ImageTooLarge: over `policy.CHIP_PHOTO_BYTES` or `CHIP_PHOTO_PIXELS`, found before decoding.
        ImageUnreadable: not a grey 8 bit JPEG 2000 picture, or damaged.
    """
    if len(data) > CHIP_PHOTO_BYTES:
        raise ImageTooLarge(bytes=len(data))
    declared = _check_codestream(data[_codestream_start(data) :])
    pixels = _decode(data, ("JPEG2000",), CHIP_PHOTO_PIXELS, grey=True)
    if pixels.shape != declared:
        raise ImageUnreadable
    return pixels


def _decode(data: bytes, formats: tuple[str, ...], pixels: int, *, grey: bool = False) -> Pixels:
    try:
        # Pillow only warns about some damage and some bombs; size is checked here anyway.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=formats) as image:
                _check_size(*image.size, pixels)
                # MPO is a phone's JPEG that carries its HDR gain map behind the picture; only the picture is read.
                if getattr(image, "is_animated", False) and image.format != "MPO":
                    raise ImageUnreadable
                image.load()
                return _grey(image) if grey else _rgb(image)
    except Image.DecompressionBombError as exc:
        raise ImageTooLarge from exc
    except _BROKEN_PICTURE as exc:
        raise ImageUnreadable from exc


def _check_size(width: int, height: int, pixels: int) -> None:
    if width * height > pixels:
        raise ImageTooLarge(width=width, height=height)
    if width < 1 or height < 1:
        raise ImageUnreadable


def _rgb(image: Image.Image) -> Pixels:
    if image.mode in _CLEAR_MODES:
        clear = image.convert("RGBA")
        flat = Image.new("RGB", clear.size, "white")
        flat.paste(clear, mask=clear.getchannel("A"))
    elif image.mode in _PLAIN_MODES:
        flat = image.convert("RGB")
    else:
        raise ImageUnreadable
    turn = _TURNS.get(_orientation(image))
    return np.array(flat.transpose(turn) if turn is not None else flat, dtype=np.uint8)


def _grey(image: Image.Image) -> Pixels:
    if image.mode != "L":
        raise ImageUnreadable
    return np.array(image, dtype=np.uint8)


def _orientation(image: Image.Image) -> int:
    """1 where EXIF is broken: a picture that a phone shows should not be refused for its metadata."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        return 1


def _check_webp(data: bytes) -> None:
    """Checks size and stillness of a WebP (RFC 9649) first: Pillow's opener would already allocate the canvas."""
    kind, body = data[12:16], data[20:30]
    if data[8:12] != b"WEBP" or len(body) < 10:
        raise ImageUnreadable
    match kind:
        case b"VP8X":
            if body[0] & 0x02:
                raise ImageUnreadable  # animated
            width = int.from_bytes(body[4:7], "little") + 1
            height = int.from_bytes(body[7:10], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(body[1:5], "little")
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width = int.from_bytes(body[6:8], "little") & 0x3FFF
            height = int.from_bytes(body[8:10], "little") & 0x3FFF
        case _:
            raise ImageUnreadable
    _check_size(width, height, IMAGE_PIXELS)


def _codestream_start(data: bytes) -> int:
    """Walks the boxes of a JP2 (ISO/IEC 15444-1 annex I.4) to the codestream; searching for its marker could be led astray."""
    if not data.startswith(_JP2_SIGNATURE):
        return 0
    start = len(_JP2_SIGNATURE)
    while start + 8 <= len(data):
        length = int.from_bytes(data[start : start + 4])
        if data[start + 4 : start + 8] == b"jp2c":
            return start + 8
        if length < 8:  # 0 and 1 stand for "to the end" and "64 bit"; no box before the codestream needs them
            break
        start += length
    raise ImageUnreadable


def _check_codestream(data: bytes) -> tuple[int, int]:
    """The (height, width) that the codestream itself declares: the container's box may say something smaller."""
    if not data.startswith(_SOC_SIZ):
        raise ImageUnreadable
    try:
        # Lsiz, Rsiz, image size and offset, tile size and offset, number of components, then depth, XRsiz, YRsiz of each.
        _, _, x1, y1, x0, y0, tile_x, tile_y, _, _, parts, depth, step_x, step_y = struct.unpack_from(
            ">HHIIIIIIIIHBBB", data, len(_SOC_SIZ)
        )
    except struct.error as exc:
        raise ImageUnreadable from exc
    if (parts, depth, step_x, step_y) != (1, 7, 1, 1) or x1 <= x0 or y1 <= y0 or not tile_x or not tile_y:
        raise ImageUnreadable  # depth 7: eight bits, unsigned
    _check_size(x1, y1, CHIP_PHOTO_PIXELS)
    if -(-x1 // tile_x) * -(-y1 // tile_y) > _CHIP_TILES:
        raise ImageUnreadable
    return y1 - y0, x1 - x0
