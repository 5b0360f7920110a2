"""A slot at a local socket, for machines without PC/SC: a card that listens is on the reader, one that does not is off.

The reader's side is `services.card.socket_reader`. Messages are framed like vpcd's; who sends POWER ON first holds the card, and
the next one is shown the door, so that a connection is exclusive as on PC/SC.
"""

import socket
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

from services.card.virtual.card import CardEngine
from services.card.virtual.vpcd import NOTICE_TIME_S, POWER_ON, converse, receive
from services.domain.errors import CardConnectionLost, ReaderMissing

MOST_WAITING = 64


def serve_socket(card: CardEngine, path: Path, stop: Event, ready: Event | None = None) -> None:
    """Listens at the path until `stop` is set or the card is torn out; says when it does.

    Raises:
        ReaderMissing: the path cannot be listened at.
    """
    holder, pulled = Lock(), Event()
    with _listener(path) as listener:
        if ready:
            ready.set()
        while not (stop.is_set() or pulled.is_set()):
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                Thread(target=_receive_guest, args=(card, connection, stop, holder, pulled), daemon=True).start()
    path.unlink(missing_ok=True)


def _listener(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
    except OSError as problem:  # among them: a path over 107 bytes
        listener.close()
        raise ReaderMissing(reader=path.name) from problem
    path.chmod(0o600)
    listener.listen(MOST_WAITING)
    listener.settimeout(NOTICE_TIME_S)
    return listener


def _receive_guest(card: CardEngine, connection: socket.socket, stop: Event, holder: Lock, pulled: Event) -> None:
    """Most guests only look whether somebody is at home, and leave without a word."""
    connection.settimeout(NOTICE_TIME_S)
    with connection, suppress(OSError, EOFError):
        if receive(connection, stop) != POWER_ON or not holder.acquire(blocking=False):
            return
        try:
            card.reset()
            converse(card, connection, stop)
        except CardConnectionLost:
            pulled.set()
        finally:
            card.reset()
            holder.release()
