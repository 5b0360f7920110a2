"""The reader with parts of it taken away, on the same pictures: what each check buys.

greedy best path and a pattern → grammar → + margins → + birthday rule → + second, third, fourth engine
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from services.domain.card import CardFront, Era
from services.vision.front import CODES, Best, CardFrontByTemplate, Looked
from services.vision.front_accept import Acceptance, counts, judge
from services.vision.front_calendar import DAYS, Calendar
from services.vision.front_crop import cut
from services.vision.front_decide import Choice, Dates, decide_code, decide_dates
from services.vision.front_glyph import Wholeness, wholeness
from services.vision.front_grammar import Scores, digits_only
from services.vision.front_locate import Homography, Located
from services.vision.front_panel import Lines, Readings
from services.vision.front_recognise import BLANK, FIRST_LETTER, LETTERS, OTHER
from services.vision.image import Pixels

FIELDS: Final = ("birth", "expiry", "code")
UNREAD: Final = "?"
GIVEN_INLIERS: Final = 200  # what a pose that is given stands for
_ERA_DATE: Final = re.compile(r"(明治|大正|昭和|平成|令和)(元|\d{1,2})年(\d{1,2})月(\d{1,2})日")
_WESTERN_DATE: Final = re.compile(r"(?<!\d)(\d{4})年(\d{1,2})月(\d{1,2})日")
_CODE: Final = re.compile(r"(?<!\d)\d{4}(?!\d)")
_ORDINALS: Final = ("", "", "second", "third", "fourth", "fifth")
GREEDY: Final = "greedy and a pattern"
GRAMMAR: Final = "grammar, no threshold"
MARGIN: Final = "+ margins and supports"
RULE: Final = "+ birthday rule"

Unknown = tuple[
    frozenset[int], frozenset[int], frozenset[int]
]  # rows of the sheet of letterings: for birth, expiry, code
NONE_UNKNOWN: Final[Unknown] = (frozenset(), frozenset(), frozenset())
Values = tuple[str | None, str | None, str | None]  # birth, expiry, code; `None` where refused


@dataclass(frozen=True)
class Tables:
    """Every engine's scores of every text, and the calendars that they are decided with."""

    births: Scores
    expiries: Scores
    codes: Scores
    calendar: Calendar
    unruled: Calendar  # the same without the birthday rule

    def __repr__(self) -> str:
        return "<Tables>"


class Instrument(CardFrontByTemplate):
    """The reader with its parts in reach: a known pose, its tables, its numbers."""

    _last: tuple[Lines, Best] | None = None

    def best(self, lines: Lines) -> Best:
        """As the reader finds it; asked twice about the same lines, it is not computed twice."""
        if self._last is None or self._last[0] is not lines:
            self._last = (lines, super().best(lines))
        return self._last[1]

    def whole(self, looked: Looked, unknown: Unknown = NONE_UNKNOWN) -> dict[str, Wholeness]:
        """How the digits of each field's best candidate stand in the picture; `unknown` letterings are not drawn."""
        best, template = self.best(looked.lines), self._template
        contents = (best.birth, best.expiry, best.security_code)
        places = (template.birth_print, template.expiry_print, template.code_print)
        fields = zip(FIELDS, looked.crops, contents, places, unknown, strict=True)
        return {name: wholeness(crop, content.printed, place, less) for name, crop, content, place, less in fields}

    @property
    def acceptance(self) -> Acceptance:
        """The numbers that decide."""
        return self._acceptance

    def look_at(self, pixels: Pixels, to_picture: Homography) -> Looked:
        """`look` for a card whose place is known."""
        card = Located(
            self._template.layout, to_picture, GIVEN_INLIERS, pixels.shape[1] / self._template.layout.width_mm
        )
        crops = cut(pixels, card, self._template)
        return Looked(card, crops, self._panel.read(crops))

    def tables(self, lines: Lines) -> Tables:
        """The scores of every text under every engine."""
        grammars = self._todays_grammars()
        rule = replace(grammars.calendar.rule, era_births_follow_it=0.5, western_births_follow_it=0.5)
        return Tables(
            grammars.birth.scores(lines.birth),
            grammars.expiry.scores(lines.expiry),
            CODES.scores(digits_only(lines.code)),
            grammars.calendar,
            Calendar(grammars.calendar.today, rule),
        )


