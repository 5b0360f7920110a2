"""A virtual reader over a local socket, for machines where PC/SC is not to be had. See `services.card.virtual.socket_slot`."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from services.card.virtual.card import ATR
from services.card.virtual.vpcd import GET_ATR, POWER_ON, framed
from services.domain.errors import CardConnectionLost, CardMissing

LONGEST_SILENCE_S = 5.0


class SocketReader:
    """The slot at `path`: whether a card is on it shows in whether somebody listens there."""

    is_virtual = True

    def __init__(self, path: Path, longest_silence_s: float = LONGEST_SILENCE_S) -> None:
        self.name = f"仮想カードリーダー {path.name}"
        self._path = path
        self._longest_silence_s = longest_silence_s

    def card_present(self) -> bool:
        """Whether a card listens now; one with more guests waiting than it has seats is there too."""
        try:
            connection = self._connected()
        except CardConnectionLost:
            return True
        if connection is None:
            return False
        connection.close()
        return True

    def connect(self) -> "SocketChannel":
        """See `CardReader.connect`."""
        connection = self._connected()
        if connection is None:
            raise CardMissing
        channel = SocketChannel(connection)
        try:
            channel.power_up()
        except CardConnectionLost:
            channel.close()
            raise
        return channel

    def _connected(self) -> socket.socket | None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._longest_silence_s)
        try:
            connection.connect(str(self._path))
        except BlockingIOError as problem:
            connection.close()
            raise CardConnectionLost(reason="busy") from problem
        except OSError:
            connection.close()
            return None
        return connection


class SocketChannel:
    """One exclusive connection. Silence for too long counts as a lost card."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def power_up(self) -> None:
        """Asks for the card; somebody who is shown the door finds the connection closed."""
        with self._losing():
            self._connection.sendall(framed(POWER_ON) + framed(GET_ATR))
            if self._receive() != ATR:
                raise CardConnectionLost(reason="no card")

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """See `CardChannel.transmit`."""
        with self._losing():
            self._connection.sendall(framed(command))
            answer = self._receive()
        if len(answer) < 2:
            raise CardConnectionLost
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def close(self) -> None:
        """See `CardChannel.close`: the card powers down when the connection ends."""
        with suppress(OSError):
            self._connection.close()

    def _receive(self) -> bytes:
        return self._exactly(int.from_bytes(self._exactly(2), "big"))

    def _exactly(self, count: int) -> bytes:
        received = b""
        while len(received) < count:
            piece = self._connection.recv(count - len(received))
            if not piece:
                raise CardConnectionLost
            received += piece
        return received

    @contextmanager
    def _losing(self) -> Iterator[None]:
        """Turns every trouble of the socket into a lost card, for good: after it, nothing arrives in step any more."""
        try:
            yield
        except (OSError, CardConnectionLost) as problem:
            self._connection.close()
            raise CardConnectionLost from problem
