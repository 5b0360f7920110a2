"""The trials of a server, in an order that needs one reservation of one practice card, and uses it up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx

from services.conformance.card import PracticeCard
from services.conformance.policy import Policy
from services.conformance.report import NotTried, Requirement, Result, tried
from services.conformance.terminal import Terminal
from services.domain.base64url import base64url, octets_of

DOC: Final = "docs/protocols.md, Kiosk"
BUILD: Final = "conformance:1"


@dataclass
class Claim:
    """A claim that the kit made. `grant` is the server's answer."""

    id: str
    nonce: bytes
    body: dict[str, Any]
    grant: dict[str, Any] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)

    @property
    def completion_nonce(self) -> bytes:
        """What the evidence is signed over."""
        return octets_of(self.grant["completion_nonce"])


@dataclass
class ServerTrial:
    """Everything that the trials share: who asks, the card, and the claims so far."""

    terminal: Terminal
    card: PracticeCard
    new_passwords: tuple[str, str]
    other_terminal: Terminal | None = None
    claims: dict[str, Claim] = field(default_factory=dict)
    policy_key: bytes = b""  # Ed25519, 32 octets; an enrolment tells it, too
    enrolment_code: str = field(default="", repr=False)
    build: str = BUILD
    policies: list[Policy] = field(default_factory=list)  # in the order in which they came
    refused_codes: dict[str, httpx.Response] = field(default_factory=dict)  # by what was wrong with the code

    def challenge(self) -> bytes:
        """A fresh nonce."""
        return octets_of(self.terminal.get("challenges", {})["nonce"])

    def prepared(self, nonce: bytes | None = None) -> Claim:
        """A claim that is signed and not yet sent."""
        nonce, claim_id = nonce or self.challenge(), str(uuid4())
        proof = self.card.proof(claim_id, self.terminal.origin, nonce)
        body = {"claim_id": claim_id, "kind": self.card.kind.value, "nonce": base64url(nonce), "proof": proof}
        return Claim(claim_id, nonce, body)

    def granted(self, name: str) -> Claim:
        """A fresh claim that the server granted, known by this name from now on."""
        claim = self.prepared()
        claim.grant = self.terminal.get("claims", claim.body)
        self.claims[name] = claim
        return claim

    def known(self, name: str) -> Claim:
        """The claim of an earlier trial.

        Raises:
            NotTried: that one failed.
        """
        if name not in self.claims:
            raise NotTried("what this builds upon was not met")
        return self.claims[name]

    def authorisation_body(self, challenge: bytes) -> dict[str, str]:
        """What an authorisation is asked with."""
        return {
            "identity_certificate": base64url(self.card.identity),
            "certificate": base64url(self.card.other_certificate),
            "card_challenge": base64url(challenge),
        }

    def authorise_and_reset(self, claim: Claim, new: str) -> None:
        """The claim's card gets a new password, and signs that it has."""
        body = self.authorisation_body(self.card.challenge())
        word = self.terminal.get(f"claims/{claim.id}/authorisation", body)
        self.card.reset(octets_of(word["authorisation"]), new)
        claim.evidence = self.card.evidence(claim.id, self.terminal.origin, claim.completion_nonce)


Trial = Callable[[ServerTrial], None]
TRIALS: Final[list[tuple[Requirement, Trial]]] = []


def requires(text: str, source: str) -> Callable[[Trial], Trial]:
    """Enters a trial into the list; its place is its number."""

    def entered(trial: Trial) -> Trial:
        TRIALS.append((Requirement(f"S-{len(TRIALS) + 1:02}", text, source), trial))
        return trial

    return entered


def try_server(trial: ServerTrial) -> Iterator[Result]:
    """One result after another."""
    from services.conformance import server_entry, server_claims, server_answers, server_enrolment, server_device  # noqa: F401, PLC0415, I001  # their order is the numbers'

    for requirement, one in TRIALS:
        yield tried(requirement, lambda one=one: one(trial))  # type: ignore[misc]  # bound now, not at the call
