"""A reservation's life, and the 24-hour rule.

`resetting` means that the card may have been told to change: the server has let an authorisation out.
From there no move leads back to `reserved`, so that the doubt is never forgotten; it ends in `completed`
by evidence from the card, or waits in `unknown` for the next session with the card, or for staff.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from services.domain.code_words import code_words
from services.domain.machine import Machine
from services.domain.password import PasswordKind

LIFE: Final = timedelta(hours=24)
LEASE: Final = timedelta(minutes=3)
JAPAN: Final = timezone(timedelta(hours=9), "JST")  # Japan has no daylight saving time


class ReservationState(StrEnum):
    RESERVED = "reserved"
    CLAIMED = "claimed"
    RESETTING = "resetting"
    UNKNOWN = "unknown"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ReservationEvent(StrEnum):
    CLAIM = "claim"
    SUPERSEDE = "supersede"  # a fresh card signature at another kiosk: physical presence is the lock
    AUTHORISE = "authorise"
    COMPLETE = "complete"
    RELEASE = "release"
    LEASE_END = "lease_end"
    EXPIRE = "expire"
    CANCEL = "cancel"
    REPLACE = "replace"
    REVIEW = "review"  # staff close a doubt whose deadline has passed


_S, _E = ReservationState, ReservationEvent

RESERVATION: Final = Machine[ReservationState, ReservationEvent](
    name="reservation",
    initial=_S.RESERVED,
    table={
        (_S.RESERVED, _E.CLAIM): _S.CLAIMED,
        (_S.RESERVED, _E.EXPIRE): _S.EXPIRED,
        (_S.RESERVED, _E.CANCEL): _S.CANCELLED,
        (_S.RESERVED, _E.REPLACE): _S.CANCELLED,
        (_S.CLAIMED, _E.SUPERSEDE): _S.CLAIMED,
        (_S.CLAIMED, _E.AUTHORISE): _S.RESETTING,
        (_S.CLAIMED, _E.RELEASE): _S.RESERVED,
        (_S.CLAIMED, _E.LEASE_END): _S.RESERVED,
        (_S.RESETTING, _E.SUPERSEDE): _S.RESETTING,
        (_S.RESETTING, _E.AUTHORISE): _S.RESETTING,
        (_S.RESETTING, _E.COMPLETE): _S.COMPLETED,
        (_S.RESETTING, _E.RELEASE): _S.UNKNOWN,
        (_S.RESETTING, _E.LEASE_END): _S.UNKNOWN,
        (_S.UNKNOWN, _E.CLAIM): _S.RESETTING,
        (_S.UNKNOWN, _E.COMPLETE): _S.COMPLETED,
        (_S.UNKNOWN, _E.REPLACE): _S.CANCELLED,
        (_S.UNKNOWN, _E.REVIEW): _S.EXPIRED,
    },
)

LIVE: Final = frozenset({_S.RESERVED, _S.CLAIMED, _S.RESETTING, _S.UNKNOWN})


def deadline(reserved_at: datetime) -> datetime:
    """The first instant at which the reservation is no longer usable.

    Whole minutes, so that the printed deadline is the enforced one. A duration, not a date: 24 hours are 86,400 s.
    """
    return reserved_at.replace(second=0, microsecond=0) + LIFE


def printed(moment: datetime) -> str:
    """The moment as residents read it: `YYYY/MM/DD HH:MM`, Japan time (checklist 003-55)."""
    return moment.astimezone(JAPAN).strftime("%Y/%m/%d %H:%M")


def printed_to_the_second(moment: datetime) -> str:
    """`YYYY/MM/DD HH:MM:SS`, Japan time, never earlier than the moment: a wait of half a minute has no whole ones."""
    whole = moment if moment.microsecond == 0 else moment.replace(microsecond=0) + timedelta(seconds=1)
    return whole.astimezone(JAPAN).strftime("%Y/%m/%d %H:%M:%S")


@dataclass(frozen=True)
class Reservation:
    """One resident's right to one reset. A card is known only by its keyed fingerprint."""

    id: str
    kind: PasswordKind
    card_fingerprint: str
    other_key_fingerprint: str  # only this key, the *other* password's, may claim
    state: ReservationState
    reserved_at: datetime
    expires_at: datetime
    rehearsal: bool
    fence: int = 0
    claim_id: str | None = None
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    authorisations: int = 0
    completed_at: datetime | None = None
    matcher: str | None = None  # the engine that compared the faces; None for those of an earlier release

    @property
    def code_words(self) -> tuple[str, ...]:
        """By which the resident knows it again."""
        return code_words(self.id)


@dataclass(frozen=True)
class Claim:
    """One kiosk's hold on a reservation. The kiosk makes the id, so that a lost answer can be asked for again."""

    id: str
    reservation_id: str
    terminal_id: str
    fence: int
    claimed_at: datetime
    lease_until: datetime
    completion_nonce: bytes
    authorised_at: datetime | None = None
    card_challenge: bytes | None = None
    outcome: str | None = None
    card_generations: str = ""  # labels of the CA generations that issued the card's certificates, with a space between
