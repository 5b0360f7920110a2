"""What a companion sends, for the scripted card, and what it gets back."""

import base64

from builders import FACE, proof

from reset_app.errors import PROBLEM, Problem
from reset_app.wire import base64url
from services.domain.password import PasswordKind

AGENT = {"name": "test", "version": "1", "reader": "reader 1"}
UNKNOWN = "0" * 32
VERBS = ("attach", "result", "failure")


def sender(app):
    client = app.test_client()

    def send(session, verb, body):
        return client.post(f"/companion-api/v1/card-sessions/{session}/{verb}", json=body)

    return send


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def result_body(secret, nonce, card="sakura"):
    made = proof(PasswordKind.USER_AUTHENTICATION, card, nonce)
    return {
        "secret": secret,
        "certificate": base64url(made.certificate),
        "identity_certificate": base64url(made.identity_certificate),
        "signature": base64url(made.signature),
        "card_face": {
            "record": base64url(FACE.record),
            "cv_certificate": base64url(FACE.cv_certificate),
            "challenge_signature": base64url(FACE.challenge_signature),
        },
    }


def attached(post, session):
    return post(session.id, "attach", {"secret": session.secret, "agent": AGENT})


def is_problem(answer, status, code):
    found = Problem.model_validate_json(answer.data)
    assert (answer.status_code, answer.content_type, found.code, found.status) == (status, PROBLEM, code, status)
    return found
