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
from services.domain.terminal import PlaceClass
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
    place: PlaceClass | None = None  # where the terminal stands, for the receipt; without it there is none

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
        return _settled(unit, held, key, request.place, now)


def _settled(unit: Unit, held: Claim, key: str, place: PlaceClass | None, now: datetime) -> Completion:
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
    if outcome is Completion.LATE:
        _write_late(unit, held, now)
    else:
        _write_completed(unit, held, {"key": key, **_told_by_receipt(current.kind, place)}, now)
    return outcome


def _told_by_receipt(kind: PasswordKind, place: PlaceClass | None) -> dict[str, str]:
    return {"kind": kind.value} if place is None else {"kind": kind.value, "place": place.value}


def _write_late(unit: Unit, held: Claim, now: datetime) -> None:
    unit.mark_claim(held.id, outcome=Completion.LATE.value)
    unit.record(AuditEvent.EVIDENCE_LATE, held.reservation_id, at=now, actor=held.terminal_id, audit=_by_claim(held))


def _write_completed(unit: Unit, held: Claim, told: dict[str, str], now: datetime) -> None:
    unit.mark_claim(held.id, outcome=Completion.COMPLETED.value)
    unit.advance(
        held.reservation_id,
        ReservationEvent.COMPLETE,
        at=now,
        actor=held.terminal_id,
        changes={"completed_at": now},
        audit={**_by_claim(held), **told},
    )


def _by_claim(held: Claim) -> dict[str, str]:
    return {"claim": held.id, "terminal": held.terminal_id}


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
