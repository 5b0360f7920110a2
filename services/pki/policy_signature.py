"""The server's signature under a terminal policy: Ed25519 (RFC 8032) over a label and the document's octets.

Terminals pin the public key when they are enrolled. The label keeps a signature of this key from ever standing under anything else.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.domain.terminal_policy import TerminalPolicy

LABEL: Final = b"pinreset terminal policy 1\x00"


class PolicySigner:
    """The server's half."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> bytes:
        """What terminals pin, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, octets: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(LABEL + octets)


def opened_policy(octets: bytes, signature: bytes, public_key: bytes) -> TerminalPolicy:
    """The document, when this key signed it.

    Raises:
        ValueError: the signature does not hold, or the document is none.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, LABEL + octets)
    except InvalidSignature as exc:
        raise ValueError("not signed by the server's policy key") from exc
    return TerminalPolicy.parse(octets)
