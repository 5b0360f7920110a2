"""The receipt on its way to paper: after the result is on the screen, in a thread of its own, so that nobody waits for a printer.

Paper holds nothing personal: a job that a printer finishes when its paper is refilled tells the next person nothing of this one.
"""

import queue
import threading
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Final, NamedTuple

import structlog

from kiosk.printer import NoPrinter
from services.domain.errors import PrinterFailed
from services.domain.receipt import Receipt
from services.ports import Printer

log = structlog.get_logger(__name__)


class Paper(StrEnum):
    """What the screen says of it."""

    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"


class _Job(NamedTuple):
    receipt: Receipt
    tell: Callable[[Paper], None]


class PaperDesk:
    """One printer and one job at a time: a printer that hangs loses receipts, and never a session."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._jobs: queue.Queue[_Job] = queue.Queue()

    def begin(self, receipt: Receipt, tell: Callable[[Paper], None]) -> Paper | None:
        """Returns at once; `None` where there is no printer. What became of it is told later, from another thread."""
        if not self._printer.wanted:
            return None
        if self._jobs.unfinished_tasks:
            log.warning("receipt_not_printed", why="busy")
            return Paper.FAILED
        self._jobs.put(_Job(receipt, tell))
        return Paper.PRINTING

    def work(self, wait: timedelta = timedelta(0)) -> None:
        """Prints what waits, if anything does within the time."""
        try:
            job = self._jobs.get(timeout=wait.total_seconds()) if wait else self._jobs.get_nowait()
        except queue.Empty:
            return
        try:
            self._printer.print(job.receipt)
        except PrinterFailed as failed:
            log.warning("receipt_not_printed", why=failed.code)
            job.tell(Paper.FAILED)
        else:
            log.info("receipt_printed")
            job.tell(Paper.PRINTED)
        finally:
            self._jobs.task_done()


NO_PAPER: Final = PaperDesk(NoPrinter())


class PaperThread:
    """Works at the desk until the process ends: a write to a printer cannot be interrupted, and nobody waits for it."""

    def __init__(self, desk: PaperDesk) -> None:
        self._desk = desk
        self._thread = threading.Thread(target=self._run, name="paper", daemon=True)

    def start(self) -> None:
        """Begins to print what comes."""
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                self._desk.work(timedelta(seconds=60))
            except Exception as exc:  # noqa: BLE001  # an outermost loop: the next receipt must find a working thread
                log.error("paper_fault", error=type(exc).__name__)  # noqa: TRY400  # a message could quote what is printed
