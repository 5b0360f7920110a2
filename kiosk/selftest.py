"""What the terminal finds out about itself, before each heartbeat: reader, disk, printer, journal. Nothing of any person."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.disk import Disk
from kiosk.journal import Journal
from kiosk.printer import NoPrinter
from services.domain.errors import StorageUnavailable
from services.domain.terminal import Part, Report
from services.ports import Printer

PROBE: Final = "self-test"
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True)
class SelfTest:
    """The parts that are asked. `disks` is every folder that must take something; `folder` lies on the journal's disk."""

    build: str
    folder: Path
    disks: Sequence[Disk]
    journal: Journal
    reader: Callable[[], Part]
    printer: Printer = NoPrinter()  # noqa: RUF009  # it has no state

    def run(self, *, offset_ms: int | None, policy_serial: int, closed: str) -> Report:
        """The report, with what only the heartbeat knows."""
        waiting, damaged, newer = self.journal.counts()
        return Report(
            build=self.build,
            policy_serial=policy_serial,
            clock_offset_ms=offset_ms,
            reader=self.reader(),
            printer=self._printer(),
            disk_writable=self._is_writable(),
            disk_free_mb=self._free_mb(),
            journal_waiting=waiting,
            journal_damaged=damaged,
            journal_newer=newer,
            closed=closed,
        )

    def _printer(self) -> Part:
        if not self.printer.wanted:
            return Part.OFF
        return Part.PRESENT if self.printer.is_there() else Part.ABSENT

    def _is_writable(self) -> bool:
        try:
            for disk in self.disks:
                disk.write(PROBE, b"written")
                disk.remove(PROBE)
        except StorageUnavailable:
            return False
        return True

    def _free_mb(self) -> int:
        try:
            return shutil.disk_usage(self.folder).free // _MEGABYTE
        except OSError:
            return 0
