"""Which card reader is meant, as the settings of kiosk and companion say it: `pcsc`, `pcsc:PART OF ITS NAME` or `socket:PATH`."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from services.card.socket_reader import SocketReader
from services.domain.errors import ReaderMissing, RehearsalRefused
from services.ports import CardChannel, CardReader, Clock

if TYPE_CHECKING:
    from services.card.pcsc import PCSCReader

_SETTING: Final = re.compile(r"pcsc(:.+)?|socket:.+")
UNCHOSEN: Final = "カードリーダー"
SEARCH_EVERY: Final = timedelta(seconds=5)  # asking PC/SC for its readers starts a process


class PlacedReader:
    """The first PC/SC reader whose name contains `wanted`; see `CardReader`.

    A reader that was unplugged is forgotten, so that the one that is plugged in instead takes its place. A virtual one is refused
    outside rehearsals, at the moment when it shows what it is.
    """

    def __init__(self, wanted: str, clock: Clock, *, rehearsal: bool, names: Callable[[], list[str]]) -> None:
        self.name = UNCHOSEN
        self.is_virtual = False  # not known before there is a reader
        self._wanted = wanted.casefold()
        self._clock = clock
        self._rehearsal = rehearsal
        self._names = names
        self._found: PCSCReader | None = None
        self._searched_at: datetime | None = None

    def card_present(self) -> bool:
        """See `CardReader.card_present`."""
        try:
            return self._reader().card_present()
        except ReaderMissing:
            self.close()
            raise

    def connect(self) -> CardChannel:
        """See `CardReader.connect`.

        Raises:
            RehearsalRefused: the reader is a virtual one, and this is no rehearsal.
        """
        reader = self._reader()
        if reader.is_virtual and not self._rehearsal:
            raise RehearsalRefused(reader=reader.name)
        try:
            return reader.connect()
        except ReaderMissing:
            self.close()
            raise

    def close(self) -> None:
        """Lets go of the reader."""
        found, self._found = self._found, None
        if found is not None:
            found.close()

    def _reader(self) -> "PCSCReader":
        if self._found is None:
            self._found = self._search()
            self.name, self.is_virtual = self._found.name, self._found.is_virtual
        return self._found

    def _search(self) -> "PCSCReader":
        from services.card.pcsc import PCSCReader  # noqa: PLC0415  # a machine without PC/SC has no pyscard

        now = self._clock.now()
        if self._searched_at is not None and now - self._searched_at < SEARCH_EVERY:
            raise ReaderMissing
        self._searched_at = now
        name = next((name for name in self._names() if self._wanted in name.casefold()), None)
        if name is None:
            raise ReaderMissing
        return PCSCReader(name)


def reader_setting(value: str) -> str:
    """The setting itself, when it names a reader in one of the three forms.

    Raises:
        ValueError: it does not.
    """
    if not _SETTING.fullmatch(value):
        raise ValueError("a reader is pcsc, pcsc:NAME or socket:PATH")
    return value


def open_reader(setting: str, clock: Clock, *, rehearsal: bool) -> CardReader:
    """The reader of the setting. Nothing is connected yet; whether a socket may be named at all is for the settings to say."""
    kind, _, detail = setting.partition(":")
    if kind == "socket":
        return SocketReader(Path(detail))
    from services.card.pcsc import reader_names  # noqa: PLC0415  # a machine without PC/SC has no pyscard

    return PlacedReader(detail, clock, rehearsal=rehearsal, names=reader_names)
