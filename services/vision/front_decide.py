"""From every engine's scores to one reading and its margins: birth and expiry together, because the card's rule ties them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.vision.front_calendar import Calendar
from services.vision.front_grammar import NOTHING, Scores

Cell = tuple[int, int]  # (year form, day) or (first two digits, last two digits)


@dataclass(frozen=True)
class Choice:
    """The best candidate of a field: where it is, its log-probability, its distance to the next, and whether all engines agree."""

    cell: Cell
    support: float  # mean over the engines of log P(text | crop)
    margin: float  # nats to the best candidate that says something else
    agreed: bool


@dataclass(frozen=True)
class Dates:
    """Birth and expiry decided jointly. `ruled`: the expiry falls on the birthday, as the rule says."""

    birth: Choice
    expiry: Choice
    ruled: bool
    contradicted: bool  # each date alone is sure, together they break the rule


def decide_dates(births: Scores, expiries: Scores, calendar: Calendar) -> Dates:
    """The most probable pair under the mean of the engines; `births` and `expiries` hold one table an engine, stacked."""
    tables = [_Joint(birth, expiry, calendar) for birth, expiry in zip(births, expiries, strict=True)]
    mean = _Joint(births.mean(axis=0), expiries.mean(axis=0), calendar)
    birth, expiry = mean.best()
    votes = [table.best() for table in tables]
    # What the number needs: the era's or century's year digits, month and day of the birth, and the year of the expiry.
    agreed_birth = all(_digits(calendar, vote[0]) == _digits(calendar, birth) for vote in votes)
    agreed_expiry = all(vote[1][0] == expiry[0] for vote in votes)
    return Dates(
        Choice(birth, float(mean.birth[birth]), _margin(mean.births, birth), agreed_birth),
        Choice(expiry, float(mean.expiry[expiry]), _margin(mean.expiries, expiry), agreed_expiry),
        ruled=bool(calendar.birthday[birth[1]] == expiry[1]),
        contradicted=mean.contradicted(CONTRADICTION),
    )


def decide_code(codes: Scores) -> Choice:
    """The most probable four digits under the mean of the engines."""
    mean = codes.mean(axis=0)
    best = _peak(mean)
    return Choice(best, float(mean[best]), _margin(mean, best), all(_peak(code) == best for code in codes))


CONTRADICTION: Final = 4.0  # nats by which each date alone must beat its best reading that would obey the rule


class _Joint:
    """The log-probability of every birth with its best expiry, and of every expiry with its best birth."""

    def __init__(self, birth: Scores, expiry: Scores, calendar: Calendar) -> None:
        self._calendar = calendar
        self.birth = np.where(calendar.births, birth, NOTHING)
        self.expiry = np.where(calendar.expiries, expiry, NOTHING)
        self._ruled = np.log(calendar.follows)
        self._free = np.log1p(-calendar.follows)
        by_day = self.expiry.max(axis=0)
        self.births = self.birth + np.maximum(by_day[calendar.birthday] + self._ruled, by_day.max() + self._free)
        free = (self.birth + self._free).max()
        born = (self.birth + self._ruled).max(axis=0)
        ending = np.full(len(by_day), NOTHING)
        np.maximum.at(ending, calendar.birthday, born)
        self.expiries = self.expiry + np.maximum(ending[None, :], free)

    def best(self) -> tuple[Cell, Cell]:
        """The best pair: the best birth, and the expiry that made it best."""
        birth = _peak(self.births)
        ruled = np.full(self.expiry.shape[1], float(self._free[birth[0], 0]))
        day = self._calendar.birthday[birth[1]]
        ruled[day] = max(float(self._ruled[birth[0], 0]), float(self._free[birth[0], 0]))
        return birth, _peak(self.expiry + ruled)

    def contradicted(self, nats: float) -> bool:
        """Whether the era birth and the expiry that are each best alone are both far better than any pair by the rule."""
        birth, expiry = _peak(self.birth), _peak(self.expiry)
        if self._calendar.birthday[birth[1]] == expiry[1] or self._calendar.birth_years[birth[0]].era is None:
            return False
        pairs = self.birth.max(axis=0) + self.expiry.max(axis=0)[self._calendar.birthday]
        return bool(self.birth[birth] + self.expiry[expiry] - pairs.max() > nats)


def _digits(calendar: Calendar, birth: Cell) -> tuple[int, int]:
    return calendar.birth_years[birth[0]].digits, birth[1]


def _peak(table: NDArray[np.float64]) -> Cell:
    row, column = np.unravel_index(int(table.argmax()), table.shape)
    return int(row), int(column)


def _margin(table: NDArray[np.float64], best: Cell) -> float:
    others = table.copy()
    others[best] = NOTHING
    return float(table[best] - others.max())
