"""The kit as a server: gives a terminal under test right answers, or the planned wrong ones, and notes what it is asked.

The play is one reservation at a time. What the terminal's requests must be like is looked at here, at every one of them; whether
it did the right thing in the end, the trials judge by the notes.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from services.clock import SystemClock
from services.conformance.office import CALLS, Office
from services.conformance.replies import Refusal, Reply, Twist, answered, problem, twisted
from services.conformance.report import NotMet
from services.conformance.requests import Asked, Request, checked
from services.conformance.signing import Signed
from services.domain.base64url import base64url, octets_of
from services.domain.code_words import code_words
from services.domain.password import PasswordKind
from services.domain.statements import claim_body, complete_body
from services.pki.statement import to_be_signed
from services.ports import AuthorisationRequest, Clock, Purpose, ResetAuthority, Statement

PREFIX: Final = "/kiosk-api/v1/"
LEASE: Final = timedelta(minutes=3)
_CALL: Final = re.compile(
    r"(?P<first>challenges|claims|enrolments|heartbeats)|claims/(?P<claim>[0-9a-f-]{36})/(?P<call>[a-z]+)"
)


@dataclass
class Play:
    """One reservation, from the terminal's first question on."""

    reservation_id: str
    kind: PasswordKind
    claims: dict[str, bytes] = field(default_factory=dict)  # id → completion nonce
    authorised: list[str] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)  # claims whose evidence was in order
    released: list[str] = field(default_factory=list)
    outcome: str = "completed"


