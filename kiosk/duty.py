"""Whether the terminal may serve the next person, and if not, why. Of several reasons, the one that lasts longest is told.

not enrolled → suspended → clock → maintenance → hours → disk → reader → server
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kiosk.closed import ClosedReason
from kiosk.hours import LAST_ENTRY, Hours
from services.domain.policy import REQUEST_AGE
from services.domain.terminal import Part, Report
from services.domain.terminal_policy import TerminalPolicy, Trait

SMALLEST_DISK_MB: Final = 20  # a thousand journal records of the largest size


@dataclass(frozen=True)
class Situation:
    """Everything that the decision depends on. `refused` is what the server's last refusal means."""

    now: datetime
    report: Report
    offset: timedelta | None
    policy: TerminalPolicy | None
    fresh: bool
    refused: ClosedReason | None
    traits: frozenset[Trait]
    hours: Hours
    daily_maintenance: Hours | None = None


def reason_to_close(found: Situation) -> ClosedReason | None:
    """Why nobody may begin now; `None` when somebody may."""
    return next((reason for reason, holds in _reasons(found) if holds), None)


def _reasons(found: Situation) -> Iterator[tuple[ClosedReason, bool]]:
    report = found.report
    yield ClosedReason.NOT_ENROLLED, found.refused is ClosedReason.NOT_ENROLLED
    yield ClosedReason.SUSPENDED, found.refused is ClosedReason.SUSPENDED or _is_stopped(found)
    yield ClosedReason.CLOCK, found.offset is not None and abs(found.offset) > REQUEST_AGE
    yield ClosedReason.MAINTENANCE, report.journal_newer > 0 or _in_maintenance(found)
    yield ClosedReason.HOURS, not found.hours.admits(found.now)
    yield ClosedReason.DISK, not report.disk_writable or report.disk_free_mb < SMALLEST_DISK_MB
    yield ClosedReason.READER, report.reader is Part.ABSENT
    # Of an answer that another thread is just taking in, the policy may be there and the offset not yet.
    yield ClosedReason.SERVER, not found.fresh or found.offset is None


def _is_stopped(found: Situation) -> bool:
    return found.policy is not None and found.policy.stop_of(found.traits) is not None


def _in_maintenance(found: Situation) -> bool:
    moments = (found.now, found.now + LAST_ENTRY)
    planned = found.policy is not None and any(
        window.covers(moment) for window in found.policy.maintenance for moment in moments
    )
    daily = found.daily_maintenance
    return planned or (daily is not None and any(daily.covers(moment) for moment in moments))
