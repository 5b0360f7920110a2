"""A practice card on a reader of the kit's own, and what a terminal has it do. Practice cards only: their issuer is virtual."""

from dataclasses import dataclass
from typing import Final

from services.card.session import MyNumberCard
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import CardContents
from services.card.virtual.reader import VirtualReader
from services.domain.base64url import base64url
from services.domain.password import Password, PasswordKind
from services.domain.statements import claim_body, complete_body
from services.pki.statement import statement_digest
from services.ports import Purpose, Statement

USER = PasswordKind.USER_AUTHENTICATION
# What practice cards get in the trials, one after the other.
NEW_PASSWORDS: Final = {
    PasswordKind.SIGNATURE: ("KANI7394", "KITTE77"),
    PasswordKind.USER_AUTHENTICATION: ("6194", "8052"),
}


@dataclass(frozen=True)
class Passwords:
    """The two that the card has now; the one of `kind` is to be reset."""

    kind: PasswordKind
    values: dict[PasswordKind, str]

    def __repr__(self) -> str:
        return f"<Passwords to reset {self.kind.value}>"


class PracticeCard:
    """A card that lies on the kit's reader, opened with the other password."""

    def __init__(self, card: VirtualCard, passwords: Passwords) -> None:
        self.kind, self._values = passwords.kind, dict(passwords.values)
        reader = VirtualReader()
        reader.insert(card)
        self._card = MyNumberCard(reader.connect())
        self.identity = self._card.identity_certificate()
        self._open(self.kind.other)
        self.other_certificate = self._card.certificate(self.kind.other)

    def proof(self, claim_id: str, origin: str, nonce: bytes) -> dict[str, str]:
        """What a claim carries: the other password's key has signed."""
        self._open(self.kind.other)
        body = claim_body(claim_id, self.kind, self.identity)
        digest = statement_digest(Statement(Purpose.CLAIM, origin, nonce, body))
        return {
            "certificate": base64url(self.other_certificate),
            "identity_certificate": base64url(self.identity),
            "signature": base64url(self._card.sign(self.kind.other, digest)),
        }

    def challenge(self) -> bytes:
        """For one authorisation; it dies with the next one."""
        return self._card.get_challenge()

    def reset(self, authorisation: bytes, new: str) -> None:
        """Sets the new password; the card decides whether the authorisation is one."""
        self._card.reset(self.kind, authorisation, Password.parse(self.kind, new))
        self._values[self.kind] = new

    def evidence(self, claim_id: str, origin: str, nonce: bytes) -> dict[str, str]:
        """What a completion carries: the guarded key has signed, and the identity key the same."""
        self._open(self.kind)
        certificate = self._card.certificate(self.kind)
        body = complete_body(claim_id, self.kind, self.identity, certificate)
        digest = statement_digest(Statement(Purpose.COMPLETE, origin, nonce, body))
        guarded = self._card.sign(self.kind, digest)
        self._open(USER)
        return {
            "certificate": base64url(certificate),
            "identity_certificate": base64url(self.identity),
            "signature": base64url(guarded),
            "identity_signature": base64url(self._card.sign(USER, digest)),
        }

    def _open(self, kind: PasswordKind) -> None:
        self._card.verify(Password.parse(kind, self._values[kind]))


def passwords_of(contents: CardContents, kind: PasswordKind) -> set[bytes]:
    """The octets that the card compares for this kind, now."""
    return {state.value for pin, state in contents.pins.items() if pin.value == kind.value}
