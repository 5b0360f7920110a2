"""A reader in this process: for tests, and for the simulation of misfortune."""

from services.card.virtual.card import CardEngine
from services.domain.errors import CardConnectionLost, CardMissing


class VirtualReader:
    """A slot that virtual cards are put on and taken off."""

    is_virtual = True

    def __init__(self, name: str = "仮想カードリーダー") -> None:
        self.name = name
        self._card: CardEngine | None = None
        self._insertion = 0
        self._holder: VirtualChannel | None = None

    def insert(self, card: CardEngine) -> None:
        """Puts a card on the reader; one that is there is taken off first."""
        self.remove()
        self._card = card

    def remove(self) -> None:
        """Takes the card off. Channels to it are lost for good."""
        self._card = None
        self._insertion += 1
        self._holder = None

    def swap(self, card: CardEngine) -> None:
        """Replaces the card faster than PC/SC polls (400 ms): the channel stays, the other card is fresh from power-on."""
        card.reset()
        self._card = card

    def card_present(self) -> bool:
        """Whether a card is on the reader."""
        return self._card is not None

    def connect(self) -> "VirtualChannel":
        """See `CardReader.connect`."""
        if self._card is None:
            raise CardMissing
        if self._holder is not None:
            raise CardConnectionLost(reason="in use")
        self._card.reset()
        self._holder = VirtualChannel(self, self._insertion)
        return self._holder

    def answer(self, insertion: int, command: bytes) -> tuple[bytes, int]:
        """What the card says on the channel of that insertion.

        Raises:
            CardConnectionLost: that card is gone, or was torn out in this very command.
        """
        if self._card is None or insertion != self._insertion:
            raise CardConnectionLost
        try:
            return self._card.transmit(command)
        except CardConnectionLost:
            self.remove()
            raise

    def release(self, channel: "VirtualChannel") -> None:
        """Powers the card down, where this channel still held it."""
        if self._holder is channel:
            self._holder = None
            if self._card is not None:
                self._card.reset()


class VirtualChannel:
    """A connection to the card of one insertion."""

    def __init__(self, reader: VirtualReader, insertion: int) -> None:
        self._reader = reader
        self._insertion = insertion
        self._open = True

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """See `CardChannel.transmit`."""
        if not self._open:
            raise CardConnectionLost(reason="closed")
        return self._reader.answer(self._insertion, command)

    def close(self) -> None:
        """See `CardChannel.close`."""
        self._open = False
        self._reader.release(self)
