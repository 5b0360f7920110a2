"""The files of a card that no session of ours reads, in the layouts of real ones: made by issuing, read by other tools.

Sources: layouts and fixed bytes as read off JPKI test cards by the author of soltia48/myna-card (spec/card.md 1.5). Where a
value is opaque there, zeros stand here, and the builder says so.
"""

from datetime import date
from hashlib import sha256
from typing import Final

from services.card.cv_certificate import RSAKeyObject
from services.card.face_record import with_offsets
from services.card.tlv import encode, parse_one

NO_MY_NUMBER: Final = encode(0xFF10, b"0" * 12) + b"\xff\xff"  # text EF 0001; `FF10 0C` and two bytes of filler


def age_record_body(birth: date, card_key: RSAKeyObject) -> bytes:
    """What the issuer signs of the age record: DF11 and DF12."""
    return encode(0xDF11, f"{birth:%Y%m%d}".encode("ascii")) + encode(0xDF12, card_key.octets)


def age_record(body: bytes, signature: bytes) -> bytes:
    """Visual EF 0001."""
    return encode(0xFF10, body, encode(0xDF13, signature))


def visual_basic_information(key_id: bytes, municipality: str) -> bytes:
    """Visual EF 0003; the 256 opaque bytes of DF35 are zeros here."""
    return encode(
        0xFF30,
        encode(0xDF31, bytes.fromhex("06030E01")),
        encode(0xDF32, key_id),
        encode(0xDF33, b"\x01"),
        encode(0xDF34, municipality.encode("ascii")),
        encode(0xDF35, key_id, bytes(256)),
    )


def text_attributes(*, name: str, address: str, birth: date, sex: str) -> bytes:
    """Text EF 0002: 基本4情報. The family name and the given name are separated by U+3000."""
    values = (name.encode(), address.encode(), f"{birth:%Y%m%d}".encode("ascii"), sex.encode("ascii"))
    return with_offsets(0xFF20, 0xDF21, [encode(0xDF22 + index, value) for index, value in enumerate(values)])


def text_hashes_body(attributes: bytes) -> bytes:
    """What the issuer signs in text EF 0003: DF31 over EF 0001 with its filler, DF32 over DF22 to the end of EF 0002."""
    inner = parse_one(attributes, 0xFF20)
    first = len(encode(0xDF21, bytes(8)))
    return encode(0xDF31, sha256(NO_MY_NUMBER).digest()) + encode(0xDF32, sha256(inner[first:]).digest())


def text_hashes(body: bytes, signature: bytes) -> bytes:
    """Text EF 0003."""
    return encode(0xFF30, body, encode(0xDF33, signature))


def text_basic_information(key_id: bytes) -> bytes:
    """Text EF 0005; the 128 opaque bytes of DF43 are zeros here."""
    return encode(0xFF40, encode(0xDF41, bytes.fromhex("01030E01")), encode(0xDF42, key_id), encode(0xDF43, bytes(128)))


def common_record(serial: str, municipality: str, expiry: date) -> bytes:
    """共通カードAP, EF 0001, record 1: `01 1C` and 28 digits."""
    return encode(0x01, f"{serial}{municipality}{expiry:%Y%m%d}".encode("ascii"))
