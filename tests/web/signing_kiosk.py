"""A terminal that signs as `kiosk/` does, and the bodies that it sends."""

import base64
import json
from dataclasses import dataclass
from datetime import timedelta

from api_site import Site
from builders import proof
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reset_app.errors import PROBLEM, Problem
from reset_app.wire import base64url
from services.domain.password import PasswordKind
from services.pki.terminal_signature import HTTPRequest, sign
from services.storage.terminals import PlaceClass, Terminal

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CLAIM = "0b9b5a3e-6f0c-4d5c-9d53-0d9b5a3e6f0c"
CARD = "sakura"


@dataclass
class Kiosk:
    """A terminal that signs as `kiosk/` does."""

    site: Site
    keyid: str = "t1"
    key: Ed25519PrivateKey = KEY

    def signed(self, path: str, body: bytes, *, late: timedelta = timedelta()) -> dict[str, str]:
        request = HTTPRequest("POST", f"{self.site.world.ports.origin}/kiosk-api/v1/{path}", body)
        now = self.site.world.clock.now() - late
        return {**sign(request, self.key, keyid=self.keyid, now=now), "Content-Type": "application/json"}

    def post(self, path: str, body: object = None, *, raw: bytes | None = None, headers: dict | None = None):
        octets = json.dumps(body if body is not None else {}).encode() if raw is None else raw
        headers = self.signed(path, octets) if headers is None else headers
        return self.site.app.test_client().post(f"/kiosk-api/v1/{path}", data=octets, headers=headers)


def enrolled(site: Site) -> Kiosk:
    site.services.terminals.enrol(Terminal("t1", KEY.public_key().public_bytes_raw(), "端末", PlaceClass.STORE))
    return Kiosk(site)


def is_problem(answer, status, code):
    found = Problem.model_validate_json(answer.data)
    assert (answer.status_code, answer.content_type, found.code) == (status, PROBLEM, code)
    return found


def octets_of(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def proof_body(kind, nonce, card=CARD):
    made = proof(kind, card, nonce)
    return {
        "certificate": base64url(made.certificate),
        "identity_certificate": base64url(made.identity_certificate),
        "signature": base64url(made.signature),
    }


def claim_body(nonce, claim_id=CLAIM, card=CARD):
    return {
        "claim_id": claim_id,
        "kind": "signature",
        "nonce": base64url(nonce),
        "proof": proof_body(PasswordKind.USER_AUTHENTICATION, nonce, card),
    }


def claimed(kiosk, claim_id=CLAIM):
    nonce = octets_of(kiosk.post("challenges").json["nonce"])
    return kiosk.post("claims", claim_body(nonce, claim_id))


def authorisation_body(challenge=b"c" * 16):
    made = proof(PasswordKind.SIGNATURE, CARD, b"n")
    return {
        "identity_certificate": base64url(made.identity_certificate),
        "certificate": base64url(made.certificate),
        "card_challenge": base64url(challenge),
    }


def completion_body(nonce):
    guarded = proof(PasswordKind.SIGNATURE, CARD, nonce)
    return {
        "certificate": base64url(guarded.certificate),
        "identity_certificate": base64url(guarded.identity_certificate),
        "signature": base64url(nonce),
        "identity_signature": base64url(nonce),
    }
