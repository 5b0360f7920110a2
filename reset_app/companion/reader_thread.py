"""The one thread that owns the card reader."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from enum import StrEnum
from typing import Final, TypeVar

import structlog

from services.card.trace import Exchange, TracingChannel
from services.domain.errors import ReaderMissing
from services.ports import CardChannel, CardReader

T = TypeVar("T")
log = structlog.get_logger()

PRESENCE_TIME_S: Final = 2.0


class Presence(StrEnum):
    """What lies on the reader, as far as it can be told now."""

    PRESENT = "present"
    ABSENT = "absent"
    NO_READER = "no_reader"
    BUSY = "busy"  # the reader is at work; nobody asks it then


class ReaderThread:
    """Hands work to the reader's thread, one piece after the other."""

    def __init__(self, reader: CardReader, *, trace: bool = False) -> None:
        self._reader = reader
        self._trace = trace
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")

    @property
    def reader_name(self) -> str:
        """What the reader calls itself."""
        return self._reader.name

    @property
    def is_virtual(self) -> bool:
        """Whether it is a practice reader."""
        return self._reader.is_virtual

    def submit(self, work: Callable[[], None]) -> "Future[None]":
        """Queues work for the reader's thread."""
        return self._thread.submit(work)

    def with_card(self, work: Callable[[CardChannel], T]) -> T:
        """In the reader's thread: works with the card in one exclusive session, powered down at its end.

        Raises:
            ReaderMissing, CardMissing, CardConnectionLost: as `CardReader.connect`, and what `work` raises.
        """
        with closing(self._reader.connect()) as channel:
            return work(TracingChannel(channel, _tell) if self._trace else channel)

    def presence(self) -> Presence:
        """What lies on the reader now. Asked in the reader's thread, for readers belong to one."""
        asked = self._thread.submit(self._reader.card_present)
        try:
            return Presence.PRESENT if asked.result(PRESENCE_TIME_S) else Presence.ABSENT
        except ReaderMissing:
            return Presence.NO_READER
        except TimeoutError:
            asked.cancel()
            return Presence.BUSY

    def settle(self) -> None:
        """Returns when all work that was queued before is done."""
        self._thread.submit(lambda: None).result()

    def close(self) -> None:
        """Takes no more work; what waits is dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _tell(exchange: Exchange) -> None:
    log.info("card_exchange", exchange=str(exchange))
