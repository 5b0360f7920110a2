"""The reset: authorise, write, evidence, deliver; after any doubt the card is asked first.

`spec/card.md` section 5, steps 3a to 10. Wherever it breaks off, calling `reset` again is right: what the card may already have is
found out before anything is written, and writing the same password twice is harmless.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto
from typing import Final

import structlog

from kiosk.answers import Grant
from kiosk.card_steps import holds, same, sign_evidence, write
from kiosk.claiming import Bench, claim
from kiosk.crash import CrashPoint
from kiosk.record import Evidence, Step
from kiosk.server import FINAL_REFUSALS
from kiosk.session import Session
from kiosk.stage import Stage, Tell, tell_nobody
from services.card.session import MyNumberCard
from services.domain.errors import (
    AuthorisationRefused,
    ClaimSuperseded,
    EvidenceInvalid,
    PasswordRejected,
    ReservationExpired,
    ResetError,
    StorageUnavailable,
    WrongCard,
)
from services.domain.password import Password
from services.domain.reservation import printed
from services.domain.weak_password import refuse_weak

DELIVERY_PATIENCE: Final = timedelta(seconds=15)  # the evidence is on disk: the holder need not wait for the server
CLAIMS: Final = 2  # whoever types slowly outlives the lease of the first


log = structlog.get_logger(__name__)


class Outcome(Enum):
    """What the holder may be told."""

    COMPLETED = auto()
    SET_AND_PENDING = auto()  # the card has it and the evidence is on disk; the server will hear of it


def reset(bench: Bench, session: Session, interrupted: Callable[[], bool], tell: Tell = tell_nobody) -> Outcome:
    """Brings the new password onto the card and the proof of it to the server.

    Raises:
        Interrupted: the card was removed while the server was asked.
        PasswordWeak: the card was asked first and does not have this one; nothing was written.
        CardConnectionLost: what the card did is unknown; call again when the same card is back.
        EvidenceInvalid: the password cannot be promised: the card does not take it, a later claim came in between, or the server
            finally refuses the evidence.
        and the errors of the card, the journal and the server.
    """
    for number in range(CLAIMS):
        evidence = _evidence_if_set(bench, session) if session.ask_card_first else None
        if evidence is not None:
            tell(Stage.DELIVER)
            return _deliver(bench, session, evidence)
        tell(Stage.AUTHORISE)
        try:
            authorisation = _authorised(bench, session, interrupted)
        except ClaimSuperseded:
            if number == CLAIMS - 1:
                raise
            # The lease ended while somebody typed, or another terminal had the card in between: the card is here now.
            bench.journal.give_up(_claim_of(session), "superseded")
            claim(bench, session, interrupted)
            continue
        tell(Stage.WRITE)
        _write(bench, session, authorisation)
        tell(Stage.PROVE)
        evidence = _signed_evidence(bench, session)
        tell(Stage.DELIVER)
        return _deliver(bench, session, evidence)
    raise ClaimSuperseded


def _evidence_if_set(bench: Bench, session: Session) -> Evidence | None:
    identity, new = session.identity, _new(session)
    try:
        if bench.desk.run(lambda card: holds(card, identity, new)):
            return _signed_evidence(bench, session)
    except PasswordRejected:
        session.try_used = True
    if not _grant(session).may_authorise:
        raise ReservationExpired(expired_at=printed(_grant(session).expires_at))
    refuse_weak(new, session.known)  # it went unjudged for the card's sake
    return None


def _authorised(bench: Bench, session: Session, interrupted: Callable[[], bool]) -> bytes:
    claim_id, identity = _claim_of(session), session.identity
    bench.journal.advance(claim_id, Step.AUTHORISING)
    bench.cut(CrashPoint.AUTHORISING_JOURNALLED)

    def challenge_of(card: MyNumberCard) -> bytes:
        same(card, identity)
        return card.get_challenge()

    challenge = bench.desk.run(challenge_of)
    bench.cut(CrashPoint.CHALLENGE_TAKEN)
    answer = bench.patience.ask(
        lambda: bench.server.authorise(
            claim_id, identity=identity, certificate=session.other_certificate, challenge=challenge
        ),
        interrupted=interrupted,
    )
    bench.cut(CrashPoint.AUTHORISATION_ANSWERED)
    return answer


def _write(bench: Bench, session: Session, authorisation: bytes) -> None:
    bench.journal.advance(_claim_of(session), Step.RESETTING)
    bench.cut(CrashPoint.RESETTING_JOURNALLED)
    identity, new, doubt_before = session.identity, _new(session), session.write_attempted
    session.write_attempted, sent = True, False

    def sending() -> None:
        nonlocal sent
        sent = True

    try:
        bench.desk.run(lambda card: write(card, identity, authorisation, new, sending=sending))
    except (AuthorisationRefused, WrongCard) as refusal:
        if not sent or isinstance(refusal, AuthorisationRefused):
            session.write_attempted = doubt_before  # the card said no, or is another one that heard nothing
        raise
    bench.cut(CrashPoint.CARD_WRITTEN)


def _signed_evidence(bench: Bench, session: Session) -> Evidence:
    claim_id, identity, new = _claim_of(session), session.identity, _new(session)
    origin, nonce = bench.server.origin, _grant(session).completion_nonce
    evidence = bench.desk.run(lambda card: sign_evidence(card, identity, new, claim_id, origin=origin, nonce=nonce))
    bench.cut(CrashPoint.EVIDENCE_SIGNED)
    return evidence


def _deliver(bench: Bench, session: Session, evidence: Evidence) -> Outcome:
    claim_id = _claim_of(session)
    session.proved = _kept(bench, claim_id, evidence)
    bench.cut(CrashPoint.EVIDENCE_JOURNALLED)
    try:
        answer = bench.patience.ask(lambda: bench.server.complete(claim_id, evidence), limit=DELIVERY_PATIENCE)
    except FINAL_REFUSALS as refusal:
        # The refusal's own words are about a card that was not written. This one may have been, and nothing will prove it.
        log.warning("evidence_refused", claim=claim_id, code=refusal.code)
        session.proved = False
        raise EvidenceInvalid from refusal
    except ResetError as refusal:
        if not session.proved:
            raise
        log.warning("evidence_waits", claim=claim_id, code=refusal.code)
        return Outcome.SET_AND_PENDING
    session.proved = True
    bench.cut(CrashPoint.COMPLETION_ANSWERED)
    session.receipt = answer.receipt
    _settled(bench, claim_id)
    bench.cut(CrashPoint.DONE_JOURNALLED)
    if answer.state == "late":
        raise EvidenceInvalid
    return Outcome.COMPLETED


def _kept(bench: Bench, claim_id: str, evidence: Evidence) -> bool:
    try:
        bench.journal.keep(claim_id, evidence)
    except StorageUnavailable:
        return False  # the disk is full: only the server's answer counts now
    return True


def _settled(bench: Bench, claim_id: str) -> None:
    try:
        bench.journal.settle(claim_id)
    except StorageUnavailable:
        return  # the outbox sends it again, and the server gives the same answer


def _claim_of(session: Session) -> str:
    assert session.claim_id is not None
    return session.claim_id


def _grant(session: Session) -> Grant:
    assert session.grant is not None
    return session.grant


def _new(session: Session) -> Password:
    assert session.new is not None
    return session.new
