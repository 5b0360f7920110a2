"""When the terminal serves: daily hours in Japan time, such as `06:30-23:00`."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.domain.reservation import JAPAN

_FORM: Final = re.compile(r"([0-2][0-9]):([0-5][0-9])-([0-2][0-9]):([0-5][0-9])")
_DAY: Final = timedelta(hours=24)
LAST_ENTRY: Final = timedelta(minutes=10)  # nobody begins what cannot be finished: twice the time of a slow session


@dataclass(frozen=True)
class Hours:
    """From `opens` until before `closes`, counted from midnight; `closes` lies later, at most at midnight."""

    opens: timedelta
    closes: timedelta

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """The hours of this text.

        Raises:
            ValueError: another form, or they end before they begin.
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError("hours are written 06:30-23:00")
        begin_h, begin_m, end_h, end_m = map(int, match.groups())
        opens, closes = timedelta(hours=begin_h, minutes=begin_m), timedelta(hours=end_h, minutes=end_m)
        if not opens < closes <= _DAY:
            raise ValueError("hours end after they begin, and on the same day")
        return cls(opens, closes)

    @property
    def last_entry(self) -> timedelta:
        """Until when somebody may begin: not in the last minutes before closing, but around the clock where it never closes."""
        return self.closes if self.closes - self.opens == _DAY else self.closes - LAST_ENTRY

    @property
    def told(self) -> dict[str, str]:
        """`opens`, `closes` and `last` as a screen shows them, such as `6:30`."""
        return {"opens": _shown(self.opens), "closes": _shown(self.closes), "last": _shown(self.last_entry)}

    def admits(self, now: datetime) -> bool:
        """Whether somebody may begin now."""
        return self.opens <= _since_midnight(now) < self.last_entry

    def covers(self, now: datetime) -> bool:
        """Whether it lies in them."""
        return self.opens <= _since_midnight(now) < self.closes


def _shown(since_midnight: timedelta) -> str:
    hours, minutes = divmod(int(since_midnight.total_seconds()) // 60, 60)
    return f"{hours}:{minutes:02}"


def _since_midnight(now: datetime) -> timedelta:
    there = now.astimezone(JAPAN)
    return there - there.replace(hour=0, minute=0, second=0, microsecond=0)
