"""The virtual card's memory: what survives a power cut, what does not, and what its files refer to."""

from collections.abc import Callable
from dataclasses import dataclass, field

from services.card.apdu import StatusWord
from services.card.virtual.contents import CardContents, Pin, PinState
from services.card.virtual.filesystem import File, Folder, PinFile, folders

CURRENT_FILE = 0x80  # P2: the selected EF; 80 | short id names another


class CardRefusal(Exception):
    """A command that ends with this status word and nothing else. It never leaves the card."""

    def __init__(self, status: StatusWord | int) -> None:
        self.status = int(status)
        super().__init__(f"{status:04X}")


@dataclass
class Session:
    """Volatile: replaced whole by a reset and by the selection of another application."""

    folder: Folder
    file: int | None = None
    verified: set[Pin] = field(default_factory=set)
    challenge: bytes | None = None
    unblocked_file: int | None = None  # the one key EF that the issuer authorised to be reset, once


class CardMemory:
    """Volatile and non-volatile memory of one card.

    `save` makes a new state durable before it counts; `committed` is told right after, which is where faults tear the card out.
    """

    def __init__(
        self, contents: CardContents, save: Callable[[CardContents], None], committed: Callable[[], None]
    ) -> None:
        self.contents = contents
        self._save = save
        self._committed = committed
        self.folders = folders(contents)
        self.session = Session(self.folders[0])

    def power_up(self) -> None:
        """Nothing verified, the issuer's domain current."""
        self.session = Session(self.folders[0])

    def commit(self, pin: Pin, state: PinState) -> None:
        """Changes one password's state in one durable step."""
        contents = self.contents.with_pin(pin, state)
        self._save(contents)
        self.contents = contents
        self._committed()

    def file(self, reference: int) -> tuple[int, File]:
        """The EF that a P2 of the form 80 or 80|SFI means, and its number.

        Raises:
            CardRefusal: no EF is selected, or none has this short id.
        """
        short_id = reference & 0x1F
        number = self.session.folder.by_short_id(short_id) if short_id else self.session.file
        if number is None:
            raise CardRefusal(StatusWord.REFERENCE_NOT_FOUND if short_id else StatusWord.NO_CURRENT_FILE)
        return number, self.session.folder.files[number]

    def pin_file(self, p2: int) -> tuple[int, Pin | None]:
        """The password EF that P2 means; its pin is `None` where it was never set.

        Raises:
            CardRefusal: P2 has another form, or the EF is of another type.
        """
        if p2 & 0xE0 != CURRENT_FILE:
            raise CardRefusal(StatusWord.WRONG_PARAMETERS)
        number, file = self.file(p2)
        if not isinstance(file, PinFile):
            raise CardRefusal(StatusWord.WRONG_FILE_TYPE)
        return number, file.pin