@dataclass
class Referee:
    """The scripted server. `plan` gives for a call what goes wrong with its next answers, in their order."""

    origin: str
    keyid: str
    public_key: bytes  # empty until the terminal is enrolled with the kit
    authority: ResetAuthority
    clock: Clock = field(default_factory=SystemClock)
    plan: dict[str, list[Twist | Refusal]] = field(default_factory=dict)
    always: dict[str, Twist | Refusal] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    notes: list[str] = field(
        default_factory=list
    )  # "authorised", "card changed", "evidence": in the order that they happened
    complaints: dict[str, str] = field(default_factory=dict)  # topic → the first thing that was wrong
    secrets: set[str] = field(default_factory=set)
    play: Play | None = None
    office: Office = field(default_factory=Office)
    _nonces: dict[bytes, str] = field(default_factory=dict)
    _signatures: set[str] = field(default_factory=set)

    def begin(self, kind: PasswordKind, number: int) -> Play:
        """A new reservation; everything is as it should be again."""
        self.plan, self.always, self.notes, self.asked = {}, {}, [], []
        self.office.tell()
        self.play = Play(f"{number:032x}", kind)
        return self.play

    def handle(self, request: Request) -> Reply:
        """Answers one request, and notes it."""
        found = _CALL.fullmatch(request.target.removeprefix(PREFIX)) if request.target.startswith(PREFIX) else None
        if found is None:
            self.notes.append(f"elsewhere {request.target.partition('?')[0]}")
            return problem(404, "PR-5004")
        call, claim = found["first"] or found["call"], found["claim"] or ""
        asked = Asked(call, claim, request)
        twist = self._twist(call)
        if twist is Twist.DROPPED:
            self.asked.append(asked)
            return Reply(cut=True)
        try:
            body = checked(asked, self._signed(request))
        except NotMet as wrong:
            self._complain(wrong)
            return problem(400, "PR-1001")
        finally:
            self.asked.append(asked)
            self._look_for_secrets(request)
        if isinstance(twist, Refusal):
            return problem(twist.status, twist.code)
        return twisted(self._answer(asked, body), twist)

    def card_changed(self) -> None:
        """The card in play tells that its password is another one now."""
        self.notes.append("card changed")

    # ── What every request must be like ─────────────────────────────────────────────────────────────────────────────

    def _twist(self, call: str) -> Twist | Refusal | None:
        planned = self.plan.get(call)
        return planned.pop(0) if planned else self.always.get(call)

    def _signed(self, request: Request) -> Signed:
        brought = request.brought_key
        signed = request.signed(brought or self.public_key, self.origin)
        if brought:
            self.keyid, self.public_key = signed.keyid, brought
        if signed.keyid != self.keyid:
            raise NotMet("signature: another key id")
        if abs(signed.created - self.clock.now().timestamp()) > 60:
            raise NotMet("freshness: signed more than a minute ago, or ahead")
        if signed.nonce in self._signatures:
            raise NotMet("freshness: a signature's nonce was used before")
        self._signatures.add(signed.nonce)
        return signed

    def _complain(self, wrong: NotMet) -> None:
        topic, _, what = str(wrong).partition(": ")
        self.complaints.setdefault(topic, what)

    def _look_for_secrets(self, request: Request) -> None:
        found = request.tells(self.secrets)
        if found:
            self.complaints.setdefault("secrets", f"a password stands in {found}")

    # ── The right answers ───────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, asked: Asked, body: dict[str, Any]) -> Reply:
        if asked.call in CALLS:
            return (
                self.office.enrol(self.keyid)
                if asked.call == "enrolments"
                else self.office.hear(body, self.clock.now())
            )
        if self.play is None:
            return problem(404, "PR-5002")
        work = {
            "challenges": self._challenge,
            "claims": self._claim,
            "authorisation": self._authorise,
            "completion": self._complete,
            "release": self._release,
        }
        if asked.call not in work:
            return problem(404, "PR-5004")
        if asked.claim and asked.claim not in self.play.claims and asked.call != "release":
            return problem(409, "PR-2005")
        try:
            return work[asked.call](asked, body, self.play)
        except NotMet as wrong:
            self._complain(wrong)
            return problem(403, "PR-3106")

    def _challenge(self, _asked: Asked, _body: dict[str, Any], play: Play) -> Reply:
        nonce = len(self._nonces).to_bytes(32, "big")
        self._nonces[nonce] = play.reservation_id
        return answered({"nonce": base64url(nonce), "origin": self.origin})

    def _claim(self, _asked: Asked, body: dict[str, Any], play: Play) -> Reply:
        nonce, proof, claim_id = octets_of(body["nonce"]), body["proof"], body["claim_id"]
        if self._nonces.get(nonce) not in (play.reservation_id, claim_id):
            return problem(403, "PR-3001")
        identity = octets_of(proof["identity_certificate"])
        statement = Statement(Purpose.CLAIM, self.origin, nonce, claim_body(claim_id, play.kind, identity))
        if body["kind"] != play.kind.value:
            return problem(404, "PR-5002")
        _demand_signature(proof["certificate"], proof["signature"], statement, "card")
        self._nonces[nonce] = claim_id
        play.claims.setdefault(claim_id, (1000 + len(self.asked)).to_bytes(32, "big"))
        return answered(self._grant(claim_id, play))

    def _grant(self, claim_id: str, play: Play) -> dict[str, Any]:
        now = self.clock.now().replace(microsecond=0)
        return {
            "claim_id": claim_id,
            "reservation_id": play.reservation_id,
            "kind": play.kind.value,
            "code_words": list(code_words(play.reservation_id)),
            "fence": len(play.claims),
            "lease_until": (now + LEASE).isoformat().replace("+00:00", "Z"),
            "expires_at": (now + timedelta(hours=12)).isoformat().replace("+00:00", "Z"),
            "completion_nonce": base64url(play.claims[claim_id]),
            "evidence_first": bool(play.authorised),
            "may_authorise": True,
        }

    def _authorise(self, asked: Asked, body: dict[str, Any], play: Play) -> Reply:
        word = self.authority.authorise(
            AuthorisationRequest(
                reservation_id=play.reservation_id,
                kind=play.kind,
                identity_certificate=octets_of(body["identity_certificate"]),
                certificate=octets_of(body["certificate"]),
                card_challenge=octets_of(body["card_challenge"]),
            )
        )
        play.authorised.append(asked.claim)
        self.notes.append("authorised")
        return answered({"authorisation": base64url(word)})

    def _complete(self, asked: Asked, body: dict[str, Any], play: Play) -> Reply:
        certificate, identity = octets_of(body["certificate"]), octets_of(body["identity_certificate"])
        statement = Statement(
            Purpose.COMPLETE,
            self.origin,
            play.claims[asked.claim],
            complete_body(asked.claim, play.kind, identity, certificate),
        )
        _demand_signature(body["certificate"], body["signature"], statement, "evidence")
        _demand_signature(body["identity_certificate"], body["identity_signature"], statement, "evidence")
        play.proved.append(asked.claim)
        self.notes.append("evidence")
        return answered({"state": play.outcome, "receipt": None})

    def _release(self, asked: Asked, _body: dict[str, Any], play: Play) -> Reply:
        play.released.append(asked.claim)
        held = play.released.count(asked.claim) == 1 and asked.claim not in play.proved
        return answered({"state": "released" if held else "not_held"})


def _demand_signature(certificate: str, signature: str, statement: Statement, topic: str) -> None:
    try:
        key = x509.load_der_x509_certificate(octets_of(certificate)).public_key()
        assert isinstance(key, RSAPublicKey)
        key.verify(octets_of(signature), to_be_signed(statement), PKCS1v15(), SHA256())
    except (ValueError, AssertionError, InvalidSignature) as exc:
        raise NotMet(f"{topic}: the card's signature does not hold for this statement") from exc
