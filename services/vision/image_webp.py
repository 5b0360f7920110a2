"""The walk through a WebP (RFC 9649): its size is read here, because a decoder would already allocate the canvas."""

from typing import Final

from services.domain.errors import PictureAnimated, PictureDamaged, PictureExcessive
from services.vision.image_headers import UPRIGHT, Header, check_size, orientation_of

_ANIMATION: Final = 0x02
_RIFF_BYTES: Final = 12
_MOST_CHUNKS: Final = 64  # a still picture has six kinds, one each
_EXTENDED: Final = b"VP8X"
_FLAGS_KEPT: Final = 0x10  # transparency; profile, EXIF and XMP go
_PIXELS: Final = frozenset({b"VP8 ", b"VP8L"})
_EXIF: Final = b"Exif\x00\x00"  # some writers put the JPEG prefix before the TIFF block


def is_webp(data: bytes) -> bool:
    """RIFF is a container of many things."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def survey(data: bytes) -> Header:
    """Reads the chunks.

    Raises:
        PictureDamaged: a chunk goes beyond the end, or there is neither canvas nor picture.
        PictureExcessive: more chunks than a still picture has.
        PictureAnimated, TooManyPixels, PictureEmpty
    """
    kept, sizes, orientation = [], [], UPRIGHT
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    at = _RIFF_BYTES
    for _ in range(_MOST_CHUNKS):
        if at + 8 > end:
            break
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body, after = data[at + 8 : at + 8 + length], at + 8 + length + length % 2
        if at + 8 + length > end:
            raise PictureDamaged
        if name in {b"ANIM", b"ANMF"} or (name == _EXTENDED and body[:1] and body[0] & _ANIMATION):
            raise PictureAnimated
        if name == b"EXIF":
            orientation = orientation_of(body.removeprefix(_EXIF))
        elif name == _EXTENDED:
            kept.append(_chunk(name, bytes([body[0] & _FLAGS_KEPT]) + body[1:]) if body else b"")
        elif name in _PIXELS or name == b"ALPH":
            kept.append(_chunk(name, body))
        sizes += [size] if (size := _size(name, body)) else []
        at = after
    else:
        raise PictureExcessive
    if not sizes:
        raise PictureDamaged
    essential = b"WEBP" + b"".join(kept)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    check_size(width, height)
    return Header("WEBP", width, height, orientation, b"RIFF" + len(essential).to_bytes(4, "little") + essential)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)


def _size(name: bytes, body: bytes) -> tuple[int, int] | None:
    if name in _PIXELS | {_EXTENDED} and len(body) < 10:
        raise PictureDamaged
    match name:
        case b"VP8X":
            return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(body[1:5], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
        case _:
            return None
