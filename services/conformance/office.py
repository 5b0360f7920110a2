"""The server's other half for a terminal under test: enrols it with any code, and tells it a policy that stops nothing."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.conformance.replies import Reply, answered
from services.domain.base64url import base64url
from services.domain.terminal_policy import POLICY_LIFE, TerminalPolicy
from services.pki.policy_signature import PolicySigner

CALLS = ("enrolments", "heartbeats")


@dataclass
class Office:
    """One terminal's. The policy key is made anew for each run: a terminal that pinned another is enrolled again."""

    signer: PolicySigner = field(
        default_factory=lambda: PolicySigner(Ed25519PrivateKey.generate().private_bytes_raw()), repr=False
    )

    def enrol(self, keyid: str) -> Reply:
        """Who the terminal is now."""
        return answered(
            {
                "terminal_id": keyid,
                "policy_key": base64url(self.signer.public_key),
                "name": "conformance",
                "store": "",
                "place": "rehearsal",
                "cohort": "",
            }
        )

    def hear(self, body: dict[str, Any], now: datetime) -> Reply:
        """The policy, with the heartbeat's nonce in it."""
        policy = TerminalPolicy(serial=body["policy_serial"], issued_at=now, valid=POLICY_LIFE, answers=body["nonce"])
        signature = self.signer.sign(policy.octets)
        return answered({"policy": base64url(policy.octets), "signature": base64url(signature)})
