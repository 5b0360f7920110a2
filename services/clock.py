"""The system's clock, and one that tests move by hand."""

from datetime import UTC, datetime, timedelta


class SystemClock:
    """`ports.Clock` on the machine's time."""

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        return datetime.now(UTC)


class ManualClock:
    """`ports.Clock` that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The time that was set."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Moves the clock."""
        self._now += by
