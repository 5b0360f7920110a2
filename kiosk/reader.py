"""One owner of the card reader: it tells when cards come and go, and works with the card that lies there.

`CardDesk` is the owner's whole interface for the controller. `ReaderOwner` does the work in the caller's thread, which is what
tests and simulations want; `ReaderThread` is the same in a thread of its own, which is what PC/SC wants.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol, TypeVar

import structlog

from services.card.session import MyNumberCard
from services.domain.errors import CardConnectionLost, CardMissing, ReaderMissing
from services.domain.kiosk_session import KioskEvent
from services.ports import CardChannel, CardReader

T = TypeVar("T")

POLL: Final = timedelta(seconds=0.2)  # PC/SC itself notices a removal after up to 0.4 s (spec/card.md 2.6)
# Two processes to start, 20 s each, and a card that stays silent for 8 s: no honest work keeps its asker waiting longer.
LONGEST_WORK: Final = timedelta(seconds=60)

log = structlog.get_logger(__name__)


class CardDesk(Protocol):
    """The reader as the controller sees it. Errors are those of `MyNumberCard` and of `CardReader.connect`."""

    @property
    def card_present(self) -> bool:
        """Whether a card was there at the last look."""

    def look(self) -> bool:
        """Looks at the reader now; says whether a card is there, and posts what has changed."""

    def open(self) -> None:
        """Connects exclusively to the card and resets it; an earlier connection ends.

        Raises:
            ReaderMissing, CardMissing, CardConnectionLost
        """

    def run(self, work: Callable[[MyNumberCard], T]) -> T:
        """Works with the card of the open connection. After CardConnectionLost it is closed, and the card counts as removed.

        Raises:
            CardMissing: no connection is open.
            whatever the work raises.
        """

    def close(self) -> None:
        """Powers the card down. May be called at any time."""


class ReaderOwner:
    """The reader in the caller's thread. `post` hears of placed and removed cards and of a lost reader."""

    def __init__(self, reader: CardReader, post: Callable[[KioskEvent], None]) -> None:
        self._reader = reader
        self._post = post
        self._present = False
        self._lost = False
        self._channel: CardChannel | None = None
        self._card: MyNumberCard | None = None

    @property
    def card_present(self) -> bool:
        return self._present

    @property
    def lost(self) -> bool:
        """Whether the reader did not answer at the last look."""
        return self._lost

    def look(self) -> bool:
        try:
            present = self._reader.card_present()
        except ReaderMissing:
            self.lose()
            return False
        self._lost = False
        if present != self._present:
            if present:
                self._present = True
                self._post(KioskEvent.CARD_PLACED)
            else:
                self._card_gone()
        return present

    def open(self) -> None:
        self.close()
        try:
            self._channel = self._reader.connect()
        except (CardMissing, CardConnectionLost):
            self._card_gone()
            raise
        except ReaderMissing:
            self.lose()
            raise
        self._card = MyNumberCard(self._channel)

    def run(self, work: Callable[[MyNumberCard], T]) -> T:
        if self._card is None:
            raise CardMissing
        try:
            return work(self._card)
        except CardConnectionLost:
            self._card_gone()
            raise

    def close(self) -> None:
        channel, self._channel, self._card = self._channel, None, None
        if channel is not None:
            with suppress(OSError):  # a connection that cannot even be ended is gone
                channel.close()

    def lose(self) -> None:
        """Takes the reader for lost, until a look says otherwise; tells of it once."""
        self._present = False
        self.close()
        if not self._lost:
            self._lost = True
            log.warning("reader_lost", reader=self._reader.name)
            self._post(KioskEvent.READER_LOST)

    def _card_gone(self) -> None:
        # A lost connection counts as a removed card, so that one that lies there still, or again, is met anew at the next look:
        # a card that was off for less than a look's time would otherwise never be seen.
        self.close()
        if self._present:
            self._present = False
            self._post(KioskEvent.CARD_REMOVED)


class ReaderThread:
    """A `ReaderOwner` in its own thread: card work is queued, and between two works it looks at the reader.

    Nobody waits for it longer than `longest_work`: a work without an answer is a lost connection, and is not begun afterwards.
    """

    def __init__(self, owner: ReaderOwner, longest_work: timedelta = LONGEST_WORK) -> None:
        self._owner = owner
        self._longest_work_s = longest_work.total_seconds()
        self._works: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="card-reader", daemon=True)

    def start(self) -> None:
        """Begins to look at the reader."""
        self._thread.start()

    def stop(self) -> None:
        """Powers the card down and ends the thread."""
        self._ended.set()
        self._thread.join()

    @property
    def card_present(self) -> bool:
        return self._owner.card_present

    def look(self) -> bool:
        try:
            return self._in_thread(self._look)
        except CardConnectionLost:
            return self._owner.card_present

    def open(self) -> None:
        self._in_thread(self._owner.open)

    def run(self, work: Callable[[MyNumberCard], T]) -> T:
        return self._in_thread(lambda: self._owner.run(work))

    def close(self) -> None:
        # It is not taken back when the thread is late: the card must lose its power before the next person's.
        with suppress(TimeoutError):
            self._queued(self._owner.close).result(self._longest_work_s)

    def _in_thread(self, work: Callable[[], T]) -> T:
        answer = self._queued(work)
        try:
            return answer.result(self._longest_work_s)
        except TimeoutError as exc:
            answer.cancel()
            log.error("reader_silent")  # noqa: TRY400  # the traceback would show this wait and nothing else
            raise CardConnectionLost(reason="reader silent") from exc

    def _queued(self, work: Callable[[], T]) -> Future[T]:
        answer: Future[T] = Future()
        self._works.put((work, answer))
        return answer

    def _look(self) -> bool:
        try:
            return self._owner.look()
        except Exception as exc:  # noqa: BLE001  # an outermost loop: a reader that does something odd is lost, not the thread
            log.error("reader_fault", error=type(exc).__name__)  # noqa: TRY400  # the fault's class says enough
            self._owner.lose()
            return False

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                work, answer = self._works.get(timeout=POLL.total_seconds())
            except Empty:
                self._look()
                continue
            if not answer.set_running_or_notify_cancel():
                continue  # whoever asked has gone, and with them the right to use the card
            try:
                answer.set_result(work())
            except Exception as exc:  # noqa: BLE001  # an outermost loop: whatever happened belongs to who asked
                answer.set_exception(exc)
        self._owner.close()
