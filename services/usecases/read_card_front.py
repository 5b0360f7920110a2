"""The card front: a picture goes to a worker, or fields come by hand; the resident confirms; both give one object."""

import json
import secrets
from dataclasses import dataclass
from datetime import date

from services.domain.card import CardFront
from services.domain.errors import CardFrontUnreadable, CheckLost, ChecksBusy, IntakeNotFound, StepNotAllowed, WrongSide
from services.domain.intake import Check, CheckKind, CheckState, Intake, IntakeEvent, IntakeState
from services.domain.reservation import JAPAN
from services.domain.verdicts import FrontFault, FrontReading
from services.ports import CardFrontReader, Evidence, EvidenceKind, Ports, Unit
from services.usecases.hand_over import hand_over
from services.usecases.keep_typed import keep_typed
from services.usecases.retake_front import require_picture_left
from services.usecases.sealed_reading import FIELDS, seal_reading, sealed_fields
from services.usecases.settle import settle_failed, settle_passed, supersede
from services.usecases.under_way import under_way


@dataclass(frozen=True)
class ReadFront:
    """A reading that waits for the resident's yes, and the check whose picture it was read from."""

    check_id: str
    reading: FrontReading


def submit_front_picture(ports: Ports, intake_id: str, picture: bytes) -> Check:
    """Seals the picture and hands it to a worker; the page then polls the check.

    A new picture takes the place of the one before it: a check that still waits is ended, and a reading is gone.

    Raises:
        IntakeEnded, StepNotAllowed: the intake is not at this step.
        FrontByHand: a picture and two retakes were refused.
        ChecksBusy: the queue is full; the picture is dropped.
    """
    intake = under_way(ports, intake_id, IntakeState.STARTED, IntakeState.FRONT_READ)
    check = Check(secrets.token_hex(16), intake.id, CheckKind.FRONT, CheckState.WAITING, ports.clock.now())
    with ports.ledger.begin() as unit:
        require_picture_left(unit, intake.id)
        supersede(ports, unit, intake.id, CheckKind.FRONT)
        ports.evidence.drop(intake.id, EvidenceKind.FRONT_PICTURE, EvidenceKind.FRONT_READING)
        unit.add_check(check)
        ports.evidence.put(intake.id, EvidenceKind.FRONT_PICTURE, picture, label=check.id)
    try:
        hand_over(ports, check)
    except ChecksBusy:
        ports.evidence.drop(intake.id, EvidenceKind.FRONT_PICTURE, label=check.id)
        raise
    return check


def judge_front(ports: Ports, reader: CardFrontReader, check: Check) -> FrontReading:
    """In the worker: reads the check's picture, and writes nothing.

    Raises:
        ImageTooLarge, ImageUnreadable: the picture cannot be opened.
        CheckLost: the picture is gone; it was not looked at, so it is not refused.
    """
    picture = ports.evidence.get(check.intake_id, EvidenceKind.FRONT_PICTURE, label=check.id)
    if picture is None:
        raise CheckLost(reason="gone")
    return reader.read(picture)


def settle_front(ports: Ports, unit: Unit, check: Check, reading: FrontReading) -> None:
    """Ends the check by its reading, and seals what the resident is shown of it; a check that has ended gets nothing.

    Raises:
        IntakeEnded, StepNotAllowed: the intake is no longer at this step.
    """
    under_way(ports, check.intake_id, IntakeState.STARTED, IntakeState.FRONT_READ)
    refusal = _refusal_of(reading)
    if settle_passed(ports, unit, check) if refusal is None else settle_failed(ports, unit, check, refusal):
        seal_reading(ports.evidence, check, reading)


def front_reading(ports: Ports, intake_id: str) -> ReadFront | None:
    """The reading that waits for the resident's yes: that of the newest picture, or none."""
    with ports.ledger.begin() as unit:
        check = unit.newest_check(intake_id, CheckKind.FRONT)
    if check is None or check.state is not CheckState.PASSED:
        return None
    fields = sealed_fields(ports.evidence, check)
    if not fields:
        return None  # confirmed, or its minutes are over
    return ReadFront(check.id, FrontReading(fields["birth"], fields["expiry"], fields["security_code"]))


def confirm_front(
    ports: Ports, intake_id: str, front: CardFront, *, method: str, check_id: str | None = None
) -> Intake:
    """The resident has compared the fields with the card. They stay sealed until the companion asks once.

    `check_id` is the check whose reading the resident saw; `None` where they typed.

    Raises:
        CardFrontMalformed: no valid card carries these fields today.
        IntakeEnded, StepNotAllowed: the intake is not at this step, or another picture has been sent since.
    """
    now = ports.clock.now()
    front.check_against(now.astimezone(JAPAN).date())
    with ports.ledger.begin() as unit:
        newest = unit.newest_check(intake_id, CheckKind.FRONT)
        if check_id is not None and (newest is None or newest.id != check_id):
            raise StepNotAllowed(machine="front", state="another_reading", event="confirm")
        supersede(ports, unit, intake_id, CheckKind.FRONT)
        intake = unit.advance_intake(intake_id, IntakeEvent.ACCEPT_FRONT, at=now, audit={"method": method})
        seal_front(ports.evidence, intake_id, front)
        keep_typed(ports, intake_id, {})  # what is confirmed now counts, not what was typed before
        ports.evidence.drop(intake_id, EvidenceKind.FRONT_PICTURE, EvidenceKind.FRONT_READING)
    return intake


def seal_front(evidence: Evidence, intake_id: str, front: CardFront) -> None:
    """Keeps the confirmed fields, encrypted, for minutes."""
    fields = {
        "birth": front.birth.isoformat(),
        "expiry": front.expiry.isoformat(),
        "security_code": front.security_code,
        "western": front.western_birth_year,
    }
    evidence.put(intake_id, EvidenceKind.CARD_FRONT, json.dumps(fields).encode("utf-8"))


def sealed_front(evidence: Evidence, intake_id: str) -> CardFront:
    """The confirmed fields.

    Raises:
        IntakeNotFound: they have expired.
    """
    sealed = evidence.get(intake_id, EvidenceKind.CARD_FRONT)
    if sealed is None:
        raise IntakeNotFound
    fields = json.loads(sealed)
    return CardFront(
        birth=date.fromisoformat(fields["birth"]),
        expiry=date.fromisoformat(fields["expiry"]),
        security_code=fields["security_code"],
        western_birth_year=fields["western"],
    )


def _refusal_of(reading: FrontReading) -> CardFrontUnreadable | WrongSide | None:
    if reading.accepted:
        return None
    return WrongSide() if reading.fault is FrontFault.WRONG_SIDE else CardFrontUnreadable(reason=_first_fault(reading))


def _first_fault(reading: FrontReading) -> str:
    if reading.fault is not None:
        return reading.fault.value
    fields = ((name, getattr(reading, name)) for name in FIELDS)
    return next(f"{name}:{field.fault.value}" for name, field in fields if field is None or field.fault is not None)
