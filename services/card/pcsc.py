"""Card readers through PC/SC, each owned by one child process that can be killed.

A card may hang inside a command for ever, and PC/SC has no time-out for it (measured, spec/card.md 2.6). So the reader belongs to
a child process; when it stays silent too long it is killed, which drops the connection, and the next use starts another.
Secrets travel over the pipe only.
"""

import os
import subprocess
import sys
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

from services.card import pcsc_owner
from services.domain.errors import CardConnectionLost, CardMissing, ReaderMissing

LONGEST_SILENCE_S = 8.0  # RSA-2048 on a contactless card takes about a second; the next person waits no ten
START_TIME_S = 20.0  # a fresh interpreter on a busy machine
STOP_TIME_S = 2.0

# Only what a driver for virtual cards calls itself. A real reader behind such a name would be taken for a toy, never the reverse.
VIRTUAL_NAMES = ("virtual", "vpcd", "仮想")


class _OwnerProcess:
    """The child process of one reader, started at first use and again after it had to be killed."""

    def __init__(self, reader: str, longest_silence_s: float) -> None:
        self._reader = reader
        self._longest_silence_s = longest_silence_s
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def ask(self, request: bytes) -> bytes:
        """Asks the owner.

        Raises:
            CardConnectionLost: it stayed silent and was killed, or it died.
            ReaderMissing, CardMissing: as it says.
        """
        fresh = self._pipe is None
        pipe = self._pipe or self._start()
        try:
            pipe.send_bytes(request)
            # Starting takes longer than any card: the watchdog must not take the one for the other.
            if not pipe.poll(START_TIME_S if fresh else self._longest_silence_s):
                self.kill()
                raise CardConnectionLost(reason="silent")
            answer = pipe.recv_bytes()
        except (OSError, EOFError) as problem:
            self.kill()
            raise CardConnectionLost(reason="reader process ended") from problem
        return _judged(answer)

    def kill(self) -> None:
        """Ends the process at once; the operating system closes its connection to pcscd, which powers the card down."""
        process, pipe, self._process, self._pipe = self._process, self._pipe, None, None
        if pipe:
            pipe.close()
        if process:
            process.kill()
            process.wait()

    def stop(self) -> None:
        """Ends the process politely: it powers the card down itself."""
        if self._pipe:
            self._pipe.close()
            self._pipe = None
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_TIME_S)
        self.kill()

    def _start(self) -> Connection:
        # Not multiprocessing's own process: it would import the whole program again, screens and all, before it looks at a card.
        ours, theirs = Pipe()
        words = [sys.executable, "-m", pcsc_owner.__name__, str(theirs.fileno()), self._reader]
        self._process = subprocess.Popen(  # noqa: S603  # our own module; a reader's name is one argument
            words,
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )
        theirs.close()
        self._pipe = ours
        return ours


def _judged(answer: bytes) -> bytes:
    match answer[:1]:
        case pcsc_owner.READER_MISSING:
            raise ReaderMissing
        case pcsc_owner.CARD_MISSING:
            raise CardMissing
        case pcsc_owner.LOST:
            raise CardConnectionLost
    return answer


class PCSCReader:
    """One PC/SC reader by name. See `CardReader`; `close` ends its owner process."""

    def __init__(self, name: str, longest_silence_s: float = LONGEST_SILENCE_S) -> None:
        self.name = name
        self.is_virtual = any(word in name.lower() for word in VIRTUAL_NAMES)
        self._owner = _OwnerProcess(name, longest_silence_s)

    def card_present(self) -> bool:
        """Whether a card is on the reader now."""
        try:
            return self._owner.ask(pcsc_owner.PRESENT) == pcsc_owner.YES
        except CardConnectionLost as problem:
            raise ReaderMissing(reader=self.name) from problem

    def connect(self) -> "PCSCChannel":
        """Opens an exclusive connection and resets the card; see `CardReader.connect`."""
        self._owner.ask(pcsc_owner.CONNECT)
        return PCSCChannel(self._owner)

    def close(self) -> None:
        """Ends the owner process. A channel that is open is lost."""
        self._owner.stop()


class PCSCChannel:
    """An exclusive connection to the card on a reader. Once lost, it stays lost."""

    def __init__(self, owner: _OwnerProcess) -> None:
        self._owner: _OwnerProcess | None = owner

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """See `CardChannel.transmit`."""
        if self._owner is None:
            raise CardConnectionLost(reason="closed")
        try:
            answer = self._owner.ask(pcsc_owner.TRANSMIT + command)
        except (ReaderMissing, CardMissing, CardConnectionLost) as problem:
            self._owner = None
            raise CardConnectionLost from problem
        return answer[1:-2], int.from_bytes(answer[-2:], "big")

    def close(self) -> None:
        """Powers the card down; see `CardChannel.close`."""
        owner, self._owner = self._owner, None
        if owner is not None:
            with suppress(CardConnectionLost, ReaderMissing, CardMissing):
                owner.ask(pcsc_owner.DISCONNECT)


def reader_names() -> list[str]:
    """The readers that PC/SC knows; none where PC/SC does not run."""
    owner = _OwnerProcess("", LONGEST_SILENCE_S)
    try:
        answer = owner.ask(pcsc_owner.LIST)
    except (ReaderMissing, CardConnectionLost):
        return []
    finally:
        owner.stop()
    return [name for name in answer[1:].decode("utf-8", "replace").split("\n") if name]
