"""The issuer's word for one card challenge; `resetting` is committed before it leaves the server."""

from dataclasses import dataclass
from datetime import datetime

from services.domain import policy
from services.domain.errors import AuthorisationsSpent, ClaimSuperseded, StepNotAllowed, WrongCard
from services.domain.reservation import Claim, Reservation, ReservationEvent, ReservationState
from services.ports import RAISE, AuthorisationRequest, Guard, Ports, Unit
from services.usecases.suspended import refuse_suspended, reservation_traits, terminal_traits


@dataclass(frozen=True)
class AuthoriseRequest:
    """What the kiosk asks for: the same card, a fresh challenge of 16 bytes from it."""

    claim_id: str
    terminal_id: str
    identity_certificate: bytes
    certificate: bytes
    card_challenge: bytes


def authorise_reset(ports: Ports, request: AuthoriseRequest) -> bytes:
    """Authorises the reset. The same challenge gets the same answer; a new one counts.

    The issuer is asked first, and its answer leaves only when `resetting` is committed: a refusal changes nothing, and a
    power cut in between lets nothing out.

    Raises:
        ClaimSuperseded: another kiosk has taken over, the lease has ended, or the claim came after the deadline.
        AuthorisationsSpent: it was authorised too often already; the same challenge is still answered.
        CohortSuspended: since the claim, something was suspended that this belongs to, and nothing was authorised yet.
        WrongCard: the certificates are not those of the claim.
        AuthorisationRefused, Unavailable: the issuer's answer.
    """
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        _, reservation = _held(ports, unit, request, now)
    if ports.proofs.fingerprint(request.identity_certificate) != reservation.card_fingerprint:
        raise WrongCard
    authorisation = ports.authority.authorise(
        AuthorisationRequest(
            reservation_id=reservation.id,
            kind=reservation.kind,
            identity_certificate=request.identity_certificate,
            certificate=request.certificate,
            card_challenge=request.card_challenge,
        ),
    )
    with ports.ledger.begin() as unit:
        _commit(ports, unit, request, now)
    return authorisation


def _held(ports: Ports, unit: Unit, request: AuthoriseRequest, now: datetime) -> tuple[Claim, Reservation]:
    """The claim and its reservation, when this challenge of the card may be authorised now."""
    held = unit.claim(request.claim_id)
    if held is None or held.terminal_id != request.terminal_id:
        raise ClaimSuperseded
    reservation = unit.hold_reservation(held.reservation_id)
    current = reservation.claim_id == held.id and held.lease_until > now
    if not current or held.claimed_at >= reservation.expires_at:
        raise ClaimSuperseded
    if held.authorised_at is None:  # whoever was authorised may finish
        terminal = terminal_traits(ports, unit, held.terminal_id)
        refuse_suspended(unit, terminal | reservation_traits(reservation, held.card_generations.split()))
    if reservation.authorisations >= policy.AUTHORISATIONS_PER_RESERVATION and not _same_again(
        held, reservation, request
    ):
        raise AuthorisationsSpent
    return held, reservation


def _same_again(held: Claim, reservation: Reservation, request: AuthoriseRequest) -> bool:
    return held.card_challenge == request.card_challenge and reservation.state is ReservationState.RESETTING


def _commit(ports: Ports, unit: Unit, request: AuthoriseRequest, now: datetime) -> None:
    held, reservation = _held(ports, unit, request, now)
    if _same_again(held, reservation, request):
        return
    try:
        unit.advance(
            reservation.id,
            ReservationEvent.AUTHORISE,
            at=now,
            actor=request.terminal_id,
            guard=Guard(
                claim_id=held.id,
                lease_running_at=now,
                authorisations_below=policy.AUTHORISATIONS_PER_RESERVATION,
            ),
            changes={"authorisations": RAISE},
            audit={"claim": held.id, "terminal": request.terminal_id},
        )
    except StepNotAllowed:
        raise ClaimSuperseded from None
    unit.mark_claim(held.id, authorised_at=now, card_challenge=request.card_challenge)
