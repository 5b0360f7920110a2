"""A picture of the card front that comes after the fields were confirmed: the card's proof ends it, and nothing of it is kept."""

from dataclasses import replace

import pytest
from builders import FACE, FRONT, InlineRunner, ScriptedEyes, make_world, proof, read_front

from services.domain.intake import CheckKind, CheckState, IntakeState
from services.domain.password import PasswordKind
from services.ports import EvidenceKind, Ports
from services.storage.evidence import KEY_BYTES, SealedEvidence
from services.storage.ledger import SQLLedger
from services.usecases.card_session import accept_card_proof, attach_card_session, open_card_session
from services.usecases.read_card_front import confirm_front, submit_front_picture
from services.usecases.run_check import Eyes, run_check
from services.usecases.start_intake import start_intake


@pytest.fixture
def ports(database, clock, tmp_path) -> Ports:
    sealed = SealedEvidence(database, clock, bytes(KEY_BYTES))
    return replace(
        make_world(tmp_path).ports, clock=clock, ledger=SQLLedger(database), evidence=sealed, runner=InlineRunner()
    )


def judged(ports: Ports, check_id: str) -> None:
    eyes = ScriptedEyes(read_front())
    run_check(ports, Eyes(front=eyes, liveness=eyes, matcher=eyes), check_id)


def confirmed(ports: Ports) -> str:
    intake = start_intake(ports, kind=PasswordKind.SIGNATURE.value, terms_accepted=True).intake.id
    confirm_front(ports, intake, FRONT, method="hand")
    return intake


def card_read(ports: Ports, intake: str) -> None:
    opened = open_card_session(ports, intake)
    task = attach_card_session(ports, opened.id, opened.secret)
    signed = proof(PasswordKind.USER_AUTHENTICATION, "sakura", task.nonce)
    accept_card_proof(ports, opened.id, opened.secret, signed, FACE)


def sealed(ports: Ports, intake: str) -> list[EvidenceKind]:
    return [kind for kind in EvidenceKind if ports.evidence.labels(intake, kind)]


def test_a_reading_that_nobody_asked_for_goes_with_the_card_s_proof(ports):
    ports.runner.work = lambda check: judged(ports, check)
    intake = confirmed(ports)
    submit_front_picture(ports, intake, b"picture")
    assert EvidenceKind.FRONT_READING in sealed(ports, intake)
    card_read(ports, intake)
    assert [EvidenceKind.CHIP_PHOTO] == sealed(ports, intake)


def test_a_picture_that_waits_when_the_card_proves_itself_is_not_read(ports):
    ports.runner.work = lambda _: None
    intake = confirmed(ports)
    check = submit_front_picture(ports, intake, b"picture")
    card_read(ports, intake)
    with ports.ledger.begin() as unit:
        assert CheckState.FAILED is unit.newest_check(intake, CheckKind.FRONT).state
    judged(ports, check.id)
    assert [EvidenceKind.CHIP_PHOTO] == sealed(ports, intake)


def test_a_card_step_that_is_not_written_keeps_what_was_sealed(ports):
    """Photo, state and what is dropped are one transaction: a process that ends in it has done nothing."""
    intake = confirmed(ports)

    class Ending(SealedEvidence):
        def put(self, *_place: object, **_more: object) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        card_read(replace(ports, evidence=ending(ports, Ending)), intake)
    assert [EvidenceKind.CARD_FRONT] == sealed(ports, intake)
    with ports.ledger.begin() as unit:
        assert IntakeState.FRONT_READ is unit.intake(intake).state


def ending(ports: Ports, kind: type[SealedEvidence]) -> SealedEvidence:
    evidence = ports.evidence
    return kind(evidence._database, ports.clock, bytes(KEY_BYTES))
