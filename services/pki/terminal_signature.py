"""Requests that a terminal signs with its own Ed25519 key: one strict profile of HTTP Message Signatures.

RFC 9421 with Content-Digest (RFC 9530). The profile, which every terminal and the server share:

    Content-Digest:  sha-256=:…:
    Signature-Input: terminal=("@method" "@target-uri" "content-digest");created=…;nonce="…";keyid="…";alg="ed25519"
    Signature:       terminal=:…:

Components and parameters stand in this order and no other, so that there is nothing to negotiate and nothing to downgrade.
"@target-uri" (RFC 9421 section 2.2.2) binds the server and the query as well as the path: the server builds it from its own
configured origin, never from the Host header.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.domain.base64url import base64url
from services.domain.errors import RequestReplayed, TerminalRefused
from services.domain.policy import REQUEST_AGE
from services.domain.terminal import TERMINAL_ID

NONCE_BYTES: Final = 16

_PARAMETERS: Final = re.compile(
    r'\("@method" "@target-uri" "content-digest"\)'
    r';created=(?P<created>[0-9]{1,12});nonce="(?P<nonce>[A-Za-z0-9_-]{22,64})"'
    rf';keyid="(?P<keyid>{TERMINAL_ID.pattern})";alg="ed25519"'
)
_DIGEST: Final = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
_SIGNATURE: Final = re.compile(r"terminal=:([A-Za-z0-9+/]{86}==):")
_LABEL: Final = "terminal="


@dataclass(frozen=True)
class HTTPRequest:
    """What is signed of a request: method in capitals, the absolute URI with its query, the body's octets."""

    method: str
    target_uri: str
    body: bytes = b""

    def __repr__(self) -> str:
        return f"<HTTPRequest {self.method}>"


@dataclass(frozen=True)
class VerifiedTerminal:
    """Who signed, when, and the nonce that the server may accept only once within `REQUEST_AGE` of `created`."""

    keyid: str
    nonce: str
    created: datetime


def sign(
    request: HTTPRequest, key: Ed25519PrivateKey, *, keyid: str, now: datetime, nonce: bytes | None = None
) -> dict[str, str]:
    """The three header fields that make the request a signed one; a fresh nonce where none is given."""
    digest = _content_digest(request.body)
    text = base64url(nonce or secrets.token_bytes(NONCE_BYTES))
    parameters = (
        '("@method" "@target-uri" "content-digest")'
        f';created={int(now.timestamp())};nonce="{text}";keyid="{keyid}";alg="ed25519"'
    )
    signature = key.sign(_signature_base(request, digest, parameters))
    return {
        "Content-Digest": digest,
        "Signature-Input": _LABEL + parameters,
        "Signature": f"{_LABEL}:{base64.b64encode(signature).decode()}:",
    }


def verify(
    request: HTTPRequest, headers: Mapping[str, str], *, keys: Mapping[str, bytes], now: datetime
) -> VerifiedTerminal:
    """Who signed the request. `keys` maps key ids to raw Ed25519 public keys, 32 bytes; `now` is the server's clock.

    The age is checked last, so that only a known terminal learns that its clock is wrong. Seeing the same nonce twice is the
    caller's check, against its store.

    Raises:
        TerminalRefused: a field is missing or not in the profile, the key is unknown, digest or signature do not hold.
        RequestReplayed: signed longer than `REQUEST_AGE` ago, or as far ahead.
    """
    fields = {name.lower(): value for name, value in headers.items()}
    parameters = fields.get("signature-input", "").removeprefix(_LABEL)
    match = _PARAMETERS.fullmatch(parameters)
    if match is None or not fields["signature-input"].startswith(_LABEL):
        raise TerminalRefused(where="signature-input")
    _check_digest(fields.get("content-digest", ""), request.body)
    _check_signature(
        _public_key(keys, match["keyid"]),
        fields.get("signature", ""),
        _signature_base(request, fields["content-digest"], parameters),
    )
    created = _check_age(int(match["created"]), now)
    return VerifiedTerminal(match["keyid"], match["nonce"], created)


def _content_digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def _signature_base(request: HTTPRequest, digest: str, parameters: str) -> bytes:
    """RFC 9421 section 2.5."""
    return (
        f'"@method": {request.method}\n'
        f'"@target-uri": {request.target_uri}\n'
        f'"content-digest": {digest}\n'
        f'"@signature-params": {parameters}'
    ).encode()


def _check_digest(value: str, body: bytes) -> None:
    if not _DIGEST.fullmatch(value) or value != _content_digest(body):
        raise TerminalRefused(where="content-digest")


def _public_key(keys: Mapping[str, bytes], keyid: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(keys[keyid])
    except (KeyError, ValueError) as exc:
        raise TerminalRefused(where="keyid") from exc


def _check_signature(key: Ed25519PublicKey, value: str, base: bytes) -> None:
    match = _SIGNATURE.fullmatch(value)
    if match is None:
        raise TerminalRefused(where="signature")
    signature = base64.b64decode(match[1])
    # The last letter has bits that stand for nothing, and the decoder overlooks them: one signature, one form (RFC 4648, 3.5).
    if base64.b64encode(signature).decode() != match[1]:
        raise TerminalRefused(where="signature")
    try:
        key.verify(signature, base)
    except InvalidSignature as exc:
        raise TerminalRefused(where="signature") from exc


def _check_age(created: int, now: datetime) -> datetime:
    """Both directions: a request signed ahead of time would be good for longer than anybody may keep it."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=created)
    age = now - moment
    if abs(age) > REQUEST_AGE:
        raise RequestReplayed(age_s=int(age.total_seconds()))
    return moment
