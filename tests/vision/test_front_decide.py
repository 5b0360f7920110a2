"""Birth and expiry decided together: what the birthday rule repairs, and what it makes the reader refuse."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from services.domain.card import Era
from services.domain.verdicts import FrontFault
from services.vision.front_accept import Verdict, judge, load_acceptance, strange
from services.vision.front_calendar import DAYS, Calendar
from services.vision.front_decide import Choice, Dates, decide_code, decide_dates
from services.vision.front_template import ExpiryRule, load_template

CALENDAR = Calendar(date(2026, 6, 1), load_template().rule)
# Numbers of the tests' own: what is derived anew must not decide what a rule means.
ACCEPTANCE = replace(
    load_acceptance(), birth_margin=6.0, expiry_margin=6.0, code_margin=8.0, unruled_factor=1.2, code_support=-0.5
)
LOW = -30.0


def births(**readings: float) -> np.ndarray:
    """A table of log-probabilities; `showa60_1_2=-0.1` is one reading, all others are out of the question."""
    table = np.full((len(CALENDAR.birth_years), len(DAYS)), LOW)
    for name, value in readings.items():
        year, month, day = name.split("_")
        table[_birth_row(year), DAYS.index((int(month), int(day)))] = value
    return table


def _birth_row(name: str) -> int:
    for row, form in enumerate(CALENDAR.birth_years):
        number = form.year if form.era is None else form.year - form.era.first_day.year + 1
        if name == f"{'western' if form.era is None else form.era.name.lower()}{number}":
            return row
    raise LookupError(name)


def expiries(**readings: float) -> np.ndarray:
    table = np.full((len(CALENDAR.expiry_years), len(DAYS)), LOW)
    for name, value in readings.items():
        year, month, day = (int(part) for part in name.removeprefix("y").split("_"))
        row = next(row for row, form in enumerate(CALENDAR.expiry_years) if form.year == year)
        table[row, DAYS.index((month, day))] = value
    return table


def decided(birth: np.ndarray, expiry: np.ndarray) -> tuple[str, str, Dates]:
    dates = decide_dates(np.stack([birth, birth]), np.stack([expiry, expiry]), CALENDAR)
    (row, day), (expiry_row, expiry_day) = dates.birth.cell, dates.expiry.cell
    born = "{}{}月{}日".format(CALENDAR.birth_years[row].text, *DAYS[day])
    ends = "{}{}月{}日".format(CALENDAR.expiry_years[expiry_row].text, *DAYS[expiry_day])
    return born, ends, dates


def test_clear_dates_are_read_with_a_margin() -> None:
    born, ends, dates = decided(births(showa60_1_2=-0.1), expiries(y2031_1_2=-0.2))
    assert (born, ends, dates.ruled) == ("昭和60年1月2日", "2031年1月2日", True)
    assert judge(dates, clear(), ACCEPTANCE, western=False) == Verdict(None, None, None)


def test_a_doubtful_day_of_birth_is_settled_by_the_expiry() -> None:
    doubtful = births(showa60_1_2=-1.5, showa60_1_12=-0.5)
    born, _, dates = decided(doubtful, expiries(y2031_1_2=-0.1))
    assert born == "昭和60年1月2日"
    assert dates.birth.margin > 5


def test_a_doubtful_year_of_birth_is_refused() -> None:
    _, _, dates = decided(births(showa60_1_2=-0.5, showa62_1_2=-1.0, showa50_1_2=-1.2), expiries(y2031_1_2=-0.1))
    assert judge(dates, clear(), ACCEPTANCE, western=False).birth is FrontFault.UNCERTAIN


def test_two_sure_dates_that_contradict_each_other_are_inconsistent() -> None:
    _, _, dates = decided(births(showa60_1_2=-0.1), expiries(y2031_3_4=-0.1))
    verdict = judge(dates, clear(), ACCEPTANCE, western=False)
    assert (verdict.birth, verdict.expiry) == (FrontFault.INCONSISTENT, FrontFault.INCONSISTENT)


def test_a_western_birth_may_end_on_any_day() -> None:
    born, ends, dates = decided(births(western1985_1_2=-0.1), expiries(y2028_3_4=-0.1))
    assert (born, ends) == ("1985年1月2日", "2028年3月4日")
    assert judge(dates, clear(), ACCEPTANCE, western=True) == Verdict(None, None, None)


def test_a_western_birth_off_the_rule_needs_a_larger_margin() -> None:
    _, _, dates = decided(births(western1985_1_2=-0.1, western1986_1_2=-6.5), expiries(y2028_3_4=-0.1))
    assert judge(dates, clear(), ACCEPTANCE, western=True).birth is FrontFault.UNCERTAIN


def test_the_29th_of_february_ends_on_the_28th() -> None:
    born, ends, dates = decided(births(heisei12_2_29=-0.1), expiries(y2030_2_28=-0.1))
    assert (born, ends, dates.ruled) == ("平成12年2月29日", "2030年2月28日", True)


def test_engines_that_disagree_about_a_digit_are_not_believed() -> None:
    agreeing = births(showa60_1_2=-0.1), expiries(y2031_1_2=-0.1)
    other = births(showa50_1_2=-0.1), expiries(y2031_1_2=-0.1)
    sure = births(showa60_1_2=-0.0001), expiries(y2031_1_2=-0.1)
    tables = (agreeing, other, sure)
    births_, expiries_ = (np.stack(part) for part in zip(*tables, strict=True))
    dates = decide_dates(births_, expiries_, CALENDAR)
    assert not dates.birth.agreed
    assert judge(dates, clear(), ACCEPTANCE, western=False).birth is FrontFault.UNCERTAIN


def clear(support: float = -0.1, margin: float = 10.0) -> Choice:
    return Choice((12, 34), support, margin, agreed=True)


def test_a_code_is_decided_over_all_engines() -> None:
    first, second = np.full((100, 100), -20.0), np.full((100, 100), -20.0)
    first[12, 34], second[12, 34], second[12, 84] = -0.1, -3.0, -1.0
    choice = decide_code(np.stack([first, second]))
    assert (choice.cell, choice.agreed) == ((12, 34), False)
    assert choice.margin == pytest.approx((19.9 + -2.0) / 2)


@pytest.mark.parametrize(("support", "margin"), [(-0.1, 4.9), (-2.1, 9.0)])
def test_a_code_below_a_threshold_is_uncertain(support: float, margin: float) -> None:
    _, _, dates = decided(births(showa60_1_2=-0.1), expiries(y2031_1_2=-0.2))
    assert judge(dates, clear(support, margin), ACCEPTANCE, western=False).code is FrontFault.UNCERTAIN


def test_a_paper_on_which_no_field_reads_is_strange() -> None:
    _, _, dates = decided(births(), expiries())
    assert strange(dates, clear(support=-40.0), ACCEPTANCE)
    assert not strange(dates, clear(), ACCEPTANCE)


def test_every_day_of_every_era_is_a_candidate_once() -> None:
    eras = sum(form.era is not None for form in CALENDAR.birth_years)
    days = int(CALENDAR.births[:eras].sum())
    assert days == (date(2026, 6, 1) - date(2026 - 120, 1, 1)).days + 1


@pytest.mark.parametrize(
    ("text", "day", "exists"),
    [
        ("昭和64年", (1, 7), True),
        ("昭和64年", (1, 8), False),
        ("平成元年", (1, 8), True),
        ("令和元年", (4, 30), False),
        ("2000年", (2, 29), True),
        ("2001年", (2, 29), False),
        ("令和8年", (6, 2), False),  # tomorrow
    ],
)
def test_only_births_that_exist_are_candidates(text: str, day: tuple[int, int], *, exists: bool) -> None:
    row = [form.text for form in CALENDAR.birth_years].index(text)
    assert bool(CALENDAR.births[row, DAYS.index(day)]) is exists


def test_year_forms_give_the_digits_of_the_number() -> None:
    digits = {form.text: form.digits for form in CALENDAR.birth_years}
    assert (digits["平成元年"], digits["昭和64年"], digits["1989年"]) == (1, 64, 89)
    assert {form.era for form in CALENDAR.birth_years} == {None, *Era}


def test_a_later_card_may_end_a_month_past_the_birthday() -> None:
    rule = ExpiryRule(2020, 11, 120, 1, 0.9995, 0.5)
    ends = Calendar(date(2026, 6, 1), rule).birthday
    assert [DAYS[ends[DAYS.index(day)]] for day in ((1, 31), (12, 5), (2, 29))] == [(2, 28), (1, 5), (3, 28)]
