"""A terminal policy as a terminal reads it, from `docs/protocols.md`, written a second time: one mistake is not made twice."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.conformance.report import NotMet, demand
from services.domain.base64url import octets_of
from services.domain.canonical import canonical_json

HEARTBEAT_S: Final = 20
LONGEST_LIFE_S: Final = 45
_LABEL: Final = b"pinreset terminal policy 1\x00"
_FORMAT: Final = "terminal-policy:1"
_FIELDS: Final[Mapping[str, type]] = {
    "format": str,
    "serial": int,
    "issued_at": str,
    "valid_s": int,
    "answers": str,
    "suspensions": list,
    "maintenance": list,
}


@dataclass(frozen=True)
class Policy:
    """The document of an answer, its octets, and the signature that came with them."""

    document: dict[str, Any]
    octets: bytes
    signature: bytes

    def demand_signed(self, public_key: bytes) -> None:
        """Raises NotMet where this Ed25519 key, 32 octets, did not sign it."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(self.signature, _LABEL + self.octets)
        except InvalidSignature:
            raise NotMet("the policy is not signed with the policy key") from None


def read_policy(answer: Mapping[str, Any]) -> Policy:
    """The policy in the answer to a heartbeat; whether its signature holds is not asked here.

    Raises:
        NotMet: not in the form of the document, or not in its canonical octets (RFC 8785).
    """
    try:
        octets, signature = octets_of(answer["policy"]), octets_of(answer["signature"])
        document = json.loads(octets)
    except (ValueError, KeyError, TypeError):
        raise NotMet("the answer is no policy with a signature") from None
    demand(isinstance(document, dict) and set(document) == set(_FIELDS), "the policy has not the document's fields")
    for name, kind in _FIELDS.items():
        demand(type(document[name]) is kind, f"the policy's {name} is not in its form")
    demand(document["format"] == _FORMAT, "the policy is of another format")
    demand(canonical_json(document) == octets, "the policy's octets are not canonical")
    demand(datetime.fromisoformat(document["issued_at"]).utcoffset() is not None, "issued_at is without a zone")
    return Policy(document, octets, signature)
