"""What the terminal finds out about itself, before each heartbeat: reader, disk, printer, journal. Nothing of any person."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.disk import Disk
from kiosk.journal import Journal
from services.domain.errors import StorageUnavailable
from services.domain.terminal import Part, Report

PROBE: Final = "self-test"
_MEGABYTE: Final = 1_000_000


def no_printer() -> Part:
    """For a terminal that has none."""
    return Part.OFF


@dataclass(frozen=True)
class SelfTest:
    """The parts that are asked. `folder` lies on the journal's disk."""

    build: str
    folder: Path
    disk: Disk
    journal: Journal
    reader: Callable[[], Part]
    printer: Callable[[], Part] = no_printer

    def run(self, *, offset_ms: int | None, policy_serial: int, closed: str) -> Report:
        """The report, with what only the heartbeat knows."""
        waiting, damaged, newer = self.journal.counts()
        return Report(
            build=self.build,
            policy_serial=policy_serial,
            clock_offset_ms=offset_ms,
            reader=self.reader(),
            printer=self.printer(),
            disk_writable=self._is_writable(),
            disk_free_mb=self._free_mb(),
            journal_waiting=waiting,
            journal_damaged=damaged,
            journal_newer=newer,
            closed=closed,
        )

    def _is_writable(self) -> bool:
        try:
            self.disk.write(PROBE, b"written")
            self.disk.remove(PROBE)
        except StorageUnavailable:
            return False
        return True

    def _free_mb(self) -> int:
        try:
            return shutil.disk_usage(self.folder).free // _MEGABYTE
        except OSError:
            return 0
