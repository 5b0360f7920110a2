"""The card-face record: EF 0002 of 券面事項確認AP, tag FF20.

| object | content                                              | signed |
|--------|------------------------------------------------------|--------|
| DF21   | where the nine other objects begin, u16 big endian   | no     |
| DF22   | birth date YYYYMMDD                                  | part 1 |
| DF23   | sex '1', '2', '9' or '0'                             | part 1 |
| DF24   | the card's own public key (90, 91)                   | part 1 |
| DF25   | name, PNG of one bit a pixel                         | part 2 |
| DF26   | address, PNG                                         | part 2 |
| DF27   | photo, JPEG 2000 (JP2), greyscale                    | part 3 |
| DF28   | the issuer's signature, 256 bytes                    |        |
| DF29   | expiry date YYYYMMDD                                 | no     |
| DF2A   | security code, PNG                                   | no     |

The signature is PKCS#1 v1.5 over a DigestInfo whose "SHA-256 digest" has 96 bytes, the hashes of the three parts, every object
with its header. Layout and signature were read off JPKI test cards by the author of soltia48/myna-card (spec/card.md 1.5).
The expiry and the security code are *not* signed: nothing may be concluded from them.
"""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from services.card.cv_certificate import KEY_OBJECT_BYTES, SIGNATURE_BYTES, RSAKeyObject
from services.card.tlv import encode, parse_one, parse_sequence
from services.domain.errors import ProofMalformed

LARGEST_RECORD = 32_768  # READ BINARY has a 15-bit offset; real records have about 7 kB
RECORD_TAG = 0xFF20
OFFSETS_TAG = 0xDF21
TAGS = (OFFSETS_TAG, 0xDF22, 0xDF23, 0xDF24, 0xDF25, 0xDF26, 0xDF27, 0xDF28, 0xDF29, 0xDF2A)
OFFSETS_BYTES = 2 * (len(TAGS) - 1)
SEXES = frozenset("0129")

# SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.1 (sha256), NULL }, OCTET STRING of 96 bytes }: not a real SHA-256
# DigestInfo, whose string has 32; observed so on the card.
THREE_HASH_PREFIX = bytes.fromhex("3071300d060960864801650304020105000460")
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


def digest_info(digest: bytes) -> bytes:
    """The DigestInfo of a SHA-256 digest (RFC 8017, section 9.2, note 1), which the card signs verbatim.

    Raises:
        ValueError: the digest has not 32 bytes.
    """
    if len(digest) != 32:
        raise ValueError("a SHA-256 digest has 32 bytes")
    return SHA256_PREFIX + digest


@dataclass(frozen=True)
class SignedFace:
    """What the issuer signs of a card face."""

    birth: date
    sex: str
    card_key: RSAKeyObject
    name_png: bytes
    address_png: bytes
    photo_jp2: bytes

    def __post_init__(self) -> None:
        if self.sex not in SEXES:
            raise ValueError("sex is one of 0, 1, 2, 9")

    @property
    def objects(self) -> list[bytes]:
        """DF22 to DF27, each with its header."""
        values = (
            f"{self.birth:%Y%m%d}".encode("ascii"),
            self.sex.encode("ascii"),
            self.card_key.octets,
            self.name_png,
            self.address_png,
            self.photo_jp2,
        )
        return [encode(tag, value) for tag, value in zip(TAGS[1:7], values, strict=True)]

    @property
    def signed_digest_info(self) -> bytes:
        """The bytes below the PKCS#1 v1.5 padding: sign and verify them with `NoDigestInfo`."""
        objects = self.objects
        parts = (b"".join(objects[0:3]), b"".join(objects[3:5]), objects[5])
        return THREE_HASH_PREFIX + b"".join(sha256(part).digest() for part in parts)

    def __repr__(self) -> str:
        return "<SignedFace>"


@dataclass(frozen=True)
class FaceRecord:
    """A parsed card-face record, not verified."""

    face: SignedFace
    issuer_signature: bytes
    expiry: date
    code_png: bytes

    @classmethod
    def parse(cls, octets: bytes) -> "FaceRecord":
        """Reads the content of EF 0002.

        The offset table is not used: it is not signed, and the tags say the same.

        Raises:
            ProofMalformed: not exactly such a record, or larger than any card's.
        """
        if len(octets) > LARGEST_RECORD:
            raise ProofMalformed(where="card-face-size")
        values = dict(zip(TAGS, parse_sequence(parse_one(octets, RECORD_TAG), TAGS), strict=True))
        if len(values[OFFSETS_TAG]) != OFFSETS_BYTES or len(values[0xDF28]) != SIGNATURE_BYTES:
            raise ProofMalformed(where="card-face")
        return cls(_signed_face(values), values[0xDF28], _date(values[0xDF29]), values[0xDF2A])

    @property
    def octets(self) -> bytes:
        """The record as it stands in EF 0002.

        Raises:
            ValueError: the pictures are larger than the card's file.
        """
        objects = [
            *self.face.objects,
            encode(0xDF28, self.issuer_signature),
            encode(0xDF29, f"{self.expiry:%Y%m%d}".encode("ascii")),
            encode(0xDF2A, self.code_png),
        ]
        record = with_offsets(RECORD_TAG, OFFSETS_TAG, objects)
        if len(record) > LARGEST_RECORD:
            raise ValueError(f"a card-face record has at most {LARGEST_RECORD} bytes, this one {len(record)}")
        return record

    def __repr__(self) -> str:
        return "<FaceRecord>"


def with_offsets(tag: int, table_tag: int, objects: list[bytes]) -> bytes:
    """The constructed object whose first member tells where each other member begins, counted from the file's start."""
    width = 2 * len(objects)
    body_length = len(encode(table_tag, bytes(width))) + sum(len(item) for item in objects)
    position = len(encode(tag, bytes(body_length))) - body_length + len(encode(table_tag, bytes(width)))
    table = b""
    for item in objects:
        table += position.to_bytes(2, "big")
        position += len(item)
    return encode(tag, encode(table_tag, table), *objects)


def _signed_face(values: dict[int, bytes]) -> SignedFace:
    sex = values[0xDF23].decode("ascii", "replace")
    if sex not in SEXES:
        raise ProofMalformed(where="card-face-sex")
    key = values[0xDF24]
    if len(key) != KEY_OBJECT_BYTES:
        raise ProofMalformed(where="card-face-key")
    return SignedFace(
        birth=_date(values[0xDF22]),
        sex=sex,
        card_key=RSAKeyObject.parse(key),
        name_png=values[0xDF25],
        address_png=values[0xDF26],
        photo_jp2=values[0xDF27],
    )


def _date(octets: bytes) -> date:
    try:
        if len(octets) == 8 and octets.isdigit():
            return date(int(octets[:4]), int(octets[4:6]), int(octets[6:]))
    except ValueError:
        pass
    raise ProofMalformed(where="card-face-date")