def policies(looked: Looked, tables: Tables, acceptance: Acceptance) -> Iterator[tuple[str, Values]]:
    """What each lesser reader would have said, by name."""
    yield GREEDY, greedy(looked.lines)
    dates, code = _decided(tables, 1, tables.unruled)
    yield GRAMMAR, values(tables.calendar, dates, code)
    yield MARGIN, _without_rule(tables.calendar, dates, code, acceptance)
    yield RULE, _with_rule(tables, 1, acceptance)
    for engines in range(2, len(acceptance.engines) + 1):
        yield f"+ {_ORDINALS[engines]} engine", _with_rule(tables, engines, acceptance)


def printed(front: CardFront) -> Values:
    """The truth in the same form."""
    return _birth_value(front.birth, western=front.western_birth_year), front.expiry.isoformat(), front.security_code


def values(calendar: Calendar, dates: Dates, code: Choice) -> Values:
    """What the decision says, whether it counts or not."""
    (birth_row, birth_day), (expiry_row, expiry_day) = dates.birth.cell, dates.expiry.cell
    birth, expiry = calendar.birth_years[birth_row], calendar.expiry_years[expiry_row]
    born, ends = date(birth.year, *DAYS[birth_day]), date(expiry.year, *DAYS[expiry_day])
    first, last = code.cell
    return _birth_value(born, western=birth.era is None), ends.isoformat(), f"{first:02d}{last:02d}"


def greedy(lines: Lines) -> Values:
    """The usual reading: the first engine's most probable letter at each step, then a pattern."""
    birth, expiry, code = (_best_path(readings) for readings in lines)
    found = _CODE.findall(code)
    return _greedy_birth(birth), _western(expiry), found[-1] if found else None


def _best_path(readings: Readings) -> str:
    steps = np.argmax(readings[0], axis=1)
    kept = [int(step) for step, before in zip(steps, (-1, *steps[:-1]), strict=True) if step not in {before, BLANK}]
    return "".join(UNREAD if step == OTHER else LETTERS[step - FIRST_LETTER] for step in kept)


def _greedy_birth(text: str) -> str | None:
    found = _ERA_DATE.search(text)
    if found is None:
        western = _western(text)
        return None if western is None else f"{western} western"
    era = next(era for era in Era if era.kanji == found[1])
    year = era.first_day.year - 1 + (1 if found[2] == "元" else int(found[2]))
    return _iso(year, found[3], found[4])


def _western(text: str) -> str | None:
    found = _WESTERN_DATE.search(text)
    return None if found is None else _iso(int(found[1]), found[2], found[3])


def _iso(year: int, month: str, day: str) -> str | None:
    try:
        return date(year, int(month), int(day)).isoformat()
    except ValueError:
        return None


def _birth_value(born: date, *, western: bool) -> str:
    return f"{born.isoformat()} western" if western else born.isoformat()


def _decided(tables: Tables, engines: int, calendar: Calendar) -> tuple[Dates, Choice]:
    dates = decide_dates(tables.births[:engines], tables.expiries[:engines], calendar)
    return dates, decide_code(tables.codes[:engines])


def _without_rule(calendar: Calendar, dates: Dates, code: Choice, acceptance: Acceptance) -> Values:
    birth, expiry, digits = values(calendar, dates, code)
    return (
        birth if counts(dates.birth, acceptance.birth_margin, acceptance.birth_support) else None,
        expiry if counts(dates.expiry, acceptance.expiry_margin, acceptance.expiry_support) else None,
        digits if counts(code, acceptance.code_margin, acceptance.code_support) else None,
    )


def _with_rule(tables: Tables, engines: int, acceptance: Acceptance) -> Values:
    dates, code = _decided(tables, engines, tables.calendar)
    western = tables.calendar.birth_years[dates.birth.cell[0]].era is None
    verdict = judge(dates, code, acceptance, western=western)
    birth, expiry, digits = values(tables.calendar, dates, code)
    return (
        birth if verdict.birth is None else None,
        expiry if verdict.expiry is None else None,
        digits if verdict.code is None else None,
    )
