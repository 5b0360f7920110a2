"""What happened and waits for the controller: touches, cards, the clock. Any thread may post; one takes."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from kiosk.closed import ClosedReason
from kiosk.manner import Manner
from kiosk.paper import Paper
from services.domain.kiosk_session import KioskEvent
from services.domain.password import PasswordKind

READER_EVENTS = frozenset({KioskEvent.CARD_PLACED, KioskEvent.CARD_REMOVED, KioskEvent.READER_LOST})


@dataclass(frozen=True)
class Happening:
    """One event. `event` is `None` for a touch that only says "I am still here", or how to go on talking: `manner`.

    `step` names the screen that was touched: a second tap on a screen that has gone must not reach the next one. `entry` is what
    was typed, and never printed.
    """

    event: KioskEvent | None
    step: str | None = None
    kind: PasswordKind | None = None
    entry: str = field(default="", repr=False)
    last_try_confirmed: bool = False
    manner: Manner | None = None
    reason: ClosedReason | None = None
    paper: Paper | None = None  # what became of the receipt of the screen `step`
    handled: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)


class Inbox:
    """The queue."""

    def __init__(self) -> None:
        self._waiting: deque[Happening] = deque()
        self._changed = threading.Condition()

    def post(self, happening: Happening) -> None:
        """Adds one to the end."""
        with self._changed:
            self._waiting.append(happening)
            self._changed.notify_all()

    def post_from_reader(self, event: KioskEvent) -> None:
        """What the card reader has to say."""
        self.post(Happening(event))

    def shut(self, reason: ClosedReason) -> None:
        """The terminal may serve nobody from now on; whoever stands there may finish. Again with another reason: that one."""
        self.post(Happening(KioskEvent.SHUT, reason=reason))

    def opened(self) -> None:
        """The terminal may serve again."""
        self.post(Happening(KioskEvent.OPENED))

    def take(self, wait: timedelta = timedelta(0)) -> Happening | None:
        """The oldest; `None` when there is none within the time."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting), wait.total_seconds())
            return self._waiting.popleft() if self._waiting else None

    def has(self, wanted: Callable[[Happening], bool]) -> bool:
        """Whether such a one waits."""
        with self._changed:
            return any(wanted(happening) for happening in self._waiting)

    def drop_reader_events(self) -> None:
        """Forgets what the reader said: it belongs to a moment that is over."""
        with self._changed:
            for happening in [one for one in self._waiting if one.event in READER_EVENTS]:
                self._waiting.remove(happening)
