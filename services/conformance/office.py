"""The server's other half for a terminal under test: enrols it with any code, hears it, and tells it the policy, right or wrong."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.conformance.replies import Reply, answered
from services.domain.base64url import base64url
from services.domain.terminal_policy import POLICY_LIFE, Scope, Stop, TerminalPolicy, Trait
from services.pki.policy_signature import PolicySigner

CALLS: Final = ("enrolments", "heartbeats")
STORE: Final = "S-0001"


class Wrong(StrEnum):
    """What is wrong with a policy that no terminal may take."""

    KEY = "signed by another key"
    NONCE = "an answer to another heartbeat"
    SERIAL = "older than one before"


@dataclass(frozen=True)
class Beat:
    """A heartbeat that was in its form."""

    at: datetime
    nonce: str
    build: str


def _signer() -> PolicySigner:
    return PolicySigner(Ed25519PrivateKey.generate().private_bytes_raw())


@dataclass
class Office:
    """One terminal's. The policy key is made anew for each run: a terminal that pinned another is enrolled again."""

    signer: PolicySigner = field(default_factory=_signer, repr=False)
    stops: tuple[Stop, ...] = ()
    wrong: Wrong | None = None
    beats: list[Beat] = field(default_factory=list)
    _serial: int = 1

    def enrol(self, keyid: str) -> Reply:
        """Who the terminal is now."""
        return answered(
            {
                "terminal_id": keyid,
                "policy_key": base64url(self.signer.public_key),
                "name": "conformance",
                "store": STORE,
                "place": "rehearsal",
                "cohort": "",
            }
        )

    def tell(self, *stopped: Trait, wrong: Wrong | None = None) -> None:
        """From the next heartbeat on these are suspended, and nothing else; with `wrong`, told so that it does not count."""
        self.stops, self.wrong = tuple(Stop(trait, "conformance") for trait in stopped), wrong
        self._serial += 1

    def traits(self, keyid: str) -> tuple[Trait, ...]:
        """By what the terminal that was heard last can be suspended."""
        builds = [Trait(Scope.BUILD, beat.build) for beat in self.beats[-1:]]
        return Trait(Scope.TERMINAL, keyid), Trait(Scope.STORE, STORE), *builds

    def hear(self, body: dict[str, Any], now: datetime) -> Reply:
        """The policy, with the heartbeat's nonce in it."""
        self.beats.append(Beat(now, body["nonce"], body["build"]))
        self._serial = max(self._serial, body["policy_serial"])
        policy = TerminalPolicy(
            # `tell` has raised it for the wrong ones, too: one below both is older than what was taken.
            serial=self._serial if self.wrong is not Wrong.SERIAL else max(body["policy_serial"] - 1, 0),
            issued_at=now,
            valid=POLICY_LIFE,
            answers=body["nonce"] if self.wrong is not Wrong.NONCE else base64url(bytes(16)),
            stops=self.stops,
        )
        signature = (_signer() if self.wrong is Wrong.KEY else self.signer).sign(policy.octets)
        return answered({"policy": base64url(policy.octets), "signature": base64url(signature)})
