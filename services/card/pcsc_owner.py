"""The child process that owns one PC/SC reader. It alone speaks to pcscd; `services.card.pcsc` speaks to it over a pipe.

SCardTransmit has no time-out, so the only cure for a card that hangs is to kill whoever waits: this process. A request is one byte
and a body, an answer the same:

    L → N names, a line each        P → Y | N                   C → K                 T command → A answer and status word
    D → K                           anything → M reader missing | E card missing | X lost, outcome unknown
"""

import sys
from multiprocessing.connection import Connection
from typing import Final

from smartcard import scard

from services.memory import guard_memory

LIST: Final = b"L"
PRESENT: Final = b"P"
CONNECT: Final = b"C"
TRANSMIT: Final = b"T"
DISCONNECT: Final = b"D"

DONE: Final = b"K"
NAMES: Final = b"N"
YES: Final = b"Y"
NO: Final = b"N"
ANSWER: Final = b"A"
READER_MISSING: Final = b"M"
CARD_MISSING: Final = b"E"
LOST: Final = b"X"

_NO_CARD: Final = frozenset({scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_REMOVED_CARD})
_NO_READER: Final = frozenset(
    {
        scard.SCARD_E_UNKNOWN_READER,
        scard.SCARD_E_READER_UNAVAILABLE,
        scard.SCARD_E_NO_SERVICE,
        scard.SCARD_E_NO_READERS_AVAILABLE,
    }
)
_PROTOCOLS: Final = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1


class Owner:
    """One reader's handle. Every result code of PC/SC but success is one of three answers; none is examined further.

    pcscd has been seen to say "success, 0 bytes" for a card pulled during a command, so a result code alone proves nothing: an
    answer without a status word is a lost card too.
    """

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._context: object | None = None
        self._card: object | None = None
        self._protocol = scard.SCARD_PROTOCOL_T1

    def answer(self, request: bytes) -> bytes:
        """Carries one request out."""
        kind, body = request[:1], request[1:]
        if kind == TRANSMIT:
            return self._transmit(body)
        if kind == DISCONNECT:
            return self._disconnect()
        if not self._has_context():
            return READER_MISSING
        if kind == LIST:
            return self._names()
        return self._present() if kind == PRESENT else self._connect()

    def _has_context(self) -> bool:
        if self._context is not None and scard.SCardIsValidContext(self._context) == scard.SCARD_S_SUCCESS:
            return True
        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        self._context = context if result == scard.SCARD_S_SUCCESS else None
        return self._context is not None

    def _names(self) -> bytes:
        result, readers = scard.SCardListReaders(self._context, [])
        return NAMES + "\n".join(readers if result == scard.SCARD_S_SUCCESS else []).encode()

    def _present(self) -> bytes:
        result, states = scard.SCardGetStatusChange(self._context, 0, [(self._reader, scard.SCARD_STATE_UNAWARE)])
        if result != scard.SCARD_S_SUCCESS:
            self._context = None
            return READER_MISSING
        state = states[0][1]
        if state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE):
            return READER_MISSING
        return YES if state & scard.SCARD_STATE_PRESENT else NO

    def _connect(self) -> bytes:
        """Exclusive, and reset cold: no security status of an earlier owner survives."""
        self._disconnect()
        result, card, protocol = scard.SCardConnect(
            self._context, self._reader, scard.SCARD_SHARE_EXCLUSIVE, _PROTOCOLS
        )
        if result == scard.SCARD_S_SUCCESS:
            self._card, self._protocol = card, protocol
            result, self._protocol = scard.SCardReconnect(
                card, scard.SCARD_SHARE_EXCLUSIVE, _PROTOCOLS, scard.SCARD_UNPOWER_CARD
            )
        if result == scard.SCARD_S_SUCCESS:
            return DONE
        self._disconnect()
        if result in _NO_READER:
            return READER_MISSING
        return CARD_MISSING if result in _NO_CARD else LOST

    def _transmit(self, command: bytes) -> bytes:
        if self._card is None:
            return LOST
        header = scard.SCARD_PCI_T0 if self._protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        result, response = scard.SCardTransmit(self._card, header, list(command))
        if result != scard.SCARD_S_SUCCESS or len(response) < 2:
            self._disconnect()
            return LOST
        return ANSWER + bytes(response)

    def _disconnect(self) -> bytes:
        """Powers the card down, so that a verified password does not outlive the session."""
        if self._card is not None:
            scard.SCardDisconnect(self._card, scard.SCARD_UNPOWER_CARD)
            self._card = None
        return DONE


def own(connection: Connection, reader: str) -> None:
    """The process's whole life: answers until the pipe closes."""
    owner = Owner(reader)
    try:
        while True:
            connection.send_bytes(owner.answer(connection.recv_bytes()))
    except (EOFError, OSError, KeyboardInterrupt):
        owner.answer(DISCONNECT)


if __name__ == "__main__":
    guard_memory()
    own(Connection(int(sys.argv[1])), sys.argv[2])
