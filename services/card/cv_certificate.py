"""The card's RSA key objects, and the CV certificate of the key that signs card-face data.

| object | content                                                                                       |
|--------|-----------------------------------------------------------------------------------------------|
| 90     | public exponent, 3 bytes, 65537                                                               |
| 91     | modulus, 256 bytes                                                                            |
| 7F21   | CV certificate: 5F4E, 5F37                                                                    |
| 5F4E   | 297 bytes: issuer's key id 16, subject's key id 16, the subject's key (90, 91) 265            |
| 5F37   | the issuer's signature over those 297 bytes, PKCS#1 v1.5 with SHA-256                         |

Layout read off JPKI test cards by the author of soltia48/myna-card (spec/card.md 1.5). The issuer's key is not on the card, and the
real ones are not published.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from services.card.tlv import encode, parse_one, parse_sequence
from services.domain.errors import ProofMalformed

EXPONENT = 65537
MODULUS_BITS = 2048
SIGNATURE_BYTES = 256
KEY_ID_BYTES = 16
KEY_OBJECT_BYTES = 265
LARGEST_CV_CERTIFICATE = 1024  # bytes as read, filler included; the object itself has 568


@dataclass(frozen=True)
class RSAKeyObject:
    """An RSA-2048 public key in the card's form `90 91`."""

    modulus: int

    @classmethod
    def of(cls, key: RSAPublicKey) -> "RSAKeyObject":
        """The key's object.

        Raises:
            ValueError: the card has only RSA-2048 keys with exponent 65537.
        """
        numbers = key.public_numbers()
        if numbers.e != EXPONENT or numbers.n.bit_length() != MODULUS_BITS:
            raise ValueError("the card's keys are RSA-2048 with exponent 65537")
        return cls(numbers.n)

    @classmethod
    def parse(cls, octets: bytes) -> "RSAKeyObject":
        """Reads `90 91`.

        Raises:
            ProofMalformed: not exactly such an object, or a modulus that no RSA-2048 key has.
        """
        exponent, modulus = parse_sequence(octets, (0x90, 0x91))
        number = int.from_bytes(modulus, "big")
        genuine = exponent == EXPONENT.to_bytes(3, "big") and len(modulus) == SIGNATURE_BYTES
        if not genuine or number.bit_length() != MODULUS_BITS or number % 2 == 0 or len(octets) != KEY_OBJECT_BYTES:
            raise ProofMalformed(where="rsa-key")
        return cls(number)

    @property
    def octets(self) -> bytes:
        """The 265 bytes."""
        return encode(0x90, EXPONENT.to_bytes(3, "big")) + encode(0x91, self.modulus.to_bytes(SIGNATURE_BYTES, "big"))

    def public_key(self) -> RSAPublicKey:
        """The key, to verify with."""
        return RSAPublicNumbers(EXPONENT, self.modulus).public_key()


@dataclass(frozen=True)
class CVCertificate:
    """Says whose the key is that signs card-face data. Parsed, not verified."""

    issuer_key_id: bytes
    subject_key_id: bytes
    key: RSAKeyObject
    signature: bytes

    @classmethod
    def parse(cls, octets: bytes) -> "CVCertificate":
        """Reads the content of EF 0004 of the visual application.

        Raises:
            ProofMalformed: not exactly such an object.
        """
        if len(octets) > LARGEST_CV_CERTIFICATE:
            raise ProofMalformed(where="cv-certificate-size")
        body, signature = parse_sequence(parse_one(octets, 0x7F21), (0x5F4E, 0x5F37))
        if len(body) != 2 * KEY_ID_BYTES + KEY_OBJECT_BYTES or len(signature) != SIGNATURE_BYTES:
            raise ProofMalformed(where="cv-certificate")
        issuer, subject, key = body[:KEY_ID_BYTES], body[KEY_ID_BYTES : 2 * KEY_ID_BYTES], body[2 * KEY_ID_BYTES :]
        return cls(issuer, subject, RSAKeyObject.parse(key), signature)

    @property
    def signed_bytes(self) -> bytes:
        """What the issuer signed."""
        return cv_certificate_body(self.issuer_key_id, self.subject_key_id, self.key)

    @property
    def octets(self) -> bytes:
        """The object as it stands in EF 0004."""
        return encode(0x7F21, encode(0x5F4E, self.signed_bytes), encode(0x5F37, self.signature))


def cv_certificate_body(issuer_key_id: bytes, subject_key_id: bytes, key: RSAKeyObject) -> bytes:
    """The 297 bytes to be signed, PKCS#1 v1.5 with SHA-256.

    Raises:
        ValueError: a key id has not 16 bytes.
    """
    if len(issuer_key_id) != KEY_ID_BYTES or len(subject_key_id) != KEY_ID_BYTES:
        raise ValueError("a key id has 16 bytes")
    return issuer_key_id + subject_key_id + key.octets


def key_id(number: int) -> bytes:
    """A key id in the card's form; the first digit 6 marks a test hierarchy (5 would be production).

    `"6000024" 08 05 "001" 00000000` was seen on test cards; the middle bytes' meaning is not known.

    Raises:
        ValueError: the number has more than six digits.
    """
    if not 0 <= number <= 999_999:
        raise ValueError("a key id counts to 999999")
    return f"6{number:06d}".encode("ascii") + b"\x08\x05" + b"001" + bytes(4)
