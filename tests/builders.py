"""Small things that tests of several lanes build: ports on a real ledger, and scripted edges."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from random import Random

from services.clock import ManualClock
from services.domain.card import CardFront
from services.domain.errors import ResetError
from services.domain.liveness import LivenessChallenge
from services.domain.password import PasswordKind
from services.domain.verdicts import FaceAnswer, FaceVerdict, FieldReading, FrontReading, LivenessVerdict
from services.ports import AuthorisationRequest, CardFaceProof, CardProof, Ports, ProvenCard, ProvenFace, Statement
from services.storage.database import open_database
from services.storage.evidence import SealedEvidence
from services.storage.ledger import SQLLedger
from services.storage.migrations import migrate
from services.usecases.run_check import Eyes, run_check
from services.vision.runner import InlineRunner

NINE = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 09:00 in Japan
FRONT = CardFront(date(1989, 3, 31), date(2030, 3, 31), "2285")
PHOTO = b"\x00photo of the chip"
CARD_KEY = b"the card's own key"
FACE = CardFaceProof(b"record", b"cv certificate", b"challenge signature")


@dataclass
class ScriptedProofs:
    """`ports.CardProofs` that believes a certificate when its signature repeats the statement's nonce."""

    refusal: ResetError | None = None
    statements: list[Statement] = field(default_factory=list)
    generations: tuple[str, ...] = ("signature-1", "user_authentication-1")

    def verify(self, proof: CardProof, kind: PasswordKind, statement: Statement, at: datetime) -> ProvenCard:
        self.statements.append(statement)
        if self.refusal is not None:
            raise self.refusal
        assert proof.signature == statement.nonce, "the scripted card signs the nonce alone"
        assert proof.certificate.startswith(kind.value.encode()), "another key than the one asked for"
        return ProvenCard(
            self.fingerprint(proof.identity_certificate),
            self.key_fingerprint(proof.certificate),
            "ocsp good",
            self.generations,
        )

    def verify_face(self, face: CardFaceProof, statement: Statement) -> ProvenFace:
        self.statements.append(statement)
        return ProvenFace(PHOTO, CARD_KEY)

    def fingerprint(self, identity_certificate: bytes) -> str:
        return sha256(identity_certificate).hexdigest()

    def key_fingerprint(self, certificate: bytes) -> str:
        return sha256(certificate).hexdigest()


@dataclass
class ScriptedAuthority:
    """`ports.ResetAuthority` that says yes, and remembers what it said."""

    refusal: ResetError | None = None
    requests: list[AuthorisationRequest] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None  # what happens while the issuer thinks

    def confirm(self, identity_certificate: bytes, certificate: bytes, kind: PasswordKind, card_key: bytes) -> None:
        assert certificate.startswith(kind.value.encode())
        assert card_key == CARD_KEY
        if self.refusal is not None:
            raise self.refusal

    def authorise(self, request: AuthorisationRequest) -> bytes:
        self.requests.append(request)
        self.meanwhile()
        if self.refusal is not None:
            raise self.refusal
        return b"authorised" + request.card_challenge


@dataclass
class ScriptedEyes:
    """All three image checks, answering as told."""

    reading: FrontReading
    liveness: LivenessVerdict = LivenessVerdict(frontal=(0, 1, 2))
    answer: FaceAnswer = FaceAnswer.MATCH
    engine: str = "scripted"

    def read(self, picture: bytes) -> FrontReading:
        return self.reading

    def judge(self, challenge: LivenessChallenge, frames: object) -> LivenessVerdict:
        return self.liveness

    def compare(self, card_photo: bytes, frontal: object) -> FaceVerdict:
        assert card_photo == PHOTO
        return FaceVerdict(self.answer, self.engine, 500)


def read_front(front: CardFront = FRONT) -> FrontReading:
    """A certain reading of the card front."""

    def certain(value: str) -> FieldReading:
        return FieldReading(value, value, 9.0, b"strip")

    return FrontReading(
        certain(front.birth.isoformat()), certain(front.expiry.isoformat()), certain(front.security_code)
    )


@dataclass
class World:
    """Ports on a real ledger, with the scripted edges within reach."""

    ports: Ports
    clock: ManualClock
    proofs: ScriptedProofs
    authority: ScriptedAuthority
    eyes: ScriptedEyes


def make_world(directory: Path, *, database_url: str | None = None, now: datetime = NINE) -> World:
    """A server without HTTP: real ledger, real evidence; scripted card, issuer and eyes; a clock that stands still."""
    url = database_url or f"sqlite:///{directory / 'ledger.db'}"
    migrate(url)
    clock, database = ManualClock(now), open_database(url)
    proofs, authority, eyes, runner = ScriptedProofs(), ScriptedAuthority(), ScriptedEyes(read_front()), InlineRunner()
    ports = Ports(
        clock=clock,
        random=Random(7),
        ledger=SQLLedger(database),
        evidence=SealedEvidence(database, clock, bytes(32)),
        runner=runner,
        proofs=proofs,
        authority=authority,
        origin="https://reset.example",
        rehearsal=True,
    )
    runner.work = lambda check_id: run_check(ports, Eyes(front=eyes, liveness=eyes, matcher=eyes), check_id)
    return World(ports, clock, proofs, authority, eyes)


def proof(kind: PasswordKind, card: str, nonce: bytes) -> CardProof:
    """What the scripted card `card` signs with the key of this kind."""
    identity = f"{PasswordKind.USER_AUTHENTICATION.value} {card}".encode()
    return CardProof(f"{kind.value} {card}".encode(), identity, nonce)
