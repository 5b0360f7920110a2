"""The walk through a JPEG (ITU-T T.81 annex B): segments up to the end of the first picture, pixels' segments kept."""

import re
import struct
from dataclasses import dataclass
from typing import Final

from services.domain.errors import ColoursNotAccepted, PictureDamaged, PictureExcessive
from services.vision.image_headers import UPRIGHT, Header, check_size, orientation_of

SIGNATURE: Final = b"\xff\xd8\xff"
_SOI_BYTES: Final = 2
_EOI, _SOS, _DHT, _DAC, _JPG, _COM, _APP0, _APP1, _APP14, _APP15 = (
    0xD9,
    0xDA,
    0xC4,
    0xCC,
    0xC8,
    0xFE,
    0xE0,
    0xE1,
    0xEE,
    0xEF,
)
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {_DHT, _DAC, _JPG}  # SOF0 to SOF15
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, RST0 to RST7, SOI: no length follows
_NEXT: Final = re.compile(
    rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL
)  # in entropy-coded data, what is no data and no RST
_MOST_SCANS: Final = 64  # a progressive picture has about 10; thousands of empty ones are a way to burn time
_MOST_SEGMENTS: Final = 512  # 8 MB in full segments of metadata are 122
_ORDINARY: Final = ((8, 1), (8, 3))  # bits and components: grey or YCbCr; four are CMYK or YCCK, 12 bits are medicine
_EXIF: Final = b"Exif\x00\x00"


def survey(data: bytes) -> Header:
    """Reads the segments.

    Raises:
        PictureDamaged: no frame, no scan, no end, or less data than the frame's blocks need at least.
        PictureExcessive: more scans or segments than a camera writes.
        TooManyPixels, PictureEmpty
        ColoursNotAccepted: not eight bits of grey or of three components.
    """
    kept, frame, orientation, scans, coded = [data[:_SOI_BYTES]], None, UPRIGHT, 0, 0
    at = _SOI_BYTES
    for _ in range(_MOST_SEGMENTS):
        marker, body, after = _segment(data, at)
        if marker == _EOI:
            break
        if marker in _FRAMES:
            if frame is not None:
                raise PictureDamaged
            frame = _frame(marker, data[body:after])
            check_size(frame.width, frame.height)
        elif marker == _APP1 and orientation == UPRIGHT and data.startswith(_EXIF, body):
            orientation = orientation_of(data[body + len(_EXIF) : after])
        elif marker == _SOS:
            scans, begun = scans + 1, after
            after = _end_of_scan(data, after)
            coded += after - begun
        if scans > _MOST_SCANS:
            raise PictureExcessive
        if not _only_told(marker):
            kept.append(data[at:after])
        at = after
    else:
        raise PictureExcessive
    # Where blocks are missing, the decoder would paint them grey and say nothing.
    if frame is None or not scans or 8 * coded < frame.fewest_bits:
        raise PictureDamaged
    return Header("JPEG", frame.width, frame.height, orientation, b"".join([*kept, b"\xff\xd9"]))


def _segment(data: bytes, at: int) -> tuple[int, int, int]:
    """Marker, where its content begins, and where the next marker is due."""
    while data[at : at + 2] == b"\xff\xff":
        at += 1
    if len(data) < at + 2 or data[at] != 0xFF:
        raise PictureDamaged
    marker = data[at + 1]
    if marker == _EOI or marker in _ALONE:
        return marker, at + 2, at + 2
    length = int.from_bytes(data[at + 2 : at + 4])
    if length < 2 or at + 2 + length > len(data):
        raise PictureDamaged
    return marker, at + 4, at + 2 + length


@dataclass(frozen=True)
class _Frame:
    """What a frame header says (annex B.2.2)."""

    width: int
    height: int
    sampling: tuple[tuple[int, int], ...]
    progressive: bool

    @property
    def fewest_bits(self) -> int:
        """What the blocks take at least: a code for the mean and, unless progressive, one for the end of each."""
        across, down = max(h for h, _ in self.sampling), max(v for _, v in self.sampling)
        blocks = sum(-(-self.width * h // (8 * across)) * -(-self.height * v // (8 * down)) for h, v in self.sampling)
        return blocks if self.progressive else 2 * blocks


def _frame(marker: int, header: bytes) -> _Frame:
    if len(header) < 6:
        raise PictureDamaged
    bits, height, width, components = struct.unpack_from(">BHHB", header)
    if (bits, components) not in _ORDINARY:
        raise ColoursNotAccepted
    sampling = tuple((factor >> 4, factor & 0x0F) for factor in header[7 : 6 + 3 * components : 3])
    if len(sampling) != components or not all(0 < h <= 4 and 0 < v <= 4 for h, v in sampling):
        raise PictureDamaged
    return _Frame(width, height, sampling, progressive=marker in _PROGRESSIVE)


def _end_of_scan(data: bytes, start: int) -> int:
    found = _NEXT.search(data, start)
    if found is None:
        raise PictureDamaged
    return found.start(1) - 1


def _only_told(marker: int) -> bool:
    """Metadata, except what says how colours are coded: JFIF (APP0) and Adobe's (APP14)."""
    return marker == _COM or (_APP0 < marker <= _APP15 and marker != _APP14)
