"""One hand-over from a server's page to its return: what is shown, and what may follow."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Final

from services.domain.card import CardFront
from services.domain.errors import ResetError
from services.domain.machine import Machine
from services.domain.password import PasswordKind


class Screen(StrEnum):
    """What the resident sees."""

    CONSENT = "consent"
    PLACEMENT = "placement"  # ICカードセット案内
    LOOKING = "looking"  # the reader's thread asks the card for its counters
    PASSWORD = "password"  # noqa: S105  # a screen's name
    READING = "reading"  # ICチップ読み取り
    FINISHED = "finished"  # accepted: back to the server's page
    FAILED = "failed"  # told to the server; the resident reads why
    STOPPED = "stopped"  # the resident's own wish


class Event(StrEnum):
    """What happened or was asked."""

    AGREE = "agree"
    LOOK = "look"
    SEEN = "seen"
    ENTER = "enter"
    REJECTED = "rejected"  # a wrong password with tries left: the same screen again
    TROUBLE = "trouble"  # card or line: put it right and try again, in the same session
    PROVEN = "proven"
    REFUSED = "refused"  # this session cannot go on
    BACK = "back"
    STOP = "stop"


_S, _E = Screen, Event

VISIT: Final = Machine[Screen, Event](
    name="companion",
    initial=_S.CONSENT,
    table={
        (_S.CONSENT, _E.AGREE): _S.PLACEMENT,
        (_S.CONSENT, _E.REFUSED): _S.FAILED,
        (_S.PLACEMENT, _E.LOOK): _S.LOOKING,
        (_S.LOOKING, _E.SEEN): _S.PASSWORD,
        (_S.LOOKING, _E.TROUBLE): _S.PLACEMENT,
        (_S.LOOKING, _E.REFUSED): _S.FAILED,
        (_S.PASSWORD, _E.ENTER): _S.READING,
        (_S.PASSWORD, _E.REJECTED): _S.PASSWORD,
        (_S.PASSWORD, _E.BACK): _S.PLACEMENT,
        (_S.READING, _E.REJECTED): _S.PASSWORD,
        (_S.READING, _E.TROUBLE): _S.PLACEMENT,
        (_S.READING, _E.PROVEN): _S.FINISHED,
        (_S.READING, _E.REFUSED): _S.FAILED,
        (_S.CONSENT, _E.STOP): _S.STOPPED,
        (_S.PLACEMENT, _E.STOP): _S.STOPPED,
        (_S.PASSWORD, _E.STOP): _S.STOPPED,
    },
)


class Stage(StrEnum):
    """How far the reading is (checklist 003-43)."""

    CONNECT = "connect"
    FACE = "face"
    GENUINE = "genuine"
    CERTIFICATE = "certificate"
    PASSWORD = "password"  # noqa: S105  # a stage's name
    SIGN = "sign"
    SEND = "send"

    @property
    def label(self) -> str:
        """The stage in words."""
        return _LABELS[self]


_LABELS: Final = {
    Stage.CONNECT: "カードに接続",
    Stage.FACE: "券面の情報と顔写真の読み取り",
    Stage.GENUINE: "カードが本物であることの確認",
    Stage.CERTIFICATE: "電子証明書の読み取り",
    Stage.PASSWORD: "パスワードの確認",
    Stage.SIGN: "カードによる署名",
    Stage.SEND: "サーバーへの送信",
}


@dataclass(frozen=True)
class Handover:
    """What the server's page posted. `server` is the origin that the browser itself named."""

    session_id: str
    secret: str
    server: str
    return_path: str

    @property
    def return_address(self) -> str:
        """Where the resident goes back to."""
        return self.server + self.return_path

    def __repr__(self) -> str:
        return f"<Handover {self.session_id}>"


@dataclass(frozen=True)
class Task:
    """What the server asks for. `kind` is the password to be reset; the *other* one is typed here."""

    kind: PasswordKind
    nonce: bytes
    front: CardFront
    ends_at: datetime
    rehearsal: bool

    def __repr__(self) -> str:
        return f"<Task {self.kind.value}>"


@dataclass(frozen=True)
class Tries:
    """What the card's counters say before anything is asked of the resident."""

    password: int
    number: int

    @property
    def last(self) -> bool:
        """Whether an entry may lock something, so that an explicit yes is needed."""
        return 1 in (self.password, self.number)


@dataclass
class Visit:
    """The state of one visit. Requests and the reader's thread move it; the lock is held for a moment only."""

    handover: Handover
    task: Task
    screen: Screen = VISIT.initial
    tries: Tries | None = None
    stage: Stage = Stage.CONNECT
    error: ResetError | None = None
    other_form: bool = False  # the malformed entry had the form of the other password
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    lock: Lock = field(default_factory=Lock)

    def move(
        self,
        event: Event,
        *,
        error: ResetError | None = None,
        tries: Tries | None = None,
        other_form: bool = False,
    ) -> None:
        """Shows the next screen with what has to be said on it.

        Raises:
            StepNotAllowed: the table has no such move; nothing changed.
        """
        with self.lock:
            self.screen = VISIT.next(self.screen, event)
            self.error = error
            self.other_form = other_form
            self.tries = tries or self.tries
            if self.screen in (Screen.LOOKING, Screen.READING):
                self.stage = Stage.CONNECT

    def as_it_is(self) -> "Visit":
        """A copy that stands still: a page must not begin as one screen and end as the next."""
        with self.lock:
            return replace(self)

    def __repr__(self) -> str:
        return f"<Visit {self.screen.value}>"
