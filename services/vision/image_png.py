"""The walk through a PNG (W3C PNG, third edition, section 5): chunks up to the end, pixels' chunks kept."""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from services.domain.errors import ColoursNotAccepted, PictureAnimated, PictureDamaged, PictureExcessive
from services.vision.image_headers import UPRIGHT, Header, check_size, orientation_of

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_NEEDED: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT"})
_IHDR_BYTES: Final = 13
_DEEPEST: Final = 8  # bits a sample
_MOST_CHUNKS: Final = 4096  # 8 MB in the 8 kB chunks that libpng writes are 1,000
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type, table 9
_PALETTE: Final = 3
_ADAM7: Final = (  # first column and row, steps (section 8.1)
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
)  # fmt: skip
_PIECE: Final = 1 << 20
_FRAME: Final = 12  # length, name and checksum of a chunk


def survey(data: bytes) -> Header:
    """Reads the chunks; texts and profiles are never unfolded.

    Raises:
        PictureDamaged: a chunk goes beyond the end, there is no end, or rows are missing.
        PictureExcessive: more chunks than an encoder writes.
        PictureAnimated: an APNG.
        TooManyPixels, PictureEmpty
        ColoursNotAccepted: 16 bits a sample.
    """
    form = _form(data)
    check_size(form.width, form.height)
    kept, orientation, folded, named = [SIGNATURE], UPRIGHT, [], set()
    at = len(SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        after = at + _FRAME + length
        if after > len(data):
            raise PictureDamaged
        if name == b"IEND":
            break
        if name == b"acTL":
            raise PictureAnimated
        if name == b"eXIf":
            orientation = orientation_of(data[at + 8 : after - 4])
        if name in _NEEDED:
            kept.append(data[at:after])
            named.add(name)
        if name == b"IDAT":
            folded.append(data[at + 8 : after - 4])
        at = after
    else:
        raise PictureExcessive
    if not form.plausible or (form.colour == _PALETTE and b"PLTE" not in named) or not _fills(folded, form.octets):
        raise PictureDamaged
    return Header("PNG", form.width, form.height, orientation, b"".join([*kept, data[at : at + _FRAME]]))


@dataclass(frozen=True)
class _Form:
    """What IHDR says."""

    width: int
    height: int
    depth: int
    colour: int
    interlaced: int

    @property
    def plausible(self) -> bool:
        """Whether there is such a kind of picture."""
        return self.colour in _SAMPLES and self.interlaced in {0, 1}

    @property
    def octets(self) -> int:
        """How many octets the rows have, unfolded, each with its filter's (sections 7.2 and 8.1)."""
        bits = _SAMPLES[self.colour] * self.depth
        passes = _ADAM7 if self.interlaced else ((0, 0, 1, 1),)
        total = 0
        for x, y, step_x, step_y in passes:
            columns, rows = -(-(self.width - x) // step_x), -(-(self.height - y) // step_y)
            total += rows * (1 + (columns * bits + 7) // 8) if columns > 0 and rows > 0 else 0
        return total


def _form(data: bytes) -> _Form:
    try:
        length, name, *form = struct.unpack_from(">I4sIIBBxxB", data, len(SIGNATURE))
    except struct.error as exc:
        raise PictureDamaged from exc
    if (length, name) != (_IHDR_BYTES, b"IHDR"):
        raise PictureDamaged
    found = _Form(*form)
    if found.depth > _DEEPEST:
        raise ColoursNotAccepted
    return found


def _fills(folded: list[bytes], octets: int) -> bool:
    """Whether the rows are all there: Pillow would leave those that are not black, and say nothing."""
    unfolding, found = zlib.decompressobj(), 0
    try:
        for piece in folded:
            rest = piece
            while rest and found < octets:
                found += len(unfolding.decompress(rest, _PIECE))
                rest = unfolding.unconsumed_tail
        while found < octets and (more := unfolding.decompress(unfolding.unconsumed_tail, _PIECE)):
            found += len(more)
    except zlib.error:
        return False
    return found >= octets
