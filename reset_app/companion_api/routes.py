"""The companion's endpoints. Whoever holds a session's one-use secret may enter."""

from typing import Final

import structlog
from flask import Blueprint, Response, current_app, jsonify

from reset_app import services
from reset_app.companion_api.schemas import (
    AttachBody,
    FailureBody,
    FailureGiven,
    NumberB,
    ResultBody,
    ResultGiven,
    TaskGiven,
)
from reset_app.openapi import document, operation
from reset_app.wire import answer, moment, parsed
from services.domain import errors
from services.domain.card import CardFront
from services.usecases.card_session import accept_card_proof, attach_card_session, fail_card_session

log = structlog.get_logger()
blueprint: Final = Blueprint("companion_api", __name__, url_prefix="/companion-api/v1")
blueprint.entry = "companion"  # type: ignore[attr-defined]  # who may enter, which a test asks of every blueprint

PROOF_REFUSALS: Final = (
    errors.NonceUsed,
    errors.ProofMalformed,
    errors.CertificateUntrusted,
    errors.CertificateExpired,
    errors.CertificateRevoked,
    errors.CertificateHeld,
    errors.CertificateUnknown,
    errors.RevocationUnavailable,
    errors.CardSignatureInvalid,
    errors.CardFaceForged,
    errors.CardCloned,
    errors.AuthorisationRefused,
    errors.Unavailable,
    errors.TooManyAttempts,
    errors.IntakeEnded,
    errors.StepNotAllowed,
)


@blueprint.post("/card-sessions/<hexadecimal:session_id>/attach")
@operation(
    "Takes the session that the page opened, once",
    takes=AttachBody,
    gives=TaskGiven,
    refuses=(errors.NonceUsed, errors.IntakeNotFound, errors.IntakeEnded, errors.StepNotAllowed),
)
def attach(session_id: str) -> Response:
    """The task, for the companion that holds the secret."""
    body = parsed(AttachBody)
    task = attach_card_session(services().ports, session_id, body.secret)
    log.info("companion_attached", agent=body.agent.name, version=body.agent.version, reader=body.agent.reader)
    given = TaskGiven(
        kind=task.kind,
        nonce=task.nonce,
        origin=task.origin,
        number_b=_number_b(task.front),
        ends_at=moment(task.ends_at),
        rehearsal=services().ports.rehearsal,
    )
    return answer(given)


@blueprint.post("/card-sessions/<hexadecimal:session_id>/result")
@operation("Brings what the card proved", takes=ResultBody, gives=ResultGiven, refuses=PROOF_REFUSALS)
def result(session_id: str) -> Response:
    """The proof is verified, or refused; the session's nonce is gone either way."""
    body = parsed(ResultBody)
    accept_card_proof(services().ports, session_id, body.secret, body.proof, body.card_face.proof)
    return answer(ResultGiven())


@blueprint.post("/card-sessions/<hexadecimal:session_id>/failure")
@operation("Reports that there will be no proof", takes=FailureBody, gives=FailureGiven, refuses=(errors.NonceUsed,))
def failure(session_id: str) -> Response:
    """The page then shows the code's help."""
    body = parsed(FailureBody)
    fail_card_session(services().ports, session_id, body.secret, body.code)
    return answer(FailureGiven())


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """This interface's OpenAPI document."""
    return jsonify(document(current_app, blueprint, title="Companion", server=services().settings.origin))


def _number_b(front: CardFront) -> NumberB:
    return NumberB(
        birth=front.birth.isoformat(),
        expiry=front.expiry.isoformat(),
        security_code=front.security_code,
        western_birth_year=front.western_birth_year,
    )
