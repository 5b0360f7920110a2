"""The bodies that a card signs, one for each purpose, made here for server, companion and kiosk alike.

A body is canonical JSON. It names the kind and the hashes of what belongs together, so that photo, person, purpose and
reservation cannot be recombined from different sessions. How body, nonce, origin and purpose become the signed bytes is in
`services/pki/statement.py`; the whole protocol is in `docs/protocols.md`.
"""

from hashlib import sha256

from services.domain.canonical import canonical_json
from services.domain.password import PasswordKind


def reserve_body(session_id: str, kind: PasswordKind, identity_certificate: bytes, card_face_record: bytes) -> bytes:
    """The phone's proof, signed with the key of the *other* password."""
    return canonical_json(
        {
            "card_face": sha256(card_face_record).hexdigest(),
            "identity": sha256(identity_certificate).hexdigest(),
            "kind": kind.value,
            "session": session_id,
        },
    )


def card_face_body(session_id: str) -> bytes:
    """The phone's proof that the card itself is there, signed with the card's own key (internal authentication)."""
    return canonical_json({"session": session_id})


def claim_body(claim_id: str, kind: PasswordKind, identity_certificate: bytes) -> bytes:
    """The kiosk's claim, signed with the key of the *other* password."""
    return canonical_json(
        {"claim": claim_id, "identity": sha256(identity_certificate).hexdigest(), "kind": kind.value},
    )


def complete_body(claim_id: str, kind: PasswordKind, identity_certificate: bytes, certificate: bytes) -> bytes:
    """The evidence: signed with the key that the *new* password guards, and with the identity key over the same bytes."""
    return canonical_json(
        {
            "certificate": sha256(certificate).hexdigest(),
            "claim": claim_id,
            "identity": sha256(identity_certificate).hexdigest(),
            "kind": kind.value,
        },
    )
