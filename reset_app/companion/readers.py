"""Which card reader is meant, as the settings say it."""

from pathlib import Path
from typing import Final

from services.card.pcsc import PCSCReader, reader_names
from services.card.socket_reader import SocketReader
from services.domain.errors import ReaderMissing
from services.ports import CardChannel, CardReader

UNCHOSEN: Final = "カードリーダー"


class FirstPCSCReader:
    """The first PC/SC reader whose name contains `wanted`, found when it is needed: it may be plugged in late.

    See `CardReader`. A reader that has gone is forgotten, so that another one can take its place.
    """

    def __init__(self, wanted: str = "") -> None:
        self._wanted = wanted.casefold()
        self._found: PCSCReader | None = None
        self.name = UNCHOSEN
        self.is_virtual = False  # not known before there is a reader

    def card_present(self) -> bool:
        """See `CardReader.card_present`."""
        try:
            return self._reader().card_present()
        except ReaderMissing:
            self.close()
            raise

    def connect(self) -> CardChannel:
        """See `CardReader.connect`."""
        try:
            return self._reader().connect()
        except ReaderMissing:
            self.close()
            raise

    def close(self) -> None:
        """Lets go of the reader."""
        found, self._found = self._found, None
        self.name, self.is_virtual = UNCHOSEN, False
        if found is not None:
            found.close()

    def _reader(self) -> PCSCReader:
        if self._found is None:
            name = next((name for name in reader_names() if self._wanted in name.casefold()), None)
            if name is None:
                raise ReaderMissing
            self._found = PCSCReader(name)
            self.name, self.is_virtual = self._found.name, self._found.is_virtual
        return self._found


def open_reader(setting: str) -> CardReader:
    """The reader of a `COMPANION_READER` setting. Nothing is connected yet."""
    kind, _, detail = setting.partition(":")
    return SocketReader(Path(detail)) if kind == "socket" else FirstPCSCReader(detail)
