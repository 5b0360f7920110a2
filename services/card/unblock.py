"""The INVENTED unblock authorisation: what the virtual issuer signs and the virtual card checks.

How a real My Number Card is unblocked is not public: neither the command sequence, nor the keys, nor the JPKI application's
specification (spec/card.md 1.8). This module is a stand-in of our own that shows what such an authorisation must bind, behind the
one interface (`ResetAuthority`, `MyNumberCard.reset`) where the real one would go. It works with the virtual card only.

    card → kiosk → server      GET CHALLENGE, 16 bytes
    issuer                     signs `message(…)`, RSA-2048, PKCS#1 v1.5, SHA-256
    server → kiosk → card      EXTERNAL AUTHENTICATE with `Authorisation.octets`
    kiosk → card               RESET RETRY COUNTER of that key EF, once

The signature binds the protocol, the card's serial, the reservation, the key EF and the card's fresh challenge, so that an
authorisation serves one reset of one password of one card in one session, and nothing else.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from services.card.applications import PIN_FILES
from services.domain.errors import ProofMalformed
from services.domain.password import PasswordKind

PROTOCOL: Final = b"mnc-unblock:1 (virtual cards only)"
CHALLENGE_BYTES: Final = 16
RESERVATION_HASH_BYTES: Final = 32
SIGNATURE_BYTES: Final = 256
AUTHORISATION_BYTES: Final = RESERVATION_HASH_BYTES + 2 + SIGNATURE_BYTES


def message(*, card_serial: str, reservation_id: str, kind: PasswordKind, challenge: bytes) -> bytes:
    """What the issuer signs, RSA-2048, PKCS#1 v1.5 with SHA-256.

    Raises:
        ValueError: the challenge has not 16 bytes.
    """
    return message_for(card_serial, reservation_hash(reservation_id), PIN_FILES[kind], challenge)


def message_for(card_serial: str, reservation: bytes, key_file: int, challenge: bytes) -> bytes:
    """The same from what the card knows: the reservation's hash and the key EF's number.

    Every part has a fixed length, so no two different authorisations share their bytes.

    Raises:
        ValueError: hash or challenge has not its length.
    """
    if len(challenge) != CHALLENGE_BYTES or len(reservation) != RESERVATION_HASH_BYTES:
        raise ValueError("an unblock message has a challenge of 16 bytes and a hash of 32")
    serial = sha256(card_serial.encode("utf-8")).digest()
    return sha256(PROTOCOL).digest() + serial + reservation + key_file.to_bytes(2, "big") + challenge


def reservation_hash(reservation_id: str) -> bytes:
    """The reservation as the card sees it: it need not learn our ids."""
    return sha256(reservation_id.encode("utf-8")).digest()


@dataclass(frozen=True)
class Authorisation:
    """The data of EXTERNAL AUTHENTICATE: reservation hash 32, key EF 2, signature 256."""

    reservation: bytes
    key_file: int
    signature: bytes

    @classmethod
    def issued(cls, *, reservation_id: str, kind: PasswordKind, signature: bytes) -> "Authorisation":
        """The authorisation for this reservation and kind."""
        return cls(reservation_hash(reservation_id), PIN_FILES[kind], signature)

    @classmethod
    def unpack(cls, octets: bytes) -> "Authorisation":
        """Reads the 290 bytes.

        Raises:
            ProofMalformed: another length.
        """
        if len(octets) != AUTHORISATION_BYTES:
            raise ProofMalformed(where="authorisation")
        return cls(octets[:32], int.from_bytes(octets[32:34], "big"), octets[34:])

    @property
    def octets(self) -> bytes:
        """The 290 bytes.

        Raises:
            ValueError: hash or signature has not its length.
        """
        packed = self.reservation + self.key_file.to_bytes(2, "big") + self.signature
        if len(packed) != AUTHORISATION_BYTES:
            raise ValueError("an authorisation has 290 bytes")
        return packed

    def __repr__(self) -> str:
        return f"<Authorisation for key EF {self.key_file:04X}>"
