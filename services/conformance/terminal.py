"""The kit as a terminal: signed questions to the server under test, and each in every wrong way, too."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.conformance.report import NotMet, demand
from services.conformance.signing import signed_headers
from services.ports import Clock

PREFIX = "/kiosk-api/v1/"
JSON = {"Content-Type": "application/json"}


@dataclass
class Heard:
    """An answer, and what it was asked for; kept for what every answer must be like."""

    path: str
    answer: httpx.Response


@dataclass
class Terminal:
    """One enrolled terminal. `heard` is shared by those that try the same server."""

    client: httpx.Client
    origin: str
    keyid: str
    key: Ed25519PrivateKey
    clock: Clock
    heard: list[Heard] = field(default_factory=list)

    def headers(self, path: str, body: bytes, *, late: timedelta = timedelta(), origin: str = "") -> dict[str, str]:
        """The signature's header fields for this request."""
        uri = (origin or self.origin) + PREFIX + path
        created = int((self.clock.now() - late).timestamp())
        signed = signed_headers(self.key, self.keyid, method="POST", uri=uri, body=body, created=created)
        return {**JSON, **signed}

    def send(
        self, path: str, body: bytes, headers: Mapping[str, str] | list[tuple[str, str]], *, method: str = "POST"
    ) -> httpx.Response:
        """As it is given, right or wrong."""
        given = list(headers.items()) if isinstance(headers, Mapping) else headers
        answer = self.client.request(method, self.origin + PREFIX + path, content=body, headers=given)
        self.heard.append(Heard(path, answer))
        return answer

    def ask(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        """A right question."""
        octets = json.dumps(body).encode()
        return self.send(path, octets, self.headers(path, octets))

    def get(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """A right question's good answer.

        Raises:
            NotMet: it was refused, or the answer is no JSON object.
        """
        answer = self.ask(path, body)
        demand(answer.status_code == httpx.codes.OK, f"{path.rpartition('/')[2]} was answered {told(answer)}")
        found = answer.json()
        demand(isinstance(found, dict), "the answer is no JSON object")
        given: dict[str, Any] = found
        return given


def told(answer: httpx.Response) -> str:
    """The status and the code, for a line of the report."""
    return f"{answer.status_code} {code_of(answer)}".strip()


def code_of(answer: httpx.Response) -> str:
    """The problem's code, or nothing."""
    try:
        found = answer.json()
    except ValueError:
        return ""
    return str(found.get("code", "")) if isinstance(found, dict) else ""


def refused(answer: httpx.Response, status: int, *codes: str) -> None:
    """Demands this status and one of these codes."""
    if answer.status_code != status or (codes and code_of(answer) not in codes):
        raise NotMet(f"answered {told(answer)} instead of {status} {' or '.join(codes)}".strip())
