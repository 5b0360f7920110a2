"""Puts a virtual card into vpcd's reader, so that pcscd and everything above it runs for real.

The protocol, read off the wire and its documentation (spec/card.md 2.3): every message is a two-byte length and a body. A body
of one byte is a control: 00 power off, 01 power on, 02 reset, 04 "your ATR, please"; every longer one is a command APDU. The
card is the client; connecting puts it on the reader, closing takes it off.
"""

import socket
from contextlib import suppress
from threading import Event
from typing import Final

from services.card.virtual.card import ATR, CardEngine
from services.domain.errors import CardConnectionLost, ReaderMissing

PORTS: Final = (35963, 35964)  # Debian's vpcd has two slots
POWER_OFF: Final = b"\x00"
POWER_ON: Final = b"\x01"
RESET: Final = b"\x02"
GET_ATR: Final = b"\x04"
CONNECT_TIME_S: Final = 5.0
# pcscd looks at a reader every 0.4 s. After a card was torn out in a command and another is there at its next look, it takes the
# reader for empty until that one is taken off too (seen on pcscd 1.9.9): so a slot stays empty for two looks.
ABSENCE_S: Final = 0.9
NOTICE_TIME_S: Final = 0.05  # how often a waiting card looks whether it is to be taken off

# vpcd 3.3 sends length and body in two pieces. With delayed acknowledgements the second piece waits 40 ms for the first one's,
# at every APDU; the kernel forgets TCP_QUICKACK after each receive, so it is asked for before each (Linux tcp(7)).
_ACKNOWLEDGE_AT_ONCE: Final = getattr(socket, "TCP_QUICKACK", None)


def serve_vpcd(card: CardEngine, host: str, port: int, stop: Event, ready: Event | None = None) -> None:
    """Connects to vpcd, says so when it asks its first question, and answers until `stop` is set or the connection ends.

    Raises:
        ReaderMissing: nothing listens there, or it listens and never asks.
    """
    connection = _connected(host, port)
    if ready:
        ready.set()
    with suppress(CardConnectionLost):
        converse(card, connection, stop)


def _connected(host: str, port: int) -> socket.socket:
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_TIME_S)
    try:
        connection.connect((host, port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not connection.recv(1, socket.MSG_PEEK):
            raise ReaderMissing(port=port)
    except OSError as problem:
        connection.close()
        raise ReaderMissing(port=port) from problem
    return connection


def converse(card: CardEngine, connection: socket.socket, stop: Event) -> None:
    """Answers on the connection until it ends, `stop` is set or the card is torn out; then closes it.

    Raises:
        CardConnectionLost: the card was torn out by its script.
    """
    connection.settimeout(NOTICE_TIME_S)
    with connection, suppress(OSError, EOFError):
        while (message := receive(connection, stop)) is not None:
            answer = _answer(card, message)
            if answer is not None:
                connection.sendall(framed(answer))


def framed(body: bytes) -> bytes:
    """The body with its length before it."""
    return len(body).to_bytes(2, "big") + body


def receive(connection: socket.socket, stop: Event) -> bytes | None:
    """The next message; `None` when `stop` was set meanwhile. The connection has a short time-out, at which `stop` is looked at.

    Raises:
        EOFError: the other end closed.
    """
    length = _exactly(connection, 2, stop)
    return None if length is None else _exactly(connection, int.from_bytes(length, "big"), stop)


def _exactly(connection: socket.socket, count: int, stop: Event) -> bytes | None:
    received = b""
    while len(received) < count:
        if stop.is_set():
            return None
        if connection.family == socket.AF_INET and _ACKNOWLEDGE_AT_ONCE is not None:
            connection.setsockopt(socket.IPPROTO_TCP, _ACKNOWLEDGE_AT_ONCE, 1)
        with suppress(TimeoutError):
            piece = connection.recv(count - len(received))
            if not piece:
                raise EOFError
            received += piece
    return received


def _answer(card: CardEngine, message: bytes) -> bytes | None:
    if message in (POWER_OFF, POWER_ON, RESET):
        card.reset()
        return None
    if message == GET_ATR:
        return ATR
    data, status = card.transmit(message)
    return data + status.to_bytes(2, "big")
