"""A virtual My Number Card at APDU level: bytes in, bytes and a status word out."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from services.card.apdu import Command, StatusWord
from services.card.virtual.commands import execute
from services.card.virtual.contents import CardContents
from services.card.virtual.memory import CardMemory, CardRefusal
from services.card.virtual.store import load, save

ATR: Final = bytes.fromhex("3BE000FF8131FE4514")  # the contact interface's, T=1 (OpenSC card-jpki.c)

log = logging.getLogger(__name__)


class CardEngine(Protocol):
    """Anything that answers APDUs like a card in a reader."""

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """One command, one answer.

        Raises:
            CardConnectionLost: the card was pulled or fell silent.
        """

    def reset(self) -> None:
        """Power on, or a reset: the volatile memory is gone."""


def _discard(_: CardContents) -> None:
    """Keeps nothing: the card's changes end with the process."""


def _nothing() -> None:
    """Nobody listens for commits."""


class VirtualCard:
    """One card.

    `keep` makes a state durable, `committed` is told right after it did. Without them the card forgets with the process.
    """

    def __init__(
        self,
        contents: CardContents,
        keep: Callable[[CardContents], None] = _discard,
        committed: Callable[[], None] = _nothing,
    ) -> None:
        log.warning("virtual card for practice, not a My Number Card")
        self._memory = CardMemory(contents, keep, committed)

    @classmethod
    def from_file(cls, path: Path, committed: Callable[[], None] = _nothing) -> "VirtualCard":
        """The card whose non-volatile memory is this file.

        Raises:
            NotMyNumberCard: no such file, or not a virtual card's.
        """
        return cls(load(path), lambda contents: save(contents, path), committed)

    @property
    def contents(self) -> CardContents:
        """The card's non-volatile memory as it is now."""
        return self._memory.contents

    def reset(self) -> None:
        """Power on, or a reset."""
        self._memory.power_up()

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Answers one command; whatever the bytes are, there is an answer."""
        try:
            parsed = Command.parse(command)
        except ValueError:
            return b"", int(StatusWord.WRONG_LENGTH)
        try:
            return execute(self._memory, parsed), int(StatusWord.OK)
        except CardRefusal as refusal:
            return b"", refusal.status

    def __repr__(self) -> str:
        return f"<VirtualCard {self.contents.serial}>"
