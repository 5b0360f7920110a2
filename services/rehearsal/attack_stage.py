"""A server for attacks on the session: the real use cases on a real ledger, without HTTP and without eyes."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from services.clock import ManualClock
from services.domain.intake import IntakeEvent, IntakeState
from services.domain.liveness import LiveFrame, LivenessChallenge, LivenessSession
from services.domain.password import PasswordKind
from services.domain.policy import Attempt
from services.domain.verdicts import CaptureFault, FaceAnswer, FaceVerdict, LivenessFault, LivenessVerdict
from services.ports import EvidenceKind, Ports
from services.storage.database import open_database
from services.storage.evidence import KEY_BYTES, SealedEvidence
from services.storage.ledger import SQLLedger
from services.storage.migrations import migrate
from services.usecases.check_face import accept_frames
from services.usecases.run_check import Eyes, run_check
from services.usecases.start_intake import start_intake

_START: Final = datetime(2026, 11, 21, tzinfo=UTC)
_NOBODY: Final[Any] = None  # what a face check never asks: card proofs, the issuer, the card-front reader
FRAMES: Final = tuple((at, b"a recorded frame, %d" % at) for at in range(0, 2400, 300))
_QUICK: Final = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it; waiting for the disk would take most of the time


class Believer:
    """Liveness check and matcher that pass all they are given, or fail all: so that only the protocol is tried."""

    engine = "believer"
    passes = True
    fault: CaptureFault | None = None  # that nothing can be judged for

    def judge(self, challenge: LivenessChallenge, frames: Sequence[LiveFrame]) -> LivenessVerdict:  # noqa: ARG002
        """Live, flat, or unfit to be judged."""
        return LivenessVerdict(
            capture_fault=self.fault, fault=None if self.passes else LivenessFault.FLAT, frontal=(0, 1, 2)
        )

    def compare(self, card_photo: bytes, frontal: Sequence[bytes]) -> FaceVerdict:  # noqa: ARG002
        """Always a match."""
        return FaceVerdict(FaceAnswer.MATCH, self.engine, 0)


@dataclass
class Stage:
    """A server without HTTP, and its clock. It is its own `ports.CheckRunner`: a check is judged at once."""

    clock: ManualClock
    believer: Believer
    ports: Ports = _NOBODY

    def submit(self, check_id: str, time: timedelta) -> None:  # noqa: ARG002  # the port's names
        """See `ports.CheckRunner.submit`."""
        run_check(self.ports, Eyes(front=_NOBODY, liveness=self.believer, matcher=self.believer), check_id)

    def card_read(self, card: str = "") -> str:
        """An intake whose card has proved itself; nobody's card, a new one where none is named."""
        intake = start_intake(self.ports, kind=PasswordKind.SIGNATURE.value, terms_accepted=True).intake.id
        card = card or secrets.token_hex(16)
        keys = {"card_fingerprint": card, "other_key_fingerprint": card[::-1]}
        seen = {"card": card, "revocation": "good"}
        with self.ports.ledger.begin() as unit:
            unit.advance_intake(intake, IntakeEvent.ACCEPT_FRONT, at=self.clock.now(), audit={"method": "hand"})
            unit.advance_intake(intake, IntakeEvent.ACCEPT_CARD, at=self.clock.now(), changes=keys, audit=seen)
        self.ports.evidence.put(intake, EvidenceKind.CHIP_PHOTO, b"the chip's photo")
        return intake

    def send(self, intake: str, session: LivenessSession, nonces: Sequence[str]) -> None:
        """All steps that are left, with these nonces."""
        for nonce in nonces[session.step :]:
            accept_frames(self.ports, intake, nonce, FRAMES)

    def matched(self, intake: str) -> bool:
        """Whether the intake is past the face check."""
        with self.ports.ledger.begin() as unit:
            return unit.intake(intake).state is IntakeState.FACE_MATCHED

    def counted(self, card: str) -> int:
        """How many attempts of the card have failed in a row."""
        with self.ports.ledger.begin() as unit:
            return unit.failures(card, Attempt.FACE)[0]


@contextmanager
def stage(chance: Random) -> Iterator[Stage]:
    """A server with an empty ledger, gone afterwards. `chance` draws the orders."""
    with TemporaryDirectory(prefix="pinreset-bench-", dir=_QUICK if _QUICK.is_dir() else None) as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        migrate(url)
        database, clock = open_database(url), ManualClock(_START)
        server = Stage(clock, Believer())
        server.ports = Ports(
            clock=clock,
            random=chance,
            ledger=SQLLedger(database),
            evidence=SealedEvidence(database, clock, bytes(KEY_BYTES)),
            runner=server,
            proofs=_NOBODY,
            authority=_NOBODY,
            origin="https://bench.invalid",
            rehearsal=True,
        )
        try:
            yield server
        finally:
            database.close()
