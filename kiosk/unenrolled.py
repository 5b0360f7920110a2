"""A terminal that has no identity yet: it shows that it is closed, until an operator has enrolled it."""

import os
import signal
from dataclasses import replace
from pathlib import Path

import structlog

from kiosk.closed import ClosedReason
from kiosk.identity import IdentityUnusable
from kiosk.identity import load as load_identity
from kiosk.inbox import Happening
from kiosk.screen import Fault, Screen
from kiosk.terminal_key import KeyUnusable, load
from services.domain.kiosk_session import KioskState

log = structlog.get_logger(__name__)


class ClosedFront:
    """`kiosk.loop.Front` with one screen, in whatever language and presentation is chosen on it."""

    def __init__(self, reason: ClosedReason) -> None:
        self.screen = Screen(KioskState.CLOSED, closed=reason, fault=Fault.of(reason.error))

    def tell(self, happening: Happening) -> None:
        """Takes no touch but that choice."""
        if happening.manner is not None and happening.step == self.screen.step:
            self.screen = replace(self.screen, manner=happening.manner)
        happening.handled.set()


def end_when_enrolled(key_file: Path, identity_file: Path) -> None:
    """Ends the program once key and identity are there: its supervisor then starts a terminal that serves."""
    try:
        load(key_file)
        load_identity(identity_file)
    except (KeyUnusable, IdentityUnusable):
        return
    log.info("enrolled")
    os.kill(os.getpid(), signal.SIGTERM)
