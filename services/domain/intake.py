"""The resident's checks in their only order: kind and terms, card front, chip, face, reserved (checklist 003)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from services.domain.machine import Machine
from services.domain.password import PasswordKind


class IntakeState(StrEnum):
    STARTED = "started"  # kind chosen, terms accepted
    FRONT_READ = "front_read"  # confirmed by the resident
    CHIP_READ = "chip_read"  # the card's proof held
    FACE_MATCHED = "face_matched"  # alive, and the person of the card's photo
    RESERVED = "reserved"
    ABANDONED = "abandoned"


class IntakeEvent(StrEnum):
    ACCEPT_FRONT = "accept_front"
    ACCEPT_CARD = "accept_card"
    ACCEPT_FACE = "accept_face"
    RESERVE = "reserve"
    ABANDON = "abandon"


_S, _E = IntakeState, IntakeEvent

INTAKE: Final = Machine[IntakeState, IntakeEvent](
    name="intake",
    initial=_S.STARTED,
    table={
        (_S.STARTED, _E.ACCEPT_FRONT): _S.FRONT_READ,
        (_S.FRONT_READ, _E.ACCEPT_FRONT): _S.FRONT_READ,  # corrected by hand after the card refused it
        (_S.FRONT_READ, _E.ACCEPT_CARD): _S.CHIP_READ,
        (_S.CHIP_READ, _E.ACCEPT_FACE): _S.FACE_MATCHED,
        (_S.FACE_MATCHED, _E.RESERVE): _S.RESERVED,
        (_S.STARTED, _E.ABANDON): _S.ABANDONED,
        (_S.FRONT_READ, _E.ABANDON): _S.ABANDONED,
        (_S.CHIP_READ, _E.ABANDON): _S.ABANDONED,
        (_S.FACE_MATCHED, _E.ABANDON): _S.ABANDONED,
    },
)


@dataclass(frozen=True)
class Intake:
    """One resident's way to a reservation, in one browser. `token_hash` is the SHA-256 of the browser's cookie."""

    id: str
    token_hash: bytes
    kind: PasswordKind
    state: IntakeState
    created_at: datetime
    ends_at: datetime
    rehearsal: bool
    card_fingerprint: str | None = None
    other_key_fingerprint: str | None = None  # of the key that signed: the *other* password's
    reservation_id: str | None = None


class CardSessionState(StrEnum):
    OPEN = "open"
    ATTACHED = "attached"
    ACCEPTED = "accepted"
    FAILED = "failed"


@dataclass(frozen=True)
class CardSession:
    """One companion's turn with the card, for one intake. `secret_hash` is the SHA-256 of the one-use link secret."""

    id: str
    intake_id: str
    secret_hash: bytes
    nonce: bytes
    state: CardSessionState
    created_at: datetime
    ends_at: datetime
    failure: str | None = None  # an error code of the catalogue


class CheckKind(StrEnum):
    FRONT = "front"
    FACE = "face"


class CheckState(StrEnum):
    WAITING = "waiting"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """A piece of image work for a worker. Images and readings are sealed in `evidence`; this row has none."""

    id: str
    intake_id: str
    kind: CheckKind
    state: CheckState
    created_at: datetime
    failure: str | None = None  # an error code of the catalogue
    reason: str | None = None  # a member of `verdicts`' fault enums
