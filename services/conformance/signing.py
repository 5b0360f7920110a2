"""The terminal's signature, from `docs/protocols.md`, RFC 9421 and RFC 9530.

Written a second time, so that one mistake is not made twice.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.conformance.report import NotMet

_INPUT: Final = re.compile(
    r'terminal=(?P<parameters>\("@method" "@target-uri" "content-digest"\);created=(?P<created>\d+);'
    r'nonce="(?P<nonce>[A-Za-z0-9_-]+)";keyid="(?P<keyid>[^"]+)";alg="ed25519")'
)
_SIGNATURE: Final = re.compile(r"terminal=:(?P<octets>[A-Za-z0-9+/]{86}==):")
SHORTEST_NONCE: Final = 22  # letters of base64url: 16 octets

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Signed:
    """What a request's signature says of itself."""

    created: int
    nonce: str
    keyid: str


def digest_of(body: bytes) -> str:
    """Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signed_headers(  # noqa: PLR0913  # what is signed
    key: Ed25519PrivateKey, keyid: str, *, method: str, uri: str, body: bytes, created: int
) -> dict[str, str]:
    """The three header fields."""
    nonce = base64.urlsafe_b64encode(secrets.token_bytes(24)).decode()
    parameters = (
        f'("@method" "@target-uri" "content-digest");created={created};nonce="{nonce}";keyid="{keyid}";alg="ed25519"'
    )
    digest = digest_of(body)
    signature = base64.b64encode(key.sign(_base(method, uri, digest, parameters))).decode()
    return {
        "Content-Digest": digest,
        "Signature-Input": f"terminal={parameters}",
        "Signature": f"terminal=:{signature}:",
    }


def read_signature(key: Ed25519PublicKey, headers: Headers, *, method: str, uri: str, body: bytes) -> Signed:
    """What holds of a request that a client signed.

    Raises:
        NotMet: it is not signed in the profile; says what is not.
    """
    digest, given, signature = (_only(headers, name) for name in ("content-digest", "signature-input", "signature"))
    profile, value = _INPUT.fullmatch(given), _SIGNATURE.fullmatch(signature)
    if profile is None:
        raise NotMet("Signature-Input is not in the profile")
    if value is None:
        raise NotMet("Signature is not in the profile")
    if digest != digest_of(body):
        raise NotMet("Content-Digest is not the body's")
    try:
        key.verify(base64.b64decode(value["octets"]), _base(method, uri, digest, profile["parameters"]))
    except InvalidSignature:
        raise NotMet("the signature does not hold for method, target URI and digest") from None
    return Signed(int(profile["created"]), profile["nonce"], profile["keyid"])


def _only(headers: Headers, name: str) -> str:
    found = [value for given, value in headers if given.lower() == name]
    if len(found) != 1:
        raise NotMet(f"{len(found)} header fields {name}")
    return found[0]


def _base(method: str, uri: str, digest: str, parameters: str) -> bytes:
    """RFC 9421 section 2.5."""
    lines = (
        f'"@method": {method}',
        f'"@target-uri": {uri}',
        f'"content-digest": {digest}',
        f'"@signature-params": {parameters}',
    )
    return "\n".join(lines).encode()
