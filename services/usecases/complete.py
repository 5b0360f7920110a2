"""The card has proved the new password: the reservation is consumed, exactly once.

The evidence is a signature by the key that the new password guards, over the claim's completion nonce, and one by the
identity key over the same bytes, which ties the two certificates to one card session. Certificates are verified in memory; only
the keyed fingerprint of the guarded key is kept (the signature certificate carries name and address).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.domain.audit import AuditEvent
from services.domain.errors import ClaimSuperseded, EvidenceInvalid, StepNotAllowed
from services.domain.password import PasswordKind
from services.domain.reservation import Claim, Reservation, ReservationEvent, ReservationState
from services.domain.statements import complete_body
from services.ports import CardProof, Guard, Ports, Purpose, Statement


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
    key = _verified(ports, request, held, reservation, now)
    with ports.ledger.begin() as unit:
        # Read again: a terminal that asks a second time may have been answered while this question was being verified.
        held = unit.claim(held.id) or held
        newest = unit.newest_authorised_claim(reservation.id)
        current = unit.reservation(reservation.id)
        audit = {"claim": held.id, "terminal": request.terminal_id}
        if held.outcome is not None:
            return Completion(held.outcome)
        if current.state is ReservationState.COMPLETED or newest is None or newest.fence > held.fence:
            unit.mark_claim(held.id, outcome=Completion.LATE.value)
            unit.record(AuditEvent.EVIDENCE_LATE, reservation.id, at=now, actor=request.terminal_id, audit=audit)
            return Completion.LATE
        try:
            unit.advance(
                reservation.id,
                ReservationEvent.COMPLETE,
                at=now,
                actor=request.terminal_id,
                guard=Guard(),
                changes={"completed_at": now},
                audit={**audit, "key": key},
            )
        except StepNotAllowed:
            answered = unit.claim(held.id)
            if answered is not None and answered.outcome is not None:
                return Completion(answered.outcome)
            unit.record(AuditEvent.EVIDENCE_LATE, reservation.id, at=now, actor=request.terminal_id, audit=audit)
            unit.mark_claim(held.id, outcome=Completion.LATE.value)
            return Completion.LATE
        unit.mark_claim(held.id, outcome=Completion.COMPLETED.value)
    return Completion.COMPLETED


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
