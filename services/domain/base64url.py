"""Octets as text in JSON: base64url without padding (RFC 4648, section 5), one spelling for one value."""

from base64 import b64decode, urlsafe_b64encode


def base64url(octets: bytes) -> str:
    """The octets' text."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def octets_of(text: str) -> bytes:
    """The octets that this text, and no other, stands for.

    Raises:
        ValueError: not base64url, padded, or with stray bits in its last letter.
    """
    octets = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    # Decoders forgive stray bits, padding and the letters of the other alphabet: one value must not have two spellings.
    if base64url(octets) != text:
        raise ValueError("not base64url")
    return octets
