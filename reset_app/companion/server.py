"""The server's companion interface, as its client sees it. Nothing of httpx leaves this module."""

import re
from datetime import date
from typing import Any, Final

import httpx
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from reset_app.companion.visit import Handover, Task
from services.domain.base64url import base64url, octets_of
from services.domain.card import CardFront
from services.domain.errors import OriginRefused, ResetError, ServerUnreachable, catalogue
from services.domain.password import PasswordKind
from services.ports import CardFaceProof, CardProof

VERSION: Final = "1"  # of the interface that is spoken
LONGEST_ANSWER: Final = 65_536
TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
SENDINGS: Final = 3  # of a request that never left: an answer that was lost is not asked for again
_BY_CODE: Final = {error.code: error for error in catalogue()}
_UNPRINTABLE: Final = re.compile(r"[^ -~]+")
_FACTS: Final = ("tries_left", "next_allowed_at", "wait_s", "incident")


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class _NumberB(_Answer):
    birth: date
    expiry: date
    security_code: str
    western_birth_year: bool


class _TaskAnswer(_Answer):
    kind: PasswordKind
    nonce: str
    origin: str
    number_b: _NumberB
    ends_at: AwareDatetime
    rehearsal: bool


class _ProblemAnswer(_Answer):
    code: str
    tries_left: int | None = None
    next_allowed_at: str | None = None
    wait_s: int | None = None
    incident: str | None = None


class Server:
    """Speaks for one visit at a time. Every method may raise ServerUnreachable, or what the server refused with."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def attach(self, handover: Handover, *, reader_name: str) -> Task:
        """Takes the session over.

        Raises:
            OriginRefused: the server calls itself something else than the page's origin; a card signs for no stranger.
        """
        name = _UNPRINTABLE.sub("", reader_name).strip()[:80] or "unknown"
        agent = {"name": "pinreset-companion", "version": VERSION, "reader": name}
        answer = self._post(handover, "attach", {"agent": agent})
        try:
            given = _TaskAnswer.model_validate_json(answer)
            front = CardFront(
                birth=given.number_b.birth,
                expiry=given.number_b.expiry,
                security_code=given.number_b.security_code,
                western_birth_year=given.number_b.western_birth_year,
            )
            nonce = octets_of(given.nonce)
        except (ValidationError, ValueError) as exc:
            raise ServerUnreachable(reason="answer") from exc
        if given.origin != handover.server:
            raise OriginRefused
        return Task(given.kind, nonce, front, given.ends_at, given.rehearsal)

    def send_result(self, handover: Handover, proof: CardProof, face: CardFaceProof) -> None:
        """Brings the proof; returns when the server has accepted it."""
        self._post(
            handover,
            "result",
            {
                "certificate": base64url(proof.certificate),
                "identity_certificate": base64url(proof.identity_certificate),
                "signature": base64url(proof.signature),
                "card_face": {
                    "record": base64url(face.record),
                    "cv_certificate": base64url(face.cv_certificate),
                    "challenge_signature": base64url(face.challenge_signature),
                },
            },
        )

    def send_failure(self, handover: Handover, error: ResetError) -> None:
        """Tells the server's page why there will be no proof."""
        self._post(handover, "failure", {"code": error.code})

    def _post(self, handover: Handover, verb: str, body: dict[str, Any]) -> bytes:
        address = f"{handover.server}/companion-api/v1/card-sessions/{handover.session_id}/{verb}"
        response = self._sent(address, {"secret": handover.secret, **body})
        if len(response.content) > LONGEST_ANSWER:
            raise ServerUnreachable(reason="answer")
        if response.status_code == httpx.codes.OK:
            return response.content
        raise _refusal(response)

    def _sent(self, address: str, body: dict[str, Any]) -> httpx.Response:
        for last in (number == SENDINGS for number in range(1, SENDINGS + 1)):
            try:
                return self._client.post(address, json=body, timeout=TIMEOUT)
            except httpx.ConnectError as exc:
                if last:
                    raise ServerUnreachable from exc
            except httpx.HTTPError as exc:
                raise ServerUnreachable from exc
        raise ServerUnreachable


def client() -> httpx.Client:
    """A client that follows nothing and goes to this very device without a proxy."""
    direct = {"all://127.0.0.1": None, "all://localhost": None}
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False, mounts=direct)


def _refusal(response: httpx.Response) -> ResetError:
    try:
        problem = _ProblemAnswer.model_validate_json(response.content)
    except ValidationError:
        return ServerUnreachable(reason="answer")
    facts = {name: value for name in _FACTS if (value := getattr(problem, name)) is not None}
    return _BY_CODE.get(problem.code, ServerUnreachable)(**facts)
