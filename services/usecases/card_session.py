"""The companion's turn with the card: opened by the page, attached once, answered once (`docs/protocols.md`)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.domain import policy
from services.domain.audit import AuditEvent
from services.domain.card import CardFront
from services.domain.errors import CardNumberRejected, NonceUsed, ResetError, TooManyAttempts
from services.domain.intake import CardSession, CardSessionState, CheckKind, Intake, IntakeEvent, IntakeState
from services.domain.password import PasswordKind
from services.domain.policy import Attempt
from services.domain.reservation import printed_to_the_second
from services.domain.statements import card_face_body, reserve_body
from services.ports import CardFaceProof, CardProof, EvidenceKind, Ports, Purpose, Statement
from services.usecases.read_card_front import sealed_front
from services.usecases.rejected_front import note_rejected, require_not_rejected
from services.usecases.settle import supersede
from services.usecases.start_intake import token_hash
from services.usecases.under_way import under_way


@dataclass(frozen=True)
class OpenedCardSession:
    """What the page hands to the companion, by a form and never in a URL."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"<OpenedCardSession {self.id}>"


@dataclass(frozen=True)
class CardTask:
    """What the companion is asked to do with the card."""

    session_id: str
    kind: PasswordKind
    nonce: bytes
    origin: str
    front: CardFront
    ends_at: datetime


def open_card_session(ports: Ports, intake_id: str) -> OpenedCardSession:
    """Opens a session for the intake's next step.

    Raises:
        IntakeEnded, StepNotAllowed: the intake is not at this step.
        FrontRejectedBefore: the card refused the confirmed fields; they have to be corrected.
    """
    under_way(ports, intake_id, IntakeState.FRONT_READ)
    require_not_rejected(ports.evidence, intake_id)
    now = ports.clock.now()
    opened = OpenedCardSession(secrets.token_hex(16), secrets.token_urlsafe(32))
    session = CardSession(
        id=opened.id,
        intake_id=intake_id,
        secret_hash=token_hash(opened.secret),
        nonce=secrets.token_bytes(32),
        state=CardSessionState.OPEN,
        created_at=now,
        ends_at=now + policy.NONCE_LIFE,
    )
    with ports.ledger.begin() as unit:
        unit.add_card_session(session)
        unit.add_nonce(session.nonce, Purpose.RESERVE, session.id, issued_at=now, ends_at=session.ends_at)
    return opened


def attach_card_session(ports: Ports, session_id: str, secret: str) -> CardTask:
    """Gives the task to the companion that holds the secret, once.

    Raises:
        NonceUsed: unknown, attached before, or ended.
    """
    session = _session(ports, session_id, secret)
    intake = under_way(ports, session.intake_id, IntakeState.FRONT_READ)
    front = sealed_front(ports.evidence, intake.id)
    with ports.ledger.begin() as unit:
        if not unit.move_card_session(session.id, CardSessionState.OPEN, CardSessionState.ATTACHED):
            raise NonceUsed
    return CardTask(session.id, intake.kind, session.nonce, ports.origin, front, session.ends_at)


def accept_card_proof(ports: Ports, session_id: str, secret: str, proof: CardProof, face: CardFaceProof) -> Intake:
    """Verifies what the card brought; of all that was sealed only the photo is left, until the face check.

    Raises:
        NonceUsed: first of all; the nonce is gone whatever follows.
        TooManyAttempts: too many failed face checks with this card; says when the next is allowed.
        the errors of `CardProofs.verify` and `verify_face`, and of `ResetAuthority.confirm`.
    """
    session = _session(ports, session_id, secret)
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        unit.consume_nonce(session.nonce, Purpose.RESERVE, session.id, at=now)
        intake = unit.intake(session.intake_id)
    try:
        return _verified(ports, session, intake, proof, face)
    except ResetError as refusal:
        _note_failure(ports, session, refusal.code)
        raise


def _verified(ports: Ports, session: CardSession, intake: Intake, proof: CardProof, face: CardFaceProof) -> Intake:
    now = ports.clock.now()
    body = reserve_body(session.id, intake.kind, proof.identity_certificate, face.record)
    statement = Statement(Purpose.RESERVE, ports.origin, session.nonce, body)
    card = ports.proofs.verify(proof, intake.kind.other, statement, now)
    face_statement = Statement(Purpose.CARD_FACE, ports.origin, session.nonce, card_face_body(session.id))
    shown = ports.proofs.verify_face(face, face_statement)
    ports.authority.confirm(proof.identity_certificate, proof.certificate, intake.kind.other, shown.card_key)
    with ports.ledger.begin() as unit:
        check_attempts(unit.failures(card.fingerprint, Attempt.FACE), now, ports.free_face_attempts)
        accepted = unit.advance_intake(
            intake.id,
            IntakeEvent.ACCEPT_CARD,
            at=now,
            changes={
                "card_fingerprint": card.fingerprint,
                "other_key_fingerprint": card.key_fingerprint,
            },
            audit={"card": card.fingerprint, "revocation": card.revocation},
        )
        if not unit.move_card_session(session.id, CardSessionState.ATTACHED, CardSessionState.ACCEPTED):
            raise NonceUsed
        # A picture may have been sent after the fields were confirmed: nothing of the front is asked for any more.
        supersede(ports, unit, intake.id, CheckKind.FRONT)
        ports.evidence.drop(intake.id)
        ports.evidence.put(intake.id, EvidenceKind.CHIP_PHOTO, shown.photo)
    return accepted


def fail_card_session(ports: Ports, session_id: str, secret: str, code: str) -> None:
    """The companion reports that the card session ended without a proof; the page shows the code's help.

    Raises:
        NonceUsed: unknown or ended.
    """
    session = _session(ports, session_id, secret)
    if code == CardNumberRejected.code:
        note_rejected(ports.evidence, session.intake_id)
    _note_failure(ports, session, code)


def check_attempts(failures: tuple[int, datetime | None], now: datetime, free: int = policy.FREE_ATTEMPTS) -> None:
    """Refuses while there is a wait, and says until when.

    Raises:
        TooManyAttempts
    """
    count, last = failures
    if last is None:
        return
    allowed_at = policy.next_attempt(count, last, free)
    if allowed_at > now:
        wait = -((now - allowed_at) // timedelta(seconds=1))  # a whole second more rather than less
        raise TooManyAttempts(next_allowed_at=printed_to_the_second(allowed_at), wait_s=wait)


def _session(ports: Ports, session_id: str, secret: str) -> CardSession:
    with ports.ledger.begin() as unit:
        session = unit.card_session(session_id)
    known = session is not None and secrets.compare_digest(session.secret_hash, token_hash(secret))
    if session is None or not known or session.ends_at <= ports.clock.now():
        raise NonceUsed
    return session


def _note_failure(ports: Ports, session: CardSession, code: str) -> None:
    with ports.ledger.begin() as unit:
        sources = (CardSessionState.OPEN, CardSessionState.ATTACHED)
        moved = [
            unit.move_card_session(session.id, source, CardSessionState.FAILED, failure=code) for source in sources
        ]
        if any(moved):
            audit = {"code": code}
            unit.record(
                AuditEvent.CARD_REFUSED, session.intake_id, at=ports.clock.now(), actor="companion", audit=audit
            )
