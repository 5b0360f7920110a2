"""Why a terminal serves nobody just now, each reason with its error."""

from enum import StrEnum
from typing import Final

from services.domain.errors import (
    OutsideHours,
    ResetError,
    TerminalClockWrong,
    TerminalDiskFull,
    TerminalNotEnrolled,
    TerminalOffline,
    TerminalReaderBroken,
    TerminalSuspended,
    TerminalUnderMaintenance,
)


class ClosedReason(StrEnum):
    HOURS = "hours"  # outside them, or too shortly before their end to begin
    MAINTENANCE = "maintenance"
    SUSPENDED = "suspended"  # by policy: this cohort of stores, builds or terminals
    NOT_ENROLLED = "not_enrolled"
    READER = "reader"
    DISK = "disk"
    CLOCK = "clock"
    SERVER = "server"

    @property
    def error(self) -> ResetError:
        """The reason in a visitor's words."""
        return ERRORS[self]()


ERRORS: Final[dict[ClosedReason, type[ResetError]]] = {
    ClosedReason.HOURS: OutsideHours,
    ClosedReason.MAINTENANCE: TerminalUnderMaintenance,
    ClosedReason.SUSPENDED: TerminalSuspended,
    ClosedReason.NOT_ENROLLED: TerminalNotEnrolled,
    ClosedReason.READER: TerminalReaderBroken,
    ClosedReason.DISK: TerminalDiskFull,
    ClosedReason.CLOCK: TerminalClockWrong,
    ClosedReason.SERVER: TerminalOffline,
}
