"""The client of the kiosk API: signed requests, bounded answers, problem documents back to errors by their code.

`docs/protocols.md`, kiosk. One question is one request here; asking again is `patience`'s.
"""

import ssl
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeVar, cast

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
)

from kiosk.identity import Identity
from kiosk.record import Evidence
from services.domain.base64url import base64url, octets_of
from services.domain.canonical import Plain, canonical_json
from services.domain.code_words import COUNT, ROMAJI
from services.domain.errors import (
    AnswerUntrusted,
    CardSignatureInvalid,
    ClaimSuperseded,
    EvidenceInvalid,
    ProofMalformed,
    RequestMalformed,
    ReservationNotFound,
    ResetError,
    ServerUnreachable,
    Unexpected,
    catalogue,
)
from services.domain.password import PasswordKind
from services.domain.receipt import Receipt, read_receipt
from services.domain.terminal import Report
from services.pki.terminal_signature import HTTPRequest, sign
from services.ports import CardProof, Clock

LARGEST_ANSWER: Final = 65_536
# Before an honest answer the server may wait out several silent OCSP responders and CRL addresses in a row, 3 s each, for each of
# the two certificates of a proof; whoever hangs up before that asks the same again and never hears it. Whether the server is there
# at all shows much sooner.
TIMEOUTS: Final = httpx.Timeout(5.0, connect=3.0, read=20.0)
HEARTBEAT_TIMEOUTS: Final = httpx.Timeout(
    4.0, connect=3.0
)  # a silent server must not keep the clock from being looked at
_ERRORS: Final = {error.code: error for error in catalogue()}

# The refusals of a completion that no later day changes: they are about the evidence itself. Every other one may be taken back (a
# certificate on hold, a trust list that is renewed, a server in the middle of an upgrade), and evidence cannot be made again.
FINAL_REFUSALS: Final = (ClaimSuperseded, EvidenceInvalid, CardSignatureInvalid, ProofMalformed, ReservationNotFound)

T = TypeVar("T", bound=BaseModel)


def _octets(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("not base64url")  # noqa: TRY004  # pydantic turns ValueError into its own
    return octets_of(value)


def _known_word(word: str) -> str:
    if word not in ROMAJI:
        raise ValueError("not one of the words")
    return word


Octets = Annotated[bytes, BeforeValidator(_octets)]
Word = Annotated[str, AfterValidator(_known_word)]


class _Answer(BaseModel):
    """Fields that this terminal does not know are left out: a newer server may say more."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Challenge(_Answer):
    """A nonce for the card to sign."""

    nonce: Octets


class Grant(_Answer):
    """What this terminal may do under its claim."""

    claim_id: str
    kind: PasswordKind
    code_words: Annotated[tuple[Word, ...], Field(min_length=COUNT, max_length=COUNT)]
    expires_at: AwareDatetime
    completion_nonce: Octets
    evidence_first: bool
    may_authorise: bool


class _Authorisation(_Answer):
    authorisation: Octets


def _receipt(value: object) -> Receipt | None:
    """A receipt that is none costs nobody the completion: it is a copy of what the phone shows."""
    try:
        return read_receipt(canonical_json(cast("Plain", value)))
    except (ValueError, RequestMalformed):
        return None


class Completion(_Answer):
    """What became of the evidence."""

    state: Literal["completed", "late"]
    receipt: Annotated[Receipt | None, PlainValidator(_receipt)] = None


class _Released(_Answer):
    state: Literal["released", "not_held"]


class _SignedPolicy(_Answer):
    policy: Octets
    signature: Octets


class _Problem(_Answer):
    """A refusal. What is not said is None; the facts go on a screen, so they have a form."""

    code: Annotated[str, Field(pattern=r"^PR-[0-9]{4}$")]
    tries_left: Annotated[int, Field(ge=0, le=15)] | None = None
    wait_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    age_s: Annotated[int, Field(ge=-(2**40), le=2**40)] | None = None
    expired_at: Annotated[str, Field(pattern=r"^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9]{2}:[0-9]{2}$")] | None = None


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
        return self._post(f"claims/{claim_id}/authorisation", body, _Authorisation).authorisation

    def complete(self, claim_id: str, evidence: Evidence) -> Completion:
        """Delivers the evidence."""
        body: Plain = {name: base64url(octets) for name, octets in vars(evidence).items()}
        return self._post(f"claims/{claim_id}/completion", body, Completion)

    def release(self, claim_id: str, why: str) -> None:
        """Gives the reservation back."""
        self._post(f"claims/{claim_id}/release", {"why": why}, _Released)

    def enrol(self, code: str, build: str) -> Identity:
        """Brings the one-time code and this terminal's key, which signs the request."""
        key = base64url(self._terminal.key.public_key().public_bytes_raw())
        return self._post("enrolments", {"code": code, "public_key": key, "build": build}, Identity)

    def heartbeat(self, nonce: bytes, report: Report) -> tuple[bytes, bytes]:
        """Says how the terminal is; returns the policy's octets and the signature under them, not verified yet."""
        body: Plain = {"nonce": base64url(nonce), **vars(report)}
        found = self._post("heartbeats", body, _SignedPolicy, timeouts=HEARTBEAT_TIMEOUTS)
        return found.policy, found.signature

    def _post(self, path: str, body: Plain, answer: type[T], timeouts: httpx.Timeout = TIMEOUTS) -> T:
        target = f"/kiosk-api/v1/{path}"
        octets = canonical_json(body)
        request = HTTPRequest("POST", self.origin + target, octets)
        headers = sign(request, self._terminal.key, keyid=self._terminal.id, now=self._clock.now())
        try:
            with self._client.stream(
                "POST",
                self.origin + target,
                content=octets,
                headers={**headers, "Content-Type": "application/json"},
                timeout=timeouts,
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
        problem = _Problem.model_validate_json(octets)
    except ValidationError as exc:
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ServerUnreachable(status=status) from exc
        raise AnswerUntrusted(status=status) from exc
    raise _error(problem)


def _error(problem: _Problem) -> ResetError:
    return _ERRORS.get(problem.code, Unexpected)(**problem.model_dump(exclude={"code"}, exclude_none=True))
