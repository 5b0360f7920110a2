"""A kiosk claims the reservation of the card that lies on it. One winner; a later card signature supersedes.

The card's signature over our nonce is the proof of presence. A claim takes over another one only with a nonce that was issued
*after* that claim was made: sixteen requests prepared beforehand have one winner, and a resident who walked on to another
kiosk is not locked out by the first.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from services.domain import policy
from services.domain.errors import (
    ClaimSuperseded,
    ReservationCancelled,
    ReservationExpired,
    ReservationInUse,
    ReservationNotFound,
    ReservationOfOtherKind,
    ReservationUsed,
    ResetError,
    StepNotAllowed,
)
from services.domain.password import PasswordKind
from services.domain.reservation import LEASE, Claim, Reservation, ReservationEvent, ReservationState, printed
from services.domain.statements import claim_body
from services.ports import RAISE, CardProof, Guard, Ports, ProvenCard, Purpose, Statement, Unit
from services.usecases.suspended import Traits, refuse_suspended, reservation_traits, terminal_traits


@dataclass(frozen=True)
class ClaimRequest:
    """What the kiosk brings. It made the id, so that a lost answer can be asked for again."""

    claim_id: str
    terminal_id: str
    kind: PasswordKind
    nonce: bytes
    proof: CardProof


@dataclass(frozen=True)
class ClaimGrant:
    """What the kiosk may do now. `evidence_first`: the card may have been changed under an earlier claim."""

    claim: Claim
    kind: PasswordKind
    code_words: tuple[str, ...]
    expires_at: datetime
    evidence_first: bool
    may_authorise: bool


def open_claim(ports: Ports, terminal_id: str) -> bytes:
    """A nonce for the card to sign.

    Raises:
        CohortSuspended: its children say what is.
    """
    nonce = secrets.token_bytes(32)
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        refuse_suspended(unit, terminal_traits(ports, unit, terminal_id))
        unit.add_nonce(nonce, Purpose.CLAIM, terminal_id, issued_at=now, ends_at=now + policy.CLAIM_NONCE_LIFE)
    return nonce


def claim(ports: Ports, request: ClaimRequest) -> ClaimGrant:
    """Claims the card's reservation, or repeats the answer to the same claim.

    Raises:
        NonceUsed, and the errors of `CardProofs.verify`.
        ReservationNotFound: none; its children say why, to a card that has proved whose it is (ADR 0014).
        ReservationInUse: another kiosk claimed it after our nonce was issued.
        ClaimSuperseded: this claim was made, and another kiosk has taken over since.
        CohortSuspended: the terminal, the card or the reservation belongs to what is suspended.
    """
    now = ports.clock.now()
    body = claim_body(request.claim_id, request.kind, request.proof.identity_certificate)
    statement = Statement(Purpose.CLAIM, ports.origin, request.nonce, body)
    repeated = _repeated(ports, request)
    if repeated is not None:
        card = ports.proofs.verify(request.proof, request.kind.other, statement, now)
        return _same_answer(ports, repeated, card, now)
    card = ports.proofs.verify(request.proof, request.kind.other, statement, now)
    # The nonce goes with the claim: where a check cannot be made just now, the same request may be sent again.
    with ports.ledger.begin() as unit:
        issued_at = unit.consume_nonce(request.nonce, Purpose.CLAIM, request.terminal_id, at=now)
        terminal = terminal_traits(ports, unit, request.terminal_id)
        return _claimed(unit, request, card, terminal, issued_at=issued_at, now=now)


def take(  # noqa: PLR0913  # one conditional UPDATE and all that it is conditional on
    unit: Unit, reservation: Reservation, claim_id: str, terminal_id: str, *, issued_at: datetime, now: datetime
) -> Reservation:
    """Moves the reservation to this claim; the database decides who wins.

    Raises:
        ReservationInUse: another claim has it, and our nonce is not newer than that claim.
    """
    changes = {"claim_id": claim_id, "claimed_at": now, "lease_until": now + LEASE, "fence": RAISE}
    audit = {"claim": claim_id, "terminal": terminal_id}  # the ledger adds the fence as the database counted it
    attempts = [
        (ReservationEvent.CLAIM, Guard(unexpired_at=_still_usable(reservation, now))),
        (ReservationEvent.SUPERSEDE, Guard(claimed_before=issued_at)),
        (ReservationEvent.SUPERSEDE, Guard(lease_ended_at=now)),
    ]
    for event, guard in attempts:
        try:
            return unit.advance(
                reservation.id,
                event,
                at=now,
                actor=terminal_id,
                guard=guard,
                changes=changes,
                audit=audit,
            )
        except StepNotAllowed:
            continue
    raise ReservationInUse


def _still_usable(reservation: Reservation, now: datetime) -> datetime | None:
    # A doubt may be settled at a kiosk even after the deadline; it cannot be authorised again then.
    return None if reservation.state is ReservationState.UNKNOWN else now


def _claimed(  # noqa: PLR0913  # one claim and all that it depends on
    unit: Unit, request: ClaimRequest, card: ProvenCard, terminal: Traits, *, issued_at: datetime, now: datetime
) -> ClaimGrant:
    refuse_suspended(unit, terminal)
    found = unit.live_reservation(card.fingerprint, request.kind)
    if found is None or (found.expires_at <= now and found.authorisations == 0):
        raise _why_none(unit, request.kind, card, now)
    # Nothing on a card binds its two certificates: the key that made the reservation is the one that may claim it.
    if found.other_key_fingerprint != card.key_fingerprint:
        raise ReservationNotFound
    if found.authorisations == 0:  # a doubt may be settled whatever is suspended: it is about what has happened
        refuse_suspended(unit, reservation_traits(found, card.generations))
    taken = take(unit, found, request.claim_id, request.terminal_id, issued_at=issued_at, now=now)
    made = Claim(
        id=request.claim_id,
        reservation_id=taken.id,
        terminal_id=request.terminal_id,
        fence=taken.fence,
        claimed_at=now,
        lease_until=now + LEASE,
        completion_nonce=secrets.token_bytes(32),
        card_generations=" ".join(card.generations),
    )
    unit.add_claim(made)
    return grant(taken, made)


def _why_none(unit: Unit, kind: PasswordKind, card: ProvenCard, now: datetime) -> ReservationNotFound:
    """What the holder may know of the reservation that is not there."""
    last = unit.newest_reservation(card.fingerprint, kind)
    mine = last is not None and last.other_key_fingerprint == card.key_fingerprint
    # The signature key proves nothing about the identity certificate beside it; the user-authentication key is that certificate's.
    other = unit.live_reservation(card.fingerprint, kind.other) if kind is PasswordKind.SIGNATURE else None
    if other is not None and other.expires_at > now:
        return ReservationOfOtherKind()
    if last is None or not mine:
        return ReservationNotFound()
    match last.state:
        case ReservationState.COMPLETED:
            return ReservationUsed()
        case ReservationState.CANCELLED:
            return ReservationCancelled()
        case _:
            return ReservationExpired(expired_at=printed(last.expires_at))


def grant(reservation: Reservation, made: Claim) -> ClaimGrant:
    """The answer that belongs to a claim."""
    return ClaimGrant(
        claim=made,
        kind=reservation.kind,
        code_words=reservation.code_words,
        expires_at=reservation.expires_at,
        evidence_first=reservation.authorisations > 0,
        may_authorise=made.claimed_at < reservation.expires_at,
    )


def _repeated(ports: Ports, request: ClaimRequest) -> Claim | None:
    with ports.ledger.begin() as unit:
        known = unit.claim(request.claim_id)
    if known is not None and known.terminal_id != request.terminal_id:
        raise ClaimSuperseded
    return known


def _same_answer(ports: Ports, known: Claim, card: ProvenCard, now: datetime) -> ClaimGrant:
    with ports.ledger.begin() as unit:
        reservation = unit.reservation(known.reservation_id)
    mine: ResetError | None = None
    if reservation.card_fingerprint != card.fingerprint:
        mine = ReservationNotFound()
    elif reservation.claim_id != known.id or known.lease_until <= now:
        mine = ClaimSuperseded()
    if mine is not None:
        raise mine
    if known.authorised_at is None:
        with ports.ledger.begin() as unit:
            refuse_suspended(unit, terminal_traits(ports, unit, known.terminal_id))
    return grant(reservation, known)
