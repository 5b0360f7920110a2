"""The card front: a picture goes to a worker, or fields come by hand; the resident confirms; both give one object."""

import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import asdict
from datetime import date

from services.domain.card import CardFront
from services.domain.errors import CardFrontUnreadable, ChecksBusy, IntakeNotFound, ResetError, WrongSide
from services.domain.intake import Check, CheckKind, CheckState, Intake, IntakeEvent, IntakeState
from services.domain.reservation import JAPAN
from services.domain.verdicts import FieldReading, FrontFault, FrontReading
from services.ports import CardFrontReader, Evidence, EvidenceKind, Ports
from services.usecases.hand_over import hand_over
from services.usecases.keep_typed import keep_typed
from services.usecases.retake_front import FIELDS, require_picture_left, seal_refused
from services.usecases.under_way import under_way


def submit_front_picture(ports: Ports, intake_id: str, picture: bytes) -> Check:
    """Seals the picture and hands it to a worker; the page then polls the check.

    Raises:
        IntakeEnded, StepNotAllowed: the intake is not at this step.
        FrontByHand: a picture and two retakes were refused.
        ChecksBusy: the queue is full; the picture is dropped.
    """
    intake = under_way(ports, intake_id, IntakeState.STARTED, IntakeState.FRONT_READ)
    with ports.ledger.begin() as unit:
        require_picture_left(unit, intake.id)
    check = Check(secrets.token_hex(16), intake.id, CheckKind.FRONT, CheckState.WAITING, ports.clock.now())
    ports.evidence.drop(intake.id, EvidenceKind.FRONT_READING)
    ports.evidence.put(intake.id, EvidenceKind.FRONT_PICTURE, picture)
    with ports.ledger.begin() as unit:
        unit.add_check(check)
    try:
        hand_over(ports, check)
    except ChecksBusy:
        ports.evidence.drop(intake.id, EvidenceKind.FRONT_PICTURE)
        raise
    return check


def judge_front(ports: Ports, reader: CardFrontReader, check: Check) -> None:
    """In the worker: reads the picture, and seals the reading for the resident to confirm.

    The picture itself is dropped with the decision (`run_check`): a process that is killed before it can be replaced.

    Raises:
        CardFrontUnreadable, WrongSide, ImageTooLarge, ImageUnreadable, CheckLost.
    """
    picture = ports.evidence.get(check.intake_id, EvidenceKind.FRONT_PICTURE)
    if picture is None:
        raise CardFrontUnreadable(reason="gone")
    reading = reader.read(picture)
    if reading.fault is FrontFault.WRONG_SIDE:
        raise WrongSide
    if not reading.accepted:
        seal_refused(ports.evidence, check.intake_id, reading)
        raise CardFrontUnreadable(reason=_first_fault(reading))
    ports.evidence.put(check.intake_id, EvidenceKind.FRONT_READING, _packed(reading))


def front_reading(ports: Ports, intake_id: str) -> FrontReading | None:
    """The reading that waits for the resident's yes."""
    sealed = ports.evidence.get(intake_id, EvidenceKind.FRONT_READING)
    return None if sealed is None else _unpacked(sealed)


def confirm_front(ports: Ports, intake_id: str, front: CardFront, *, method: str) -> Intake:
    """The resident has compared the fields with the card. They stay sealed until the companion asks once.

    Raises:
        CardFrontMalformed: no valid card carries these fields today.
        IntakeEnded, StepNotAllowed: the intake is not at this step.
    """
    now = ports.clock.now()
    front.check_against(now.astimezone(JAPAN).date())
    with ports.ledger.begin() as unit:
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


def failure_of(error: ResetError) -> tuple[str, str | None]:
    """A failed check as its row keeps it: code and reason, nothing else."""
    reason = error.detail.get("reason")
    return error.code, None if reason is None else str(reason)


def _first_fault(reading: FrontReading) -> str:
    if reading.fault is not None:
        return reading.fault.value
    fields = ((name, getattr(reading, name)) for name in FIELDS)
    return next(f"{name}:{field.fault.value}" for name, field in fields if field is None or field.fault is not None)


def _packed(reading: FrontReading) -> bytes:
    fields = {name: asdict(getattr(reading, name)) for name in FIELDS}
    for field in fields.values():
        field["strip"] = b64encode(field["strip"]).decode("ascii")
    return json.dumps(fields).encode("utf-8")


def _unpacked(sealed: bytes) -> FrontReading:
    packed = json.loads(sealed)
    birth, expiry, code = (
        FieldReading(**{**packed[name], "strip": b64decode(packed[name]["strip"])}) for name in FIELDS
    )
    return FrontReading(birth, expiry, code)
