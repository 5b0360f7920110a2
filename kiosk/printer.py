"""Which receipt printer a terminal has: ESC/POS on a device file or over the network, or none, which is the default."""

import re
from typing import Final, NoReturn

from services.domain.errors import PrinterFailed
from services.domain.receipt import Receipt
from services.ports import Printer

RAW_PORT: Final = 9100
_SETTING: Final = re.compile(
    r"none|file:(?P<path>/[^\0]+)|network:(?P<host>[A-Za-z0-9.-]{1,253})(:(?P<port>[1-9][0-9]{0,4}))?"
)


def printer_setting(text: str) -> str:
    """`none`, `file:` and an absolute path, or `network:` and a host, with a port where it is not 9100.

    Raises:
        ValueError: none of these.
    """
    match = _SETTING.fullmatch(text)
    if match is None or int(match["port"] or RAW_PORT) > 65_535:
        raise ValueError("a printer is none, file:/path or network:host[:port]")
    return text


def open_printer(setting: str) -> Printer:
    """The printer of this setting. Nothing is connected before something is printed."""
    match = _SETTING.fullmatch(setting)
    assert match is not None
    if match["path"] is None and match["host"] is None:
        return NoPrinter()
    # Imported here: python-escpos reads its table of printers for a second and sets up logging, on terminals that have none, too.
    from kiosk.escpos_printer import file_printer, network_printer  # noqa: PLC0415

    if match["path"] is not None:
        return file_printer(match["path"])
    return network_printer(match["host"], int(match["port"] or RAW_PORT))


class NoPrinter:
    """Most terminals."""

    wanted: Final = False

    def is_there(self) -> bool:
        """It is not."""
        return False

    def print(self, receipt: Receipt) -> NoReturn:  # noqa: ARG002  # the port's signature
        """Nobody asks for it."""
        raise PrinterFailed
