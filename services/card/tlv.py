"""Data objects as the card writes them: BER-TLV with its own two-byte tags.

ISO/IEC 8825-1 writes a tag number below 31 in one byte. The card writes its private tags in two bytes whatever the number (FF10,
DF11 …), which strict DER readers reject, and fills files with FF or 00 after the object (observed on JPKI test cards by the author
of soltia48/myna-card, spec/card.md 1.5). Lengths below 128 are one byte, all others `82 hh ll`; nothing else is accepted, so that
every object has exactly one form and parsing then encoding gives back the signed bytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.domain.errors import ProofMalformed

MOST_OBJECTS = 32  # in one constructed object; the card's largest has ten
LONGEST_VALUE = 0xFFFF
_TWO_BYTE_TAG = 0x1F
_CONTINUES = 0x80
_LONG_FORM = 0x82
_SHORTEST_LONG = 0x80


@dataclass(frozen=True)
class DataObject:
    """One object: tag and value. The value may be personal data, so it is never printed."""

    tag: int
    value: bytes

    @property
    def octets(self) -> bytes:
        """The object with its header, exactly as it was parsed."""
        return encode(self.tag, self.value)

    def __repr__(self) -> str:
        return f"<DataObject {self.tag:X}, {len(self.value)} bytes>"


def encode(tag: int, *parts: bytes) -> bytes:
    """The object `tag` whose value is the parts in their order.

    Raises:
        ValueError: the value is longer than the two-byte length can say.
    """
    value = b"".join(parts)
    if len(value) > LONGEST_VALUE:
        raise ValueError("a data object's value has at most 65,535 bytes")
    header = tag.to_bytes(2 if tag > 0xFF else 1, "big")
    if len(value) < _SHORTEST_LONG:
        return header + bytes([len(value)]) + value
    return header + bytes([_LONG_FORM]) + len(value).to_bytes(2, "big") + value


def parse(data: bytes) -> list[DataObject]:
    """The objects side by side in the data; filler between and after them is skipped.

    Raises:
        ProofMalformed: not such objects, cut short, or more than `MOST_OBJECTS`.
    """
    objects: list[DataObject] = []
    for item in _objects(data):
        if len(objects) == MOST_OBJECTS:
            raise ProofMalformed(where="tlv-count")
        objects.append(item)
    return objects


def parse_one(data: bytes, tag: int) -> bytes:
    """The value of the only object in the data, which must have this tag.

    Raises:
        ProofMalformed: another tag, more objects, or none.
    """
    return parse_sequence(data, (tag,))[0]


def parse_sequence(data: bytes, tags: Sequence[int]) -> list[bytes]:
    """The values of exactly these tags in exactly this order.

    Raises:
        ProofMalformed: a tag is missing, repeated, out of order or unknown.
    """
    objects = parse(data)
    if [item.tag for item in objects] != list(tags):
        raise ProofMalformed(where=f"tlv-{tags[0]:X}")
    return [item.value for item in objects]


def announced_length(start: bytes) -> int:
    """How long the object is whose first bytes these are, header included: how much of a file is worth reading.

    Raises:
        ProofMalformed: these bytes do not begin an object.
    """
    _, length, begin = _header(start, 0)
    return begin + length


def _objects(data: bytes) -> Iterator[DataObject]:
    position = 0
    while position < len(data):
        if _is_filler(data, position):
            position += 1
            continue
        tag, length, begin = _header(data, position)
        position = begin + length
        if position > len(data):
            raise ProofMalformed(where="tlv-length")
        yield DataObject(tag, data[begin:position])


def _is_filler(data: bytes, position: int) -> bool:
    """00 is filler; so is an FF that no second tag byte follows, because FF also begins the card's constructed tags."""
    if data[position] == 0xFF:
        following = data[position + 1 : position + 2]
        return following in (b"", b"\x00", b"\xff")
    return data[position] == 0x00


def _header(data: bytes, position: int) -> tuple[int, int, int]:
    """Tag, length of the value, and where the value begins."""
    try:
        tag, position = _tag(data, position)
        length, position = _length(data, position)
    except IndexError:
        raise ProofMalformed(where="tlv-header") from None
    return tag, length, position


def _tag(data: bytes, position: int) -> tuple[int, int]:
    first = data[position]
    if first & _TWO_BYTE_TAG != _TWO_BYTE_TAG:
        return first, position + 1
    second = data[position + 1]
    if second & _CONTINUES:
        raise ProofMalformed(where="tlv-tag")
    return first << 8 | second, position + 2


def _length(data: bytes, position: int) -> tuple[int, int]:
    first = data[position]
    if first < _SHORTEST_LONG:
        return first, position + 1
    length = data[position + 1] << 8 | data[position + 2]
    if first != _LONG_FORM or length < _SHORTEST_LONG:
        raise ProofMalformed(where="tlv-length")
    return length, position + 3
