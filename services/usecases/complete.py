"""The card has proved the new password: the reservation is consumed, exactly once.

The evidence is a signature by the key that the new password guards, over the claim's completion nonce, and one by the
identity key over the same bytes, which ties the two certificates to one card session. Certificates are verified in memory; only
the keyed fingerprint of the guarded key is kept (the signature certificate carries name and address).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.domain.audit import AuditEvent
from services.domain.errors import ClaimSuperseded, EvidenceInvalid
from services.domain.password import PasswordKind
from services.domain.reservation import RESERVATION, Claim, Reservation, ReservationEvent
from services.domain.statements import complete_body
from services.ports import CardProof, Ports, Purpose, Statement, Unit


class Completion(StrEnum):
    """What became of the evidence."""

    COMPLETED = "completed"
    LATE = "late"  # a newer claim was authorised since: this password may be gone, so nobody is told of it


@dataclass(frozen=True)
class CompleteRequest:
    """The evidence. For a user-authentication reset both certificates and both signatures are the same."""

    claim_id: str
    terminal_id: str
    certificate: bytes
    identity_certificate: bytes
    signature: bytes
    identity_signature: bytes

    def __repr__(self) -> str:
        return f"<CompleteRequest {self.claim_id}>"


def complete(ports: Ports, request: CompleteRequest) -> Completion:
    """Consumes the reservation, or repeats what became of this evidence.

    Raises:
        ClaimSuperseded: no such claim of this terminal, or no reset of this reservation was ever authorised.
        EvidenceInvalid: another card than the reservation's.
        the errors of `CardProofs.verify`.
    """
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        held = unit.claim(request.claim_id)
        if held is None or held.terminal_id != request.terminal_id:
            raise ClaimSuperseded
        reservation = unit.reservation(held.reservation_id)
        if reservation.authorisations == 0:
            raise ClaimSuperseded
    if held.outcome is not None:
        return Completion(held.outcome)
    key = _verified(ports, request, held, reservation, now)
    with ports.ledger.begin() as unit:
        return _settled(unit, held, key, now)


def _settled(unit: Unit, held: Claim, key: str, now: datetime) -> Completion:
    # Held before anything is read: an authorisation that is committed meanwhile must be seen, or wait for us.
    current = unit.hold_reservation(held.reservation_id)
    # Read again: a terminal that asks a second time may have been answered while this question was being verified.
    held = unit.claim(held.id) or held
    if held.outcome is not None:
        return Completion(held.outcome)
    newest = unit.newest_authorised_claim(current.id)
    overtaken = newest is None or newest.fence > held.fence
    outcome = Completion.LATE
    if not overtaken and RESERVATION.allows(current.state, ReservationEvent.COMPLETE):
        outcome = Completion.COMPLETED
    _write(unit, held, outcome, key, now)
    return outcome


def _write(unit: Unit, held: Claim, outcome: Completion, key: str, now: datetime) -> None:
    audit = {"claim": held.id, "terminal": held.terminal_id}
    unit.mark_claim(held.id, outcome=outcome.value)
    if outcome is Completion.LATE:
        unit.record(AuditEvent.EVIDENCE_LATE, held.reservation_id, at=now, actor=held.terminal_id, audit=audit)
        return
    unit.advance(
        held.reservation_id,
        ReservationEvent.COMPLETE,
        at=now,
        actor=held.terminal_id,
        changes={"completed_at": now},
        audit={**audit, "key": key},
    )


def _verified(ports: Ports, request: CompleteRequest, held: Claim, reservation: Reservation, now: datetime) -> str:
    kind = reservation.kind
    body = complete_body(held.id, kind, request.identity_certificate, request.certificate)
    statement = Statement(Purpose.COMPLETE, ports.origin, held.completion_nonce, body)
    guarded = CardProof(request.certificate, request.identity_certificate, request.signature)
    identity = CardProof(request.identity_certificate, request.identity_certificate, request.identity_signature)
    card = ports.proofs.verify(guarded, kind, statement, now)
    holder = ports.proofs.verify(identity, PasswordKind.USER_AUTHENTICATION, statement, now)
    if not card.fingerprint == holder.fingerprint == reservation.card_fingerprint:
        raise EvidenceInvalid
    return card.key_fingerprint
