"""A printer that speaks ESC/POS, reached through python-escpos."""

from collections.abc import Callable
from typing import Final

from escpos.escpos import Escpos
from escpos.exceptions import Error
from escpos.printer import File, Network

from kiosk.receipt_paper import printed_receipt
from services.domain.errors import PrinterFailed
from services.domain.receipt import Receipt

TIMEOUT_S: Final = 5.0
_NO_PAPER: Final = 0


def file_printer(path: str) -> "EscposPrinter":
    """A device file, which takes octets and answers none."""
    return EscposPrinter(lambda: File(path, auto_flush=False))


def network_printer(host: str, port: int) -> "EscposPrinter":
    """A printer that can be asked whether it is ready."""
    return EscposPrinter(lambda: Network(host, port, timeout=TIMEOUT_S), tells_of_paper=True)


class EscposPrinter:
    """`ports.Printer`. Where it can answer, it is asked for paper first: half a receipt is none."""

    present: Final = True

    def __init__(self, device: Callable[[], Escpos], *, tells_of_paper: bool = False) -> None:
        self._device = device
        self._tells_of_paper = tells_of_paper

    def print(self, receipt: Receipt) -> None:
        """Connects, prints and lets go: another program may own the printer a moment later."""
        try:
            device = self._device()
            device.open()
            try:
                self._send(device, printed_receipt(receipt))
            finally:
                device.close()
        except (Error, OSError) as exc:
            raise PrinterFailed from exc

    def _send(self, device: Escpos, octets: bytes) -> None:
        if self._tells_of_paper and (not device.is_online() or device.paper_status() == _NO_PAPER):
            raise PrinterFailed
        device._raw(octets)  # noqa: SLF001  # the library's way to send octets as they are
