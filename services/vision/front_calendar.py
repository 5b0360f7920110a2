"""Every birth date and expiry that a card can carry today, as printed, and which of them belong together."""

import calendar
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.domain.card import Era
from services.vision.front_template import ExpiryRule

# Every day that some year has, as (month, day); 29 February included.
DAYS: Final = tuple((month, day) for month in range(1, 13) for day in range(1, calendar.monthrange(2024, month)[1] + 1))
DAY_TEXTS: Final = tuple(f"{month}月{day}日" for month, day in DAYS)
DAY_PRINTS: Final = tuple(f"{month:2d}月{day:2d}日" for month, day in DAYS)  # as a card sets them, on a grid


@dataclass(frozen=True)
class YearForm:
    """One way in which a year is printed."""

    text: str
    year: int
    era: Era | None

    @property
    def digits(self) -> int:
        """The two digits that it gives to 照合番号B."""
        return (self.year if self.era is None else self.year - self.era.first_day.year + 1) % 100

    @property
    def printed(self) -> str:
        """As a card sets it, on a grid: a year of one digit takes two cells."""
        return self.text if self.era is None or "元" in self.text else f"{self.era.kanji}{self.digits:2d}年"


@dataclass(frozen=True)
class Calendar:
    """The candidates on one day. Rows are year forms, columns `DAYS`."""

    today: date
    rule: ExpiryRule

    @cached_property
    def birth_years(self) -> tuple[YearForm, ...]:
        """Era years first, then western years."""
        oldest = self.today.year - self.rule.oldest_holder_years
        forms = []
        for era in Era:
            last = min((other.first_day for other in Era if other.first_day > era.first_day), default=self.today).year
            for year in range(max(oldest, era.first_day.year), last + 1):
                number = year - era.first_day.year + 1
                forms.append(YearForm(f"{era.kanji}{'元' if number == 1 else number}年", year, era))
        forms += [YearForm(f"{year}年", year, None) for year in range(oldest, self.today.year + 1)]
        return tuple(forms)

    @cached_property
    def expiry_years(self) -> tuple[YearForm, ...]:
        """Always western. A card that has ended is read as what it is; whoever asks refuses it for that."""
        last = self.today.year + self.rule.longest_validity_years
        return tuple(YearForm(f"{year}年", year, None) for year in range(self.rule.earliest_expiry_year, last + 1))

    @cached_property
    def births(self) -> NDArray[np.bool_]:
        """Which births exist: a day of that era's year, not in the future."""
        return np.array([[self._is_birth(form, day) for day in DAYS] for form in self.birth_years])

    @cached_property
    def expiries(self) -> NDArray[np.bool_]:
        """Which expiries exist."""
        return np.array([[_day_of(form.year, day) is not None for day in DAYS] for form in self.expiry_years])

    @cached_property
    def follows(self) -> NDArray[np.float64]:
        """The prior probability that a birth of this year form obeys the birthday rule, shape (birth years, 1)."""
        shares = {True: self.rule.era_births_follow_it, False: self.rule.western_births_follow_it}
        return np.array([[shares[form.era is not None]] for form in self.birth_years])

    @cached_property
    def birthday(self) -> NDArray[np.int64]:
        """For every birth day the column of the expiry's day: the same, but 28 February for the 29th (命令 26)."""
        column = {day: index for index, day in enumerate(DAYS)}
        return np.array([column[self._ends(month, day)] for month, day in DAYS])

    def _ends(self, month: int, day: int) -> tuple[int, int]:
        if (month, day) == (2, 29):
            day = 28
        month = (month - 1 + self.rule.months_past_birthday) % 12 + 1
        return month, min(day, calendar.monthrange(2023, month)[1])

    def _is_birth(self, form: YearForm, day: tuple[int, int]) -> bool:
        found = _day_of(form.year, day)
        return found is not None and found <= self.today and (form.era is None or Era.of(found) is form.era)


def _day_of(year: int, day: tuple[int, int]) -> date | None:
    return None if day == (2, 29) and not calendar.isleap(year) else date(year, *day)
