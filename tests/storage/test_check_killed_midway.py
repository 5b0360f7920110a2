"""A worker's child is killed before each statement that it sends: the check and all that follows is there, or none of it."""

import os
import signal
from dataclasses import dataclass, replace

import pytest
from builders import PHOTO, World, make_world, read_front
from sqlalchemy import event
from storage_stories import Story

from services.domain.audit import AuditEvent
from services.domain.intake import Check, CheckKind, CheckState, Intake, IntakeState
from services.domain.liveness import Action, LivenessSession, challenge_of
from services.domain.policy import Attempt
from services.domain.verdicts import (
    CaptureFault,
    FaceAnswer,
    FieldReading,
    FrontFault,
    FrontReading,
    LivenessVerdict,
)
from services.ports import EvidenceKind
from services.storage.database import open_database
from services.storage.evidence import SealedEvidence
from services.storage.ledger import SQLLedger
from services.usecases.run_check import Eyes, run_check

FACE, FRONT = CheckKind.FACE, CheckKind.FRONT
STARTED, CHIP_READ, FACE_MATCHED = IntakeState.STARTED, IntakeState.CHIP_READ, IntakeState.FACE_MATCHED
PICTURE, READING, CHIP_PHOTO, FRAME = "front_picture", "front_reading", "chip_photo", "frame"
ACCEPTED, FAILED = AuditEvent.INTAKE_FACE_ACCEPTED, AuditEvent.CHECK_FAILED
BLURRED = FrontReading(
    read_front().birth, FieldReading(None, None, 0.0, b"strip", FrontFault.BLURRED), read_front().security_code
)
DARK = LivenessVerdict(capture_fault=CaptureFault.TOO_DARK)
MOST_STATEMENTS = 60


@dataclass(frozen=True)
class Facts:
    """What the ledger and the evidence say of a check."""

    check: CheckState
    intake: IntakeState
    failures: int
    sealed: frozenset[str]
    told: tuple[AuditEvent, ...]


@dataclass(frozen=True)
class Waiting:
    """A check that waits, with everything sealed that it is about, and one attempt counted beforehand if it is a face's."""

    world: World
    url: str
    check: Check
    intake: Intake

    def judged(self, *, dies_before: int) -> bool:
        """Lets a child judge, as a worker would; says whether it lived to the end. It dies before that statement."""
        child = os.fork()
        if child == 0:
            self._judge_and_exit(dies_before)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a fault of ours"
        return not os.WIFSIGNALED(status)

    def _judge_and_exit(self, dies_before: int) -> None:
        code = 1
        try:
            database, sent = open_database(self.url), []

            def statement(*_facts) -> None:
                sent.append(None)
                if len(sent) == dies_before:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(database.engine, "before_cursor_execute", statement)
            event.listen(database.engine, "commit", statement)
            evidence = SealedEvidence(database, self.world.clock, bytes(32))
            ports, eyes = replace(self.world.ports, ledger=SQLLedger(database), evidence=evidence), self.world.eyes
            run_check(ports, Eyes(front=eyes, liveness=eyes, matcher=eyes), self.check.id)
            code = 0
        finally:
            os._exit(code)

    def facts(self) -> Facts:
        evidence = self.world.ports.evidence
        with self.world.ports.ledger.begin() as unit:
            check, intake = unit.check(self.check.id), unit.intake(self.intake.id)
            failures, _ = unit.failures(self.intake.card_fingerprint, Attempt.FACE)
            told = tuple(one.event for one in unit.audit_of(intake.id) if one.event in (ACCEPTED, FAILED))
        sealed = frozenset(kind.value for kind in EvidenceKind if evidence.labels(intake.id, kind))
        return Facts(check.state, intake.state, failures, sealed, told)


@pytest.fixture
def waiting(database_url, database, tmp_path):
    world = make_world(tmp_path, database_url=database_url)

    def make(kind: CheckKind) -> Waiting:
        state = STARTED if kind is FRONT else CHIP_READ
        intake = Story(world.ports.ledger, world.clock).intake(state=state, card_fingerprint="card")
        check, now = Check("check", intake.id, kind, CheckState.WAITING, world.clock.now()), world.clock.now()
        steps = challenge_of([Action.FRONT], ["nonce"])
        with world.ports.ledger.begin() as unit:
            unit.add_check(check)
            if kind is FACE:
                unit.add_liveness(LivenessSession("session", intake.id, steps, 1, now))
                unit.count_failure("card", Attempt.FACE, at=now)
        if kind is FRONT:
            world.ports.evidence.put(intake.id, EvidenceKind.FRONT_PICTURE, b"picture", label=check.id)
        else:
            world.ports.evidence.put(intake.id, EvidenceKind.CHIP_PHOTO, PHOTO)
            for number in range(3):
                world.ports.evidence.put(intake.id, EvidenceKind.FRAME, b"jpeg", label=f"00-0{number}-000000{number}")
        return Waiting(world, database_url, check, intake)

    yield make
    world.ports.ledger._database.close()


def seen(eyes, **answers):
    for name, answer in answers.items():
        setattr(eyes, name, answer)


@pytest.mark.parametrize(
    ("kind", "answers", "after"),
    [
        (FACE, {}, Facts(CheckState.PASSED, FACE_MATCHED, 0, frozenset(), (ACCEPTED,))),
        (
            FACE,
            {"answer": FaceAnswer.NO_MATCH},
            Facts(CheckState.FAILED, CHIP_READ, 1, frozenset({CHIP_PHOTO}), (FAILED,)),
        ),
        (FACE, {"liveness": DARK}, Facts(CheckState.FAILED, CHIP_READ, 0, frozenset({CHIP_PHOTO}), (FAILED,))),
        (FRONT, {}, Facts(CheckState.PASSED, STARTED, 0, frozenset({READING}), ())),
        (FRONT, {"reading": BLURRED}, Facts(CheckState.FAILED, STARTED, 0, frozenset({READING}), (FAILED,))),
    ],
    ids=["a face that matches", "another face", "a dark film", "a good picture", "a blurred picture"],
)
def test_a_child_killed_at_any_statement_has_done_all_or_nothing(waiting, kind, answers, after):
    one = waiting(kind)
    seen(one.world.eyes, **answers)
    before = one.facts()
    kills = 0
    while not one.judged(dies_before=kills + 1):
        assert before == one.facts(), f"killed before statement {kills + 1}"
        kills += 1
        assert kills < MOST_STATEMENTS
    assert after == one.facts()
    assert kills > 8, "it was killed while it wrote"
