"""The kiosk's endpoints. Terminals with a key of their own may enter; every call may be repeated."""

from typing import Final

from flask import Blueprint, Response, current_app, g, jsonify, request

from reset_app import services
from reset_app.companion_api.routes import PROOF_REFUSALS
from reset_app.kiosk_api.authentication import authenticate, forget
from reset_app.kiosk_api.schemas import (
    AuthorisationBody,
    AuthorisationGiven,
    ChallengeBody,
    ChallengeGiven,
    ClaimBody,
    ClaimGiven,
    CompletionBody,
    CompletionGiven,
    ReceiptGiven,
    ReleaseBody,
    ReleaseGiven,
)
from reset_app.openapi import document, operation
from reset_app.wire import answer, moment, parsed
from services.domain import errors
from services.usecases.authorise_reset import AuthoriseRequest, authorise_reset
from services.usecases.claim import ClaimRequest, claim, open_claim
from services.usecases.complete import CompleteRequest, Completion, complete
from services.usecases.receipt import receipt_of_claim
from services.usecases.release import release

blueprint: Final = Blueprint("kiosk_api", __name__, url_prefix="/kiosk-api/v1")
blueprint.entry = "terminal"  # type: ignore[attr-defined]  # who may enter, which a test asks of every blueprint

_CERTIFICATES: Final = PROOF_REFUSALS[:9]
SIGNED: Final = (errors.TerminalRefused, errors.TerminalUnknown, errors.TerminalRevoked, errors.RequestReplayed)
_PLACE: Final = (errors.PlaceSuspended, errors.BuildSuspended)
_ANYTHING: Final = (*_PLACE, errors.CardGenerationSuspended, errors.MatcherSuspended)
_NO_RESERVATION: Final = (
    errors.ReservationNotFound,
    errors.ReservationExpired,
    errors.ReservationUsed,
    errors.ReservationCancelled,
    errors.ReservationOfOtherKind,
)
# The document, a policy that anybody may check, and a terminal that is not enrolled yet: its own key signs, see `device`.
_OPEN: Final = frozenset({"openapi", "policy", "enrol"})


@blueprint.before_request
def enter() -> None:
    """Every other request is signed by an enrolled terminal."""
    if (request.endpoint or "").rpartition(".")[2] not in _OPEN:
        authenticate()


@blueprint.teardown_request
def leave(_error: BaseException | None) -> None:
    """The thread serves another terminal next."""
    forget()


@blueprint.post("/challenges")
@operation(
    "Asks for a nonce that the card signs a claim over",
    takes=ChallengeBody,
    gives=ChallengeGiven,
    refuses=(*SIGNED, *_PLACE),
)
def challenge() -> Response:
    """A fresh nonce for this terminal."""
    parsed(ChallengeBody)
    nonce = open_claim(services().ports, g.terminal_id)
    return answer(ChallengeGiven(nonce=nonce, origin=services().ports.origin))


@blueprint.post("/claims")
@operation(
    "Claims the reservation of the card that lies on the reader",
    takes=ClaimBody,
    gives=ClaimGiven,
    refuses=(
        *SIGNED,
        *_ANYTHING,
        *_CERTIFICATES,
        *_NO_RESERVATION,
        errors.ReservationInUse,
        errors.ClaimSuperseded,
    ),
)
def claim_reservation() -> Response:
    """The claim, or the same answer to the same claim."""
    body = parsed(ClaimBody)
    granted = claim(
        services().ports,
        ClaimRequest(body.claim_id, g.terminal_id, body.kind, body.nonce, body.proof.proof),
    )
    given = ClaimGiven(
        claim_id=granted.claim.id,
        reservation_id=granted.claim.reservation_id,
        kind=granted.kind,
        code_words=list(granted.code_words),
        fence=granted.claim.fence,
        lease_until=moment(granted.claim.lease_until),
        expires_at=moment(granted.expires_at),
        completion_nonce=granted.claim.completion_nonce,
        evidence_first=granted.evidence_first,
        may_authorise=granted.may_authorise,
    )
    return answer(given)


@blueprint.post("/claims/<claim_id:claim_id>/authorisation")
@operation(
    "Asks for the issuer's word; the reservation is `resetting` before the answer leaves",
    takes=AuthorisationBody,
    gives=AuthorisationGiven,
    refuses=(
        *SIGNED,
        *_ANYTHING,
        errors.AuthorisationsSpent,
        errors.ClaimSuperseded,
        errors.WrongCard,
        errors.AuthorisationRefused,
        errors.Unavailable,
    ),
)
def authorisation(claim_id: str) -> Response:
    """The issuer's word for this challenge."""
    body = parsed(AuthorisationBody)
    word = authorise_reset(
        services().ports,
        AuthoriseRequest(
            claim_id=claim_id,
            terminal_id=g.terminal_id,
            identity_certificate=body.identity_certificate,
            certificate=body.certificate,
            card_challenge=body.card_challenge,
        ),
    )
    return answer(AuthorisationGiven(authorisation=word))


@blueprint.post("/claims/<claim_id:claim_id>/completion")
@operation(
    "Brings the evidence that the card has the new password; may arrive late",
    takes=CompletionBody,
    gives=CompletionGiven,
    refuses=(*SIGNED, *_CERTIFICATES[1:], errors.ClaimSuperseded, errors.EvidenceInvalid),
)
def completion(claim_id: str) -> Response:
    """What became of the evidence."""
    body = parsed(CompletionBody)
    state = complete(
        services().ports,
        CompleteRequest(
            claim_id=claim_id,
            terminal_id=g.terminal_id,
            certificate=body.certificate,
            identity_certificate=body.identity_certificate,
            signature=body.signature,
            identity_signature=body.identity_signature,
            place=services().terminals.active(g.terminal_id).place,
        ),
    )
    return answer(CompletionGiven(state=state, receipt=_receipt(claim_id) if state is Completion.COMPLETED else None))


def _receipt(claim_id: str) -> ReceiptGiven | None:
    kept = receipt_of_claim(services().ports, claim_id)
    return None if kept is None else ReceiptGiven.model_validate_json(kept.octets)


@blueprint.post("/claims/<claim_id:claim_id>/release")
@operation("Gives the reservation back", takes=ReleaseBody, gives=ReleaseGiven, refuses=SIGNED)
def release_reservation(claim_id: str) -> Response:
    """Safe to repeat."""
    body = parsed(ReleaseBody)
    released = release(services().ports, claim_id, g.terminal_id, why=body.why)
    return answer(ReleaseGiven(state="not_held" if released is None else "released"))


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """This interface's OpenAPI document."""
    return jsonify(
        document(
            current_app,
            blueprint,
            title="Kiosk",
            server=services().settings.origin,
            security={
                "type": "http",
                "scheme": "signature",
                "description": "RFC 9421 with the terminal's Ed25519 key; see docs/protocols.md.",
            },
        )
    )
