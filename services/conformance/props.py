"""The client kit's own issuer and practice card, made once in a folder."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from services.card.virtual.contents import CardContents
from services.card.virtual.store import load, save
from services.domain.password import Password, PasswordKind
from services.pki.authority import VirtualResetAuthority
from services.pki.issuer import VirtualIssuer
from services.ports import Clock
from services.rehearsal.cards import CardWish, issue_card
from services.rehearsal.person import imagine

# Of practice cards only; the manual tells them to whoever types them.
PRACTICE: Final = {PasswordKind.SIGNATURE: "MOMIJI42", PasswordKind.USER_AUTHENTICATION: "5927"}
_CARD: Final = "card.json"
_ISSUER: Final = "issuer"
_NOWHERE: Final = "http://127.0.0.1:9"
_PHOTO: Final = b"\x00no photo"


@dataclass(frozen=True)
class Props:
    """What the play needs."""

    directory: Path
    contents: CardContents

    def authority(self, clock: Clock) -> VirtualResetAuthority:
        """The issuer's word."""
        return VirtualResetAuthority(self.directory / _ISSUER, clock)


def make_props(directory: Path, *, now: datetime) -> Props:
    """The folder's issuer and card; made where they are not."""
    file = directory / _CARD
    if not file.exists():
        directory.mkdir(parents=True, exist_ok=True)
        issuer = VirtualIssuer.create(directory / _ISSUER, now=now, public_url=_NOWHERE)
        user, signature = (
            Password.parse(kind, PRACTICE[kind]) for kind in (PasswordKind.USER_AUTHENTICATION, PasswordKind.SIGNATURE)
        )
        save(issue_card(issuer, CardWish(imagine(1, today=now.date()), _PHOTO, user, signature), now=now), file)
    return Props(directory, load(file))
