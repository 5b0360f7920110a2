"""A printer that speaks ESC/POS, reached through python-escpos."""

import os
import socket
import threading
from collections.abc import Callable
from typing import Final

from escpos.escpos import Escpos
from escpos.exceptions import Error
from escpos.printer import File, Network

from kiosk.receipt_paper import printed_receipt
from services.domain.errors import PrinterFailed
from services.domain.receipt import Receipt

TIMEOUT_S: Final = 5.0
PRESENCE_TIMEOUT_S: Final = 2.0
_NO_PAPER: Final = 0


def file_printer(path: str) -> "EscposPrinter":
    """A device file, which takes octets and answers none. It is there when it may be written to; udev removes an unplugged one."""
    return EscposPrinter(lambda: File(path, auto_flush=False), lambda: os.access(path, os.W_OK))


def network_printer(host: str, port: int) -> "EscposPrinter":
    """A printer that can be asked whether it is ready. It is there when it takes a connection."""
    return EscposPrinter(
        lambda: Network(host, port, timeout=TIMEOUT_S), lambda: _takes_connections(host, port), tells_of_paper=True
    )


def _takes_connections(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), PRESENCE_TIMEOUT_S).close()
    except (OSError, UnicodeError):  # a name that is none is the latter
        return False
    return True


class EscposPrinter:
    """`ports.Printer`. Where it can answer, it is asked for paper first: half a receipt is none."""

    wanted: Final = True

    def __init__(
        self, device: Callable[[], Escpos], is_there: Callable[[], bool], *, tells_of_paper: bool = False
    ) -> None:
        self._device = device
        self._is_there = is_there
        self._tells_of_paper = tells_of_paper
        self._in_use = threading.Lock()  # most network printers take one connection at a time

    def is_there(self) -> bool:
        """Asks the device; one that prints just now is."""
        if not self._in_use.acquire(blocking=False):
            return True
        try:
            return self._is_there()
        finally:
            self._in_use.release()

    def print(self, receipt: Receipt) -> None:
        """Connects, prints and lets go: another program may own the printer a moment later."""
        try:
            with self._in_use:
                self._print(printed_receipt(receipt))
        except (Error, OSError) as exc:
            raise PrinterFailed from exc

    def _print(self, octets: bytes) -> None:
        device = self._device()
        device.open()
        try:
            self._send(device, octets)
        finally:
            device.close()

    def _send(self, device: Escpos, octets: bytes) -> None:
        if self._tells_of_paper and (not device.is_online() or device.paper_status() == _NO_PAPER):
            raise PrinterFailed
        device._raw(octets)  # noqa: SLF001  # the library's way to send octets as they are
