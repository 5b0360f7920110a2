"""What a virtual resident carries: a card, a picture of its front, a face that moves, and two passwords."""

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Final

from services.domain.errors import PasswordWeak
from services.domain.liveness import Action
from services.domain.password import Password, PasswordKind
from services.domain.reservation import JAPAN
from services.domain.weak_password import Known, refuse_weak
from services.pki.issuer import VirtualIssuer
from services.rehearsal.cards import CardWish, issue_card_file
from services.rehearsal.clip import CameraClip
from services.rehearsal.front_capture import Tier, photograph
from services.rehearsal.front_picture import FrontFields, render_front
from services.rehearsal.person import Person, imagine
from services.rehearsal.portrait import card_photo, load_portrait

FRAMES_A_STEP: Final = 10
FRAME_MS: Final = 250
NO_PHOTO: Final = bytes(4000)  # as large as one, for who shows their face to nobody
_LETTERS: Final = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Props:
    """One virtual resident. The passwords are made for the rehearsal and printed nowhere."""

    person: Person
    card_file: Path
    front_picture: bytes
    film: dict[Action, Sequence[bytes]] = field(repr=False)  # the frames of each action, FRAMES_A_STEP of them
    passwords: dict[PasswordKind, str] = field(repr=False)
    new_passwords: dict[PasswordKind, str] = field(repr=False)


def make_props(  # noqa: PLR0913  # what a rehearsal may choose
    issuer: VirtualIssuer,
    card_file: Path,
    *,
    now: datetime,
    seed: int,
    portrait: Path | None = None,
    drawings: Path | None = None,
) -> Props:
    """Issues a card to somebody who does not exist, and makes the pictures that go with it; `drawings` keeps the clip.

    Raises:
        ImageTooLarge, ImageUnreadable: the portrait is no picture within the limits, or without a face.
        ModelMissing: set-up has not fetched the models.
    """
    face = load_portrait(portrait)
    bare = bare_props(issuer, card_file, now=now, seed=seed, photo_jp2=card_photo(face))
    person = bare.person
    fields = FrontFields(front=person.front, name=person.name, address=person.address, sex=person.sex.printed)
    # Drawn beforehand: a camera has its picture at once, and the deadlines of the face step are a camera's.
    clip = CameraClip(face, drawings)
    front = render_front(fields, face.pixels, seed=seed)
    return replace(
        bare,
        front_picture=photograph(front, seed=seed, tier=Tier.EASY),
        film={action: clip.frames(action, FRAMES_A_STEP, seed=0) for action in Action},
    )


def bare_props(
    issuer: VirtualIssuer, card_file: Path, *, now: datetime, seed: int, photo_jp2: bytes = NO_PHOTO
) -> Props:
    """Issues a card to somebody who goes to the kiosk only, and has no pictures of anything."""
    person = imagine(seed, today=now.astimezone(JAPAN).date())
    old = {kind: _password(kind) for kind in PasswordKind}
    wish = CardWish(
        person=person,
        photo_jp2=photo_jp2,
        user_authentication=Password.parse(PasswordKind.USER_AUTHENTICATION, old[PasswordKind.USER_AUTHENTICATION]),
        signature=Password.parse(PasswordKind.SIGNATURE, old[PasswordKind.SIGNATURE]),
    )
    issue_card_file(card_file, issuer, wish, now=now)
    new = {kind: _new_password(kind, old[kind.other], person.front.birth) for kind in PasswordKind}
    return Props(person, card_file, front_picture=b"", film={}, passwords=old, new_passwords=new)


def another_password(props: Props, kind: PasswordKind) -> Props:
    """The same person, who has thought of another new password of this kind."""
    new = _new_password(kind, props.passwords[kind.other], props.person.front.birth)
    return replace(props, new_passwords={**props.new_passwords, kind: new})


def _new_password(kind: PasswordKind, other: str, birth: date) -> str:
    """One that the terminal takes."""
    known = Known(Password.parse(kind.other, other), birth)
    while True:
        drawn = _password(kind)
        try:
            refuse_weak(Password.parse(kind, drawn), known)
        except PasswordWeak:
            continue
        return drawn


def _password(kind: PasswordKind) -> str:
    if kind is PasswordKind.USER_AUTHENTICATION:
        return secrets.choice("123456789") + "".join(secrets.choice(string.digits) for _ in range(2)) + "0"
    return "R" + "".join(secrets.choice(_LETTERS) for _ in range(9)) + "7"
