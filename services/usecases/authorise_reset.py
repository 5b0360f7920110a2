"""The issuer's word for one card challenge; `resetting` is committed before it leaves the server."""

from dataclasses import dataclass

from services.domain import policy
from services.domain.errors import ClaimSuperseded, StepNotAllowed, WrongCard
from services.domain.reservation import ReservationEvent
from services.ports import RAISE, AuthorisationRequest, Guard, Ports


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

    Raises:
        ClaimSuperseded: another kiosk has taken over, the lease has ended, or the claim came after the deadline.
        WrongCard: the certificates are not those of the claim.
        AuthorisationRefused, Unavailable: the issuer's answer; the reservation then waits for the card's own word.
    """
    now = ports.clock.now()
    with ports.ledger.begin() as unit:
        held = unit.claim(request.claim_id)
        if held is None or held.terminal_id != request.terminal_id:
            raise ClaimSuperseded
        reservation = unit.reservation(held.reservation_id)
        if ports.proofs.fingerprint(request.identity_certificate) != reservation.card_fingerprint:
            raise WrongCard
        if held.claimed_at >= reservation.expires_at:
            raise ClaimSuperseded
        repeated = held.card_challenge == request.card_challenge and reservation.claim_id == held.id
        if not repeated:
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
                    audit={
                        "claim": held.id,
                        "terminal": request.terminal_id,
                        "number": reservation.authorisations + 1,
                    },
                )
            except StepNotAllowed:
                raise ClaimSuperseded from None
            unit.mark_claim(held.id, authorised_at=now, card_challenge=request.card_challenge)
    return ports.authority.authorise(
        AuthorisationRequest(
            reservation_id=reservation.id,
            kind=reservation.kind,
            identity_certificate=request.identity_certificate,
            certificate=request.certificate,
            card_challenge=request.card_challenge,
        ),
    )
