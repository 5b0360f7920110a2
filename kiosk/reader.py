"""One owner of the card reader: it tells when cards come and go, and works with the card that lies there.

`CardDesk` is the owner's whole interface for the controller. `ReaderOwner` does the work in the caller's thread, which is what
tests and simulations want; `ReaderThread` is the same in a thread of its own, which is what PC/SC wants.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
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

    def look(self) -> bool:
        try:
            present = self._reader.card_present()
        except ReaderMissing:
            self._reader_lost()
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
            self._reader_lost()
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
            channel.close()

    def _card_gone(self) -> None:
        # A lost connection counts as a removed card, so that one that lies there still, or again, is met anew at the next look:
        # a card that was off for less than a look's time would otherwise never be seen.
        self.close()
        if self._present:
            self._present = False
            self._post(KioskEvent.CARD_REMOVED)

    def _reader_lost(self) -> None:
        self._present = False
        self.close()
        if not self._lost:
            self._lost = True
            log.warning("reader_lost", reader=self._reader.name)
            self._post(KioskEvent.READER_LOST)


class ReaderThread:
    """A `ReaderOwner` in its own thread: card work is queued, and between two works it looks at the reader."""

    def __init__(self, owner: ReaderOwner) -> None:
        self._owner = owner
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
        return self._in_thread(self._owner.look)

    def open(self) -> None:
        self._in_thread(self._owner.open)

    def run(self, work: Callable[[MyNumberCard], T]) -> T:
        return self._in_thread(lambda: self._owner.run(work))

    def close(self) -> None:
        self._in_thread(self._owner.close)

    def _in_thread(self, work: Callable[[], T]) -> T:
        answer: Future[T] = Future()
        self._works.put((work, answer))
        return answer.result()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                work, answer = self._works.get(timeout=POLL.total_seconds())
            except Empty:
                self._owner.look()
                continue
            try:
                answer.set_result(work())
            except Exception as exc:  # noqa: BLE001  # an outermost loop: whatever happened belongs to who asked
                answer.set_exception(exc)
        self._owner.close()
