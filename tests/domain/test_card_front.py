"""照合番号B, eras and the birthday rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.card import CardFront, Era
from services.domain.errors import CardFrontMalformed


@pytest.mark.parametrize(
    ("front", "number"),
    [
        # Measured on a card by the author of soltia48/myna-card.
        (CardFront(date(1980, 2, 17), date(2035, 2, 17), "2285"), b"55021720352285"),
        (CardFront(date(1989, 3, 31), date(2028, 3, 31), "1234"), b"01033120281234"),
        (CardFront(date(2020, 2, 24), date(2029, 2, 24), "0000"), b"02022420290000"),
        (CardFront(date(1980, 2, 17), date(2030, 6, 1), "2285", western_birth_year=True), b"80021720302285"),
    ],
)
def test_verification_number_b_is_era_year_expiry_year_and_code(front, number):
    assert number == front.verification_number_b


@pytest.mark.parametrize(
    ("day", "era", "year"),
    [
        (date(1989, 1, 7), Era.SHOWA, 64),
        (date(1989, 1, 8), Era.HEISEI, 1),
        (date(2019, 4, 30), Era.HEISEI, 31),
        (date(2019, 5, 1), Era.REIWA, 1),
        (date(1926, 12, 24), Era.TAISHO, 15),
        (date(1926, 12, 25), Era.SHOWA, 1),
        (date(1912, 7, 29), Era.MEIJI, 45),
    ],
)
def test_an_era_begins_on_its_day(day, era, year):
    assert (era, year) == (Era.of(day), Era.of(day).year(day))


@given(st.dates(date(1868, 1, 25), date(2026, 12, 31)))
def test_every_birth_date_has_an_era_year_of_two_digits(day):
    assert 1 <= Era.of(day).year(day) <= 64


@pytest.mark.parametrize("code", ["", "123", "12345", "12a4", "１２３４", "١٢٣٤"])
def test_a_security_code_is_four_ascii_digits(code):
    with pytest.raises(CardFrontMalformed):
        CardFront(date(1989, 3, 31), date(2028, 3, 31), code)


@pytest.mark.parametrize(
    ("expiry", "today"),
    [(date(2025, 3, 31), date(2025, 4, 1)), (date(2038, 3, 31), date(2026, 11, 21))],
)
def test_no_valid_card_has_expired_or_lasts_longer_than_any_card(expiry, today):
    with pytest.raises(CardFrontMalformed):
        CardFront(date(1989, 3, 31), expiry, "1234").check_against(today)


def test_a_card_is_valid_on_its_last_day():
    CardFront(date(1989, 3, 31), date(2025, 3, 31), "1234").check_against(date(2025, 3, 31))


@pytest.mark.parametrize(
    ("birth", "expiry", "follows"),
    [
        (date(1989, 3, 31), date(2028, 3, 31), True),
        (date(1992, 2, 29), date(2027, 2, 28), True),
        (date(1992, 2, 29), date(2028, 2, 29), False),
        (date(1989, 3, 31), date(2028, 3, 30), False),
    ],
)
def test_the_birthday_rule_knows_the_leap_day(birth, expiry, follows):
    assert follows is CardFront(birth, expiry, "1234").follows_birthday_rule


def test_a_card_front_shows_nothing_of_itself():
    assert repr(CardFront(date(1989, 3, 31), date(2028, 3, 31), "1234")) == "<CardFront>"
