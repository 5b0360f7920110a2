"""The walk through the chip's JPEG 2000 photo (ISO/IEC 15444-1): a codestream whose header promises a small grey picture.

A header costs a decoder memory and time long before the first pixel: tiles, layers and precincts are bounded here, each well above
what an encoder of ID photos writes (one tile, one to six layers, five or six levels, no precincts).
"""

import struct
from collections.abc import Iterator
from typing import Final

from services.domain.errors import ChipPhotoUnreadable

_SIGNATURE: Final = bytes.fromhex("0000000c6a5020200d0a870a")  # annex I.5.1
_SOC_SIZ: Final = bytes.fromhex("ff4fff51")  # annex A.5.1: the codestream opens with SOC and SIZ
_COD, _SOT = 0xFF52, 0xFF90
_MOST_TILES: Final = 64
_MOST_LAYERS: Final = 64
_MOST_LEVELS: Final = 10
_SMALLEST_PRECINCT: Final = 5  # as a power of two
_PRECINCTS: Final = 0x01  # of Scod: sizes follow
_MOST_SEGMENTS: Final = 64
_GREY: Final = (1, 7, 1, 1)  # components; depth 7 stands for eight bits, unsigned; no subsampling


def survey(data: bytes, most_pixels: int) -> tuple[int, int]:
    """The (width, height) that the codestream itself declares: the container's box may say something smaller.

    Raises:
        ChipPhotoUnreadable
    """
    stream = data[_codestream_start(data) :]
    if not stream.startswith(_SOC_SIZ):
        raise ChipPhotoUnreadable
    try:
        size = _size(stream, most_pixels)
        for marker, body in _segments(stream):
            if marker == _COD:
                _check_coding(body)
    except (struct.error, IndexError) as exc:
        raise ChipPhotoUnreadable from exc
    return size


def _codestream_start(data: bytes) -> int:
    """Walks the boxes of a JP2 (annex I.4) to the codestream; searching for its marker could be led astray."""
    if not data.startswith(_SIGNATURE):
        return 0
    start = len(_SIGNATURE)
    while start + 8 <= len(data):
        length = int.from_bytes(data[start : start + 4])
        if data[start + 4 : start + 8] == b"jp2c":
            return start + 8
        if length < 8:  # 0 and 1 stand for "to the end" and "64 bit"; no box before the codestream needs them
            break
        start += length
    raise ChipPhotoUnreadable


def _size(stream: bytes, most_pixels: int) -> tuple[int, int]:
    # Lsiz, Rsiz, image size and offset, tile size and offset, number of components, then depth, XRsiz, YRsiz of each.
    _, _, x1, y1, x0, y0, tile_x, tile_y, _, _, *parts = struct.unpack_from(">HHIIIIIIIIHBBB", stream, len(_SOC_SIZ))
    if tuple(parts) != _GREY or x1 <= x0 or y1 <= y0 or not tile_x or not tile_y:
        raise ChipPhotoUnreadable
    if x1 * y1 > most_pixels or -(-x1 // tile_x) * -(-y1 // tile_y) > _MOST_TILES:
        raise ChipPhotoUnreadable(width=x1, height=y1)
    return x1 - x0, y1 - y0


def _segments(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """The main header's marker segments after SOC, up to the first tile (annex A.3)."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        marker, length = struct.unpack_from(">HH", stream, at)
        if marker == _SOT:
            return
        yield marker, stream[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)
    raise ChipPhotoUnreadable


def _check_coding(body: bytes) -> None:
    """Scod, progression, layers, transform of components, then levels and what else belongs to the wavelets (annex A.6.1)."""
    style, _, layers, _, levels = struct.unpack_from(">BBHBB", body)
    if not 1 <= layers <= _MOST_LAYERS or levels > _MOST_LEVELS:
        raise ChipPhotoUnreadable
    if style & _PRECINCTS:
        sizes = body[10 : 11 + levels]
        if any(min(size & 0x0F, size >> 4) < _SMALLEST_PRECINCT for size in sizes):
            raise ChipPhotoUnreadable
