"""What a terminal's request must be like, whatever it is about: signed, sent as JSON, in its form, without a secret."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.conformance.forms import FORMS, demand_form
from services.conformance.report import NotMet
from services.conformance.signing import SHORTEST_NONCE, Headers, Signed, read_signature
from services.domain.base64url import octets_of

LONG_SECRET: Final = 6  # letters; a shorter one is found by chance in base64, and is looked for as a whole value


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
    wanted = FORMS.get(asked.call)
    if wanted is None:
        raise NotMet(f"form: there is no call {asked.call}")
    demand_form(body, wanted, asked.call)
    return dict(body)


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
