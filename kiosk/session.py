"""What the terminal knows of the person in front of it, in memory only, from the choice of the kind to the wipe."""

from dataclasses import dataclass

from kiosk.answers import Grant
from services.domain.password import Password, PasswordKind
from services.domain.receipt import Receipt
from services.domain.weak_password import Known
from services.pki.birth import birth_in


@dataclass
class Session:
    """One person's session. `wipe` overwrites the passwords; a session is not used again after it."""

    kind: PasswordKind
    identity: bytes = b""  # the user-authentication certificate of the card that began
    other_certificate: bytes = b""
    tries_left: int = 0  # of the other password
    last_try_confirmed: bool = False
    other: Password | None = None
    new: Password | None = None
    claim_id: str | None = None
    grant: Grant | None = None
    write_attempted: bool = False  # the card may have been told to change
    proved: bool = False  # the evidence is on disk or the server has answered it
    try_used: bool = False  # the card was asked for a new password that it does not have
    receipt: Receipt | None = None  # of a reset that the server has on record
    returns: int = 0  # how often the lost connection was taken up again

    @property
    def ask_card_first(self) -> bool:
        """Whether the card may already have the new password."""
        return self.write_attempted or (self.grant is not None and self.grant.evidence_first)

    @property
    def known(self) -> Known:
        """What a new password must not be made of."""
        return Known(
            self.other, birth_in(self.other_certificate) if self.kind.other is PasswordKind.SIGNATURE else None
        )

    def take_other(self, password: Password, *, last_try_confirmed: bool) -> None:
        """Keeps the other password until the end of the session: a card that comes back must be opened again."""
        if self.other is not None:
            self.other.wipe()
        self.other, self.last_try_confirmed = password, last_try_confirmed

    def take_new(self, password: Password) -> None:
        """Keeps the chosen password until it is on the card."""
        self.drop_new()
        self.new = password

    def drop_new(self) -> None:
        """Forgets the chosen password."""
        if self.new is not None:
            self.new.wipe()
        self.new = None

    def wipe(self) -> None:
        """Overwrites everything that is secret or personal."""
        if self.other is not None:
            self.other.wipe()
        self.drop_new()
        self.other, self.grant, self.receipt = None, None, None
        self.identity, self.other_certificate = b"", b""

    def __repr__(self) -> str:
        return f"<Session {self.kind.value}>"
