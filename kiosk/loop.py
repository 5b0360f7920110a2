"""The threads of a terminal in a shop: the controller's, and those that do the same again and again. Tests need neither."""

import secrets
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Protocol

import structlog

from kiosk.controller import Controller
from kiosk.inbox import Happening, Inbox
from kiosk.screen import Screen
from services.domain.errors import Unexpected

BEAT: Final = timedelta(seconds=0.25)
ANSWER_TIME: Final = timedelta(seconds=3)  # after it the browser gets the screen as it is, and polls

log = structlog.get_logger(__name__)


class Front(Protocol):
    """The terminal as its own browser sees it."""

    @property
    def screen(self) -> Screen:
        """What to show now."""

    def tell(self, happening: Happening) -> None:
        """Hands a touch over; returns when it was handled or the screen has changed."""


class Loop:
    """Runs the controller until `stop`. The outermost loop: whatever goes wrong in it ends the session, not the terminal."""

    def __init__(self, controller: Controller, inbox: Inbox) -> None:
        self._controller = controller
        self._inbox = inbox
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="controller", daemon=True)

    @property
    def screen(self) -> Screen:
        return self._controller.screen

    def tell(self, happening: Happening) -> None:
        before = self.screen.step
        self._inbox.post(happening)
        end = time.monotonic() + ANSWER_TIME.total_seconds()
        while self.screen.step == before and time.monotonic() < end:
            if happening.handled.wait(0.02):
                return

    def start(self) -> None:
        """Begins to handle what happens."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after what is being handled now."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                happening = self._inbox.take(BEAT)
                if happening is not None:
                    self._controller.handle(happening)
                self._controller.tick()
            except Exception as exc:  # noqa: BLE001  # an outermost loop: the next person must find a working terminal
                # Not the traceback: it could quote what somebody typed.
                incident = secrets.token_hex(4)
                log.error("kiosk_fault", incident=incident, error=type(exc).__name__, where=_where(exc))  # noqa: TRY400
                self._controller.abort(Unexpected(incident=incident))


class Repeating:
    """Does the same again and again in a thread of its own, the first time at once."""

    def __init__(self, name: str, work: Callable[[], None], every: timedelta) -> None:
        self._name = name
        self._work = work
        self._every = every
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after what is being done now."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._work()
            except Exception as exc:  # noqa: BLE001  # an outermost loop: the next time may be better
                log.error("thread_fault", thread=self._name, error=type(exc).__name__, where=_where(exc))  # noqa: TRY400
            if self._ended.wait(self._every.total_seconds()):
                return


def _where(fault: Exception) -> str:
    """File and line of the fault, without any value."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
