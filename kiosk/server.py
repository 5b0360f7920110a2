"""The client of the kiosk API: signed requests, bounded answers, problem documents back to errors by their code.

`docs/protocols.md`, kiosk. One question is one request here; asking again is `patience`'s.
"""

import ssl
from dataclasses import dataclass
from typing import Final, TypeVar

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ValidationError

from kiosk.answers import Authorisation, Challenge, Completion, Grant, Problem, Released, SignedPolicy
from kiosk.identity import Identity
from kiosk.line import WHOLE
from kiosk.record import Evidence
from services.domain.base64url import base64url
from services.domain.canonical import Plain, canonical_json
from services.domain.errors import (
    AnswerUntrusted,
    CardSignatureInvalid,
    ClaimSuperseded,
    EvidenceInvalid,
    ProofMalformed,
    ReservationNotFound,
    ResetError,
    ServerUnreachable,
    Unexpected,
    catalogue,
)
from services.domain.password import PasswordKind
from services.domain.terminal import Report
from services.pki.terminal_signature import HTTPRequest, sign
from services.ports import CardProof, Clock

LARGEST_ANSWER: Final = 65_536
# Before an honest answer the server may wait out several silent OCSP responders and CRL addresses in a row, 3 s each, for each of
# the two certificates of a proof; whoever hangs up before that asks the same again and never hears it. Whether the server is there
# at all shows much sooner.
TIMEOUTS: Final = httpx.Timeout(5.0, connect=3.0, read=20.0)
WHOLE_S: Final = (
    25.0  # from the question to the answer's last octet: the time to connect, the longest silence, and a little
)
# An answer that took longer would be old when it came: the kill-switch has a minute (`heartbeat`).
HEARTBEAT_TIMEOUTS: Final = httpx.Timeout(4.0, connect=3.0)
HEARTBEAT_WHOLE_S: Final = 8.0
_ERRORS: Final = {error.code: error for error in catalogue()}

# The refusals of a completion that no later day changes: they are about the evidence itself. Every other one may be taken back (a
# certificate on hold, a trust list that is renewed, a server in the middle of an upgrade), and evidence cannot be made again.
FINAL_REFUSALS: Final = (ClaimSuperseded, EvidenceInvalid, CardSignatureInvalid, ProofMalformed, ReservationNotFound)

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Terminal:
    """Who signs: the id under which the server knows the key."""

    id: str
    key: Ed25519PrivateKey


class KioskServer:
    """Every method may raise ServerUnreachable, AnswerUntrusted, and the errors that the server names by their code."""

    def __init__(self, client: httpx.Client, origin: str, terminal: Terminal, clock: Clock) -> None:
        self.origin = origin
        self._client = client
        self._terminal = terminal
        self._clock = clock

    def challenge(self) -> bytes:
        """A nonce for one claim."""
        return self._post("challenges", {}, Challenge).nonce

    def claim(self, claim_id: str, kind: PasswordKind, nonce: bytes, proof: CardProof) -> Grant:
        """Claims the card's reservation; the same claim gets the same answer."""
        grant = self._post(
            "claims",
            {
                "claim_id": claim_id,
                "kind": kind.value,
                "nonce": base64url(nonce),
                "proof": {
                    "certificate": base64url(proof.certificate),
                    "identity_certificate": base64url(proof.identity_certificate),
                    "signature": base64url(proof.signature),
                },
            },
            Grant,
        )
        if (grant.claim_id, grant.kind) != (claim_id, kind):
            raise AnswerUntrusted(reason="another claim")
        return grant

    def authorise(self, claim_id: str, *, identity: bytes, certificate: bytes, challenge: bytes) -> bytes:
        """The issuer's authorisation for this challenge of the card."""
        body: Plain = {
            "identity_certificate": base64url(identity),
            "certificate": base64url(certificate),
            "card_challenge": base64url(challenge),
        }
        return self._post(f"claims/{claim_id}/authorisation", body, Authorisation).authorisation

    def complete(self, claim_id: str, evidence: Evidence) -> Completion:
        """Delivers the evidence."""
        body: Plain = {name: base64url(octets) for name, octets in vars(evidence).items()}
        return self._post(f"claims/{claim_id}/completion", body, Completion)

    def release(self, claim_id: str, why: str) -> None:
        """Gives the reservation back."""
        self._post(f"claims/{claim_id}/release", {"why": why}, Released)

    def enrol(self, code: str, build: str) -> Identity:
        """Brings the one-time code and this terminal's key, which signs the request."""
        key = base64url(self._terminal.key.public_key().public_bytes_raw())
        return self._post("enrolments", {"code": code, "public_key": key, "build": build}, Identity)

    def heartbeat(self, nonce: bytes, report: Report) -> tuple[bytes, bytes]:
        """Says how the terminal is; returns the policy's octets and the signature under them, not verified yet."""
        body: Plain = {"nonce": base64url(nonce), **vars(report)}
        found = self._post("heartbeats", body, SignedPolicy, HEARTBEAT_TIMEOUTS, HEARTBEAT_WHOLE_S)
        return found.policy, found.signature

    def _post(
        self, path: str, body: Plain, answer: type[T], timeouts: httpx.Timeout = TIMEOUTS, whole_s: float = WHOLE_S
    ) -> T:
        target = f"/kiosk-api/v1/{path}"
        octets = canonical_json(body)
        request = HTTPRequest("POST", self.origin + target, octets)
        headers = sign(request, self._terminal.key, keyid=self._terminal.id, now=self._clock.now())
        try:
            with self._client.stream(
                "POST",
                self.origin + target,
                content=octets,
                headers={**headers, "Content-Type": "application/json", "Accept-Encoding": "identity"},
                timeout=timeouts,
                extensions={WHOLE: whole_s},
                follow_redirects=False,
            ) as response:
                return _parsed(response.status_code, _bounded(response), answer)
        except httpx.HTTPError as exc:
            if _is_anothers_key(exc):
                raise AnswerUntrusted(reason="certificate") from exc
            raise ServerUnreachable from exc


def _is_anothers_key(fault: BaseException | None) -> bool:
    """Whether the TLS certificate was refused: httpx wraps that twice, as if nobody had been there."""
    while fault is not None:
        if isinstance(fault, ssl.SSLCertVerificationError):
            return True
        fault = fault.__cause__ or fault.__context__
    return False


def _bounded(response: httpx.Response) -> bytes:
    # Nothing coded was asked for: a few octets could unfold to gigabytes before anybody counts them.
    if "Content-Encoding" in response.headers:
        raise AnswerUntrusted(reason="coded")
    octets = bytearray()
    for part in response.iter_bytes():
        octets += part
        if len(octets) > LARGEST_ANSWER:
            raise AnswerUntrusted(answer_bytes=len(octets))
    return bytes(octets)


def _parsed(status: int, octets: bytes, answer: type[T]) -> T:
    """A garbled answer is no answer. A gateway's own 5xx page says that the server is not there; anything else is not ours."""
    try:
        if status == httpx.codes.OK:
            return answer.model_validate_json(octets)
        problem = Problem.model_validate_json(octets)
    except ValidationError as exc:
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ServerUnreachable(status=status) from exc
        raise AnswerUntrusted(status=status) from exc
    raise _error(problem)


def _error(problem: Problem) -> ResetError:
    return _ERRORS.get(problem.code, Unexpected)(**problem.model_dump(exclude={"code"}, exclude_none=True))
