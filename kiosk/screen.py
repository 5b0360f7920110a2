"""What is on the screen, as a value: everything the browser may know, and nothing secret or personal."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.advice import advice_on
from kiosk.closed import ClosedReason
from kiosk.manner import PLAIN, Manner
from kiosk.paper import Paper
from kiosk.stage import Stage
from services.domain.errors import NOTHING_USED, ONE_TRY_USED, ResetError
from services.domain.kiosk_session import KioskState
from services.domain.password import PasswordKind
from services.domain.reservation import printed


def new_step() -> str:
    """A screen's name, which nobody can guess who has not seen the screen."""
    return secrets.token_urlsafe(9)


@dataclass(frozen=True)
class Fault:
    """An error in the resident's words. `kind` names the password that is meant, where one is."""

    code: str
    message: str
    cost: str
    remedy: str
    helper: str
    kind: str | None = None
    expired_at: str | None = None

    @classmethod
    def of(cls, error: ResetError, *, over: bool = False, doubt: bool = False, try_used: bool = False) -> "Fault":
        """The error as a screen shows it; of its details only the password's name, which is our own word.

        `over` says that it ended the session, `doubt` that the card may be changed, and `try_used` that what led to it cost a
        try, of which the error itself knows nothing.
        """
        labels = {kind.label for kind in PasswordKind}
        named = error.detail.get("kind")
        advice = advice_on(error, over=over, doubt=doubt)
        expired_at = error.detail.get("expired_at")
        return cls(
            error.code,
            error.message,
            ONE_TRY_USED if try_used and error.cost == NOTHING_USED else error.cost,
            advice.remedy,
            advice.helper,
            kind=str(named) if named in labels else None,
            expired_at=None if expired_at is None else str(expired_at),
        )


@dataclass(frozen=True)
class Screen:
    """One screen."""

    state: KioskState
    step: str = field(default_factory=new_step)
    kind: PasswordKind | None = None
    tries_left: int | None = None  # of the other password
    fault: Fault | None = None
    ends_at: datetime | None = None  # when the terminal stops waiting
    deadline: str | None = None  # the reservation's, as residents read it
    code_words: tuple[str, ...] = ()  # the reservation's, as the phone shows them
    ask_card_first: bool = False  # an earlier try may have set a password: the holder is asked for that one
    pending: bool = False  # set on the card, and the server will hear of it
    doubt: bool = False  # the card may have been changed, and nobody knows
    unchanged: bool = False  # no session of this reservation has told the card to change
    stage: Stage | None = None  # how far the reset is
    paper: Paper | None = None  # the printed receipt, where there is a printer
    manner: Manner = PLAIN
    closed: ClosedReason | None = None  # why nobody is served

    def seconds_left(self, now: datetime) -> int | None:
        """How long the terminal still waits."""
        return None if self.ends_at is None else max(0, int((self.ends_at - now).total_seconds()))

    def ending(self, ends_at: datetime | None) -> "Screen":
        """The same screen with another end; its step stays, so that nothing is typed twice."""
        return replace(self, ends_at=ends_at)


def deadline_text(expires_at: datetime) -> str:
    """`YYYY/MM/DD HH:MM`, Japan time."""
    return printed(expires_at)
