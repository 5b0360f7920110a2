"""Attacks on the session instead of on the camera, through the real use cases on a real ledger, with a clock that is moved.

Every attempt starts where an honest one stands: the card's proof held, only the face check is left. Whatever reaches the judges
passes here; what stands between are nonces, deadlines, the kept order and the count of attempts.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from services.clock import ManualClock
from services.domain.errors import ResetError
from services.domain.intake import IntakeEvent, IntakeState
from services.domain.liveness import ACTION_TIME, Action, LiveFrame, LivenessChallenge, LivenessSession
from services.domain.password import PasswordKind
from services.domain.policy import FREE_ATTEMPTS
from services.domain.verdicts import FaceAnswer, FaceVerdict, LivenessFault, LivenessVerdict
from services.ports import EvidenceKind, Ports
from services.storage.database import open_database
from services.storage.evidence import KEY_BYTES, SealedEvidence
from services.storage.ledger import SQLLedger
from services.storage.migrations import migrate
from services.usecases.check_face import accept_frames, start_liveness, submit_face_check
from services.usecases.run_check import Eyes, run_check
from services.usecases.start_intake import start_intake

_START: Final = datetime(2026, 11, 21, tzinfo=UTC)
_NOBODY: Final[Any] = None  # what a face check never asks: card proofs, the issuer, the card-front reader
_FRAMES: Final = tuple((at, b"a recorded frame, %d" % at) for at in range(0, 2400, 300))
_REDRAWS: Final = 20
_QUICK: Final = Path("/dev/shm")  # noqa: S108  # a folder of our own is made in it; waiting for the disk would take most of the time


class Believer:
    """Liveness check and matcher that pass all they are given, or fail all: so that only the protocol is tried."""

    engine = "believer"
    passes = True

    def judge(self, challenge: LivenessChallenge, frames: Sequence[LiveFrame]) -> LivenessVerdict:  # noqa: ARG002
        """Live, or flat."""
        return LivenessVerdict(fault=None if self.passes else LivenessFault.FLAT, frontal=(0, 1, 2))

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
            accept_frames(self.ports, intake, nonce, _FRAMES)

    def matched(self, intake: str) -> bool:
        """Whether the intake is past the face check."""
        with self.ports.ledger.begin() as unit:
            return unit.intake(intake).state is IntakeState.FACE_MATCHED


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


def _nonces(session: LivenessSession) -> list[str]:
    return [step.nonce for step in session.challenge.steps]


def honest(server: Stage, _: Random) -> str:
    """The control: what an honest resident sends passes, or the other rows would say nothing."""
    intake = server.card_read()
    session = start_liveness(server.ports, intake)
    server.send(intake, session, _nonces(session))
    submit_face_check(server.ports, intake)
    return intake


def _old_nonces(server: Stage, _: Random) -> str:
    intake = server.card_read()
    earlier = start_liveness(server.ports, intake)
    server.send(intake, earlier, _nonces(earlier))
    server.send(intake, start_liveness(server.ports, intake), _nonces(earlier))
    submit_face_check(server.ports, intake)
    return intake


def _foreign_nonces(server: Stage, _: Random) -> str:
    theirs = start_liveness(server.ports, server.card_read())
    intake = server.card_read()
    server.send(intake, start_liveness(server.ports, intake), _nonces(theirs))
    submit_face_check(server.ports, intake)
    return intake


def _wrong_step(server: Stage, chance: Random) -> str:
    """The session's own nonces, but in another order."""
    intake = server.card_read()
    session = start_liveness(server.ports, intake)
    nonces = _nonces(session)
    while (order := chance.sample(nonces, len(nonces))) == nonces:
        continue
    server.send(intake, session, order)
    submit_face_check(server.ports, intake)
    return intake


def _late(server: Stage, chance: Random) -> str:
    """One step's frames come when its time is over, by nothing up to a minute."""
    intake = server.card_read()
    session = start_liveness(server.ports, intake)
    late = chance.randrange(len(session.challenge.steps))
    for number, nonce in enumerate(_nonces(session)):
        if number == late:
            server.clock.advance(ACTION_TIME + timedelta(milliseconds=chance.choice([0, 1, chance.randrange(60_000)])))
        accept_frames(server.ports, intake, nonce, _FRAMES)
    submit_face_check(server.ports, intake)
    return intake


def _judged_again(server: Stage, _: Random) -> str:
    """The frames of a failed session are asked to be judged once more."""
    intake = server.card_read()
    session = start_liveness(server.ports, intake)
    server.send(intake, session, _nonces(session))
    server.believer.passes = False
    submit_face_check(server.ports, intake)
    server.believer.passes = True
    submit_face_check(server.ports, intake)
    return intake


def _redrawn(server: Stage, chance: Random) -> str:
    """A recording waits until its order is drawn for one card: challenges are started, left to lapse, begun anew as intakes."""
    card = secrets.token_hex(16)
    intake = server.card_read(card)
    first = _asked(start_liveness(server.ports, intake))
    for _ in range(_REDRAWS):
        match chance.randrange(4):
            case 0:
                server.clock.advance(ACTION_TIME)
            case 1:
                intake = server.card_read(card)
        session = start_liveness(server.ports, intake)
        if _asked(session) != first:
            server.send(intake, session, _nonces(session))
            submit_face_check(server.ports, intake)
            break
    return intake


def _asked(session: LivenessSession) -> list[Action]:
    return [step.action for step in session.challenge.steps]


def _too_often(server: Stage, chance: Random) -> str:
    """One attempt more than is free, before its wait is over."""
    intake = server.card_read()
    for attempt in range(FREE_ATTEMPTS + 1):
        server.believer.passes = attempt == FREE_ATTEMPTS
        if attempt == FREE_ATTEMPTS:
            server.clock.advance(timedelta(milliseconds=chance.randrange(30_000)))
        session = start_liveness(server.ports, intake)
        server.send(intake, session, _nonces(session))
        submit_face_check(server.ports, intake)
    return intake


class Trick(StrEnum):
    """What is wrong with the session."""

    OLD_NONCES = "old_nonces"
    FOREIGN_NONCES = "foreign_nonces"
    WRONG_STEP = "wrong_step"
    LATE = "late"
    JUDGED_AGAIN = "judged_again"
    REDRAWN = "redrawn"
    TOO_OFTEN = "too_often"


TRICKS: Final[dict[Trick, tuple[str, Callable[[Stage, Random], str]]]] = {
    Trick.OLD_NONCES: ("recorded session with its old nonces", _old_nonces),
    Trick.FOREIGN_NONCES: ("nonces of somebody else's session", _foreign_nonces),
    Trick.WRONG_STEP: ("the session's nonces in another order", _wrong_step),
    Trick.LATE: ("frames after their deadline (8 s an action)", _late),
    Trick.JUDGED_AGAIN: ("a failed session's frames judged once more", _judged_again),
    Trick.REDRAWN: (f"another order drawn without an attempt, in {_REDRAWS} tries", _redrawn),
    Trick.TOO_OFTEN: ("one attempt more than is free, before the wait", _too_often),
}


def accepted(server: Stage, play: Callable[[Stage, Random], str], chance: Random) -> tuple[bool, str]:
    """Whether the attempt came past the face check, and the error's code where it was refused."""
    server.believer.passes = True
    try:
        return server.matched(play(server, chance)), ""
    except ResetError as refusal:
        return False, refusal.code
