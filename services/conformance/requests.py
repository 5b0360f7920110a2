"""What a terminal's request must be like, whatever it is about: read from `docs/protocols.md` and the OpenAPI document's limits."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.conformance.report import NotMet
from services.conformance.signing import SHORTEST_NONCE, Headers, Signed, read_signature
from services.domain.base64url import octets_of

LONG_SECRET: Final = 6  # letters; a shorter one is found by chance in base64, and is looked for as a whole value
_CLAIM: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CODE: Final = re.compile(r"[0-9A-Za-z -]{20,40}")
_BUILD: Final = re.compile(r"[A-Za-z0-9._:+-]{1,64}")
_REASON: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True)
class Request:
    """As it came over the line. `target` is path and query."""

    method: str
    target: str
    headers: Headers
    body: bytes

    def signed(self, public_key: bytes, origin: str) -> Signed:
        """Raises NotMet, with its topic in front."""
        try:
            key = Ed25519PublicKey.from_public_bytes(public_key)
            found = read_signature(key, self.headers, method=self.method, uri=origin + self.target, body=self.body)
        except NotMet as wrong:
            raise NotMet(f"signature: {wrong}") from wrong
        if len(found.nonce) < SHORTEST_NONCE:
            raise NotMet("freshness: a nonce of less than 16 octets")
        return found

    @property
    def brought_key(self) -> bytes:
        """The public key that an enrolment brings, and signs with; nothing in any other request."""
        if not self.target.endswith("/enrolments"):
            return b""
        try:
            return octets_of(json.loads(self.body)["public_key"])
        except (ValueError, KeyError, TypeError):
            raise NotMet("form: an enrolment without a public key") from None

    def tells(self, secrets: Iterable[str]) -> str:
        """The part of the request in which one of the secrets stands; nothing where none does."""
        parts = {"the address": self.target, "the body": self.body.decode("utf-8", "replace")}
        parts |= {f"the header field {name}": value for name, value in self.headers}
        values = _values(self.body)
        for secret in secrets:
            if len(secret) < LONG_SECRET:
                if secret in values or secret in (value for _, value in self.headers):
                    return "a value"
                continue
            for part, text in parts.items():
                if secret.lower() in text.lower():
                    return part
        return ""


@dataclass(frozen=True)
class Asked:
    """A question: which call, of which claim."""

    call: str
    claim: str
    request: Request


def checked(asked: Asked, _signed: Signed) -> dict[str, Any]:
    """The body, when everything about it is in order.

    Raises:
        NotMet: the topic, and what is not.
    """
    request = asked.request
    media = [value for name, value in request.headers if name.lower() == "content-type"]
    if request.method != "POST" or [one.partition(";")[0].strip() for one in media] != ["application/json"]:
        raise NotMet("form: not a POST of application/json")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise NotMet("form: the body is no JSON") from None
    wanted = _FIELDS.get(asked.call)
    if wanted is None:
        raise NotMet(f"form: there is no call {asked.call}")
    _demand_fields(body, wanted, asked.call)
    return dict(body)


def _demand_fields(body: object, wanted: dict[str, Any], where: str) -> None:
    if not isinstance(body, dict) or set(body) != set(wanted):
        raise NotMet(f"form: {where} has not the fields of the document")
    for name, form in wanted.items():
        if isinstance(form, dict):
            _demand_fields(body[name], form, f"{where}.{name}")
        elif not form(body[name]):
            raise NotMet(f"form: {where}.{name} is not in its form")


def _octets(longest: int, shortest: int = 1) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        try:
            return isinstance(value, str) and shortest <= len(octets_of(value)) <= longest
        except ValueError:
            return False

    return fits


def _text(form: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _whole(value: object) -> bool:
    return isinstance(value, int) and value >= 0


def _word(value: object) -> bool:
    return value in ("present", "absent", "off")


_CERTIFICATE, _SIGNATURE = _octets(4096), _octets(512)
_PROOF: Final = {"certificate": _CERTIFICATE, "identity_certificate": _CERTIFICATE, "signature": _SIGNATURE}
_FIELDS: Final[dict[str, dict[str, Any]]] = {
    "challenges": {},
    "claims": {
        "claim_id": _text(_CLAIM),
        "kind": lambda value: value in ("signature", "user_authentication"),
        "nonce": _octets(32, 32),
        "proof": _PROOF,
    },
    "authorisation": {
        "identity_certificate": _CERTIFICATE,
        "certificate": _CERTIFICATE,
        "card_challenge": _octets(16, 16),
    },
    "completion": {**_PROOF, "identity_signature": _SIGNATURE},
    "release": {"why": _text(_REASON)},
    "enrolments": {"code": _text(_CODE), "public_key": _octets(32, 32), "build": _text(_BUILD)},
    "heartbeats": {
        "nonce": _octets(16, 16),
        "build": _text(_BUILD),
        "policy_serial": _whole,
        "clock_offset_ms": lambda value: value is None or isinstance(value, int),
        "reader": _word,
        "printer": _word,
        "disk_writable": lambda value: isinstance(value, bool),
        "disk_free_mb": _whole,
        "journal_waiting": _whole,
        "journal_damaged": _whole,
        "journal_newer": _whole,
        "closed": lambda value: isinstance(value, str),
    },
}


def _values(body: bytes) -> set[str]:
    try:
        waiting = [json.loads(body)]
    except ValueError:
        return set()
    found = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
        else:
            found.add(str(value))
    return found
