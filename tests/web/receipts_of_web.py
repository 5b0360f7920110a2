"""A reset without its pages: a reservation in the ledger becomes `completed`, and has a receipt."""

from builders import World, proof

from services.domain.password import PasswordKind
from services.domain.receipt import Receipt
from services.domain.reservation import Reservation, ReservationState, deadline
from services.domain.terminal import PlaceClass
from services.usecases.authorise_reset import AuthoriseRequest, authorise_reset
from services.usecases.claim import ClaimRequest, claim, open_claim
from services.usecases.complete import CompleteRequest, complete
from services.usecases.receipt import receipt_of_claim

CLAIM = "0b9b5a3e-6f0c-4d5c-9d53-0d9b5a3e6f0c"


def reset_once(world: World, *, card: str = "sakura", claim_id: str = CLAIM) -> Receipt:
    """A new reservation of this card, used at a shop's terminal."""
    _reserve(world, card, PasswordKind.SIGNATURE)
    return use_reservation(world, card=card, kind=PasswordKind.SIGNATURE, claim_id=claim_id)


def use_reservation(
    world: World, *, card: str, kind: PasswordKind, place: PlaceClass = PlaceClass.STORE, claim_id: str = CLAIM
) -> Receipt:
    """The card's reservation is used at a terminal."""
    nonce = open_claim(world.ports, "t1")
    grant = claim(world.ports, ClaimRequest(claim_id, "t1", kind, nonce, proof(kind.other, card, nonce)))
    signed = proof(kind.other, card, b"")
    authorise_reset(
        world.ports, AuthoriseRequest(claim_id, "t1", signed.identity_certificate, signed.certificate, b"c" * 16)
    )
    nonce = grant.claim.completion_nonce
    guarded, identity = proof(kind, card, nonce), proof(PasswordKind.USER_AUTHENTICATION, card, nonce)
    complete(
        world.ports,
        CompleteRequest(claim_id, "t1", guarded.certificate, identity.identity_certificate, nonce, nonce, place),
    )
    kept = receipt_of_claim(world.ports, claim_id)
    assert kept is not None
    return kept


def _reserve(world: World, card: str, kind: PasswordKind) -> None:
    now, proofs = world.clock.now(), world.ports.proofs
    made = Reservation(
        id="0" * 32,
        kind=kind,
        card_fingerprint=proofs.fingerprint(proof(kind, card, b"").identity_certificate),
        other_key_fingerprint=proofs.key_fingerprint(proof(kind.other, card, b"").certificate),
        state=ReservationState.RESERVED,
        reserved_at=now,
        expires_at=deadline(now),
        rehearsal=True,
    )
    with world.ports.ledger.begin() as unit:
        unit.add_reservation(made, actor="resident")
