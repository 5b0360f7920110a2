"""What is refused as a new password, each for its own reason, and that little else is."""

from datetime import date
from random import Random
from string import ascii_uppercase, digits

import pytest

from services.domain.errors import (
    PasswordCommon,
    PasswordHasOther,
    PasswordIsDate,
    PasswordRepeats,
    PasswordSequence,
    PasswordWeak,
)
from services.domain.password import Password, PasswordKind
from services.domain.weak_password import Known, refuse_weak

SIGNATURE, USER = PasswordKind.SIGNATURE, PasswordKind.USER_AUTHENTICATION
NOTHING = Known()
BORN = Known(birth=date(1980, 2, 17))  # 昭和55年


def refused(kind, typed, known=NOTHING):
    try:
        refuse_weak(Password.parse(kind, typed), known)
    except PasswordWeak as weak:
        return type(weak)
    return None


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("1111", PasswordRepeats),
        ("1212", PasswordRepeats),
        ("1234", PasswordSequence),
        ("9876", PasswordSequence),
        ("8901", PasswordSequence),
        ("2468", PasswordSequence),
        ("2580", PasswordCommon),
        ("4649", PasswordCommon),
        ("8052", None),
        ("0217", None),
    ],
)
def test_four_digits(typed, reason):
    assert reason is refused(USER, typed)


@pytest.mark.parametrize("typed", ["1980", "0217", "1702", "8002", "5502", "0280", "8017"])
def test_the_holders_own_birth_date_is_refused_in_any_order(typed):
    assert PasswordIsDate is refused(USER, typed, BORN)
    assert PasswordIsDate is not refused(USER, typed, Known(birth=date(1999, 12, 31)))


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("AAAAA1", PasswordRepeats),
        ("A11111", PasswordRepeats),
        ("AB12AB12", PasswordRepeats),
        ("ABC123", PasswordSequence),
        ("A1B2C3", PasswordSequence),
        ("QWERTY12", PasswordSequence),
        ("1QAZ2WSX", PasswordSequence),
        ("CBA321", PasswordSequence),
        ("PASSWORD1", PasswordCommon),
        ("PASSW0RD", PasswordCommon),
        ("SAKURA123", PasswordCommon),
        ("LOVE2000", PasswordCommon),
        ("TARO19800217", PasswordIsDate),
        ("KT800217", PasswordIsDate),
        ("19800217KITTE", PasswordIsDate),
        ("KITTE77", None),
        ("SAKURA8317", None),
        ("KT801340", None),
        ("FIRST111", None),
    ],
)
def test_signature_passwords(typed, reason):
    assert reason is refused(SIGNATURE, typed)


@pytest.mark.parametrize(("kind", "other", "typed"), [(SIGNATURE, "8052", "KITTE8052"), (USER, "KITTE8052", "8052")])
def test_the_other_password_is_no_part_of_the_new_one(kind, other, typed):
    assert PasswordHasOther is refused(kind, typed, Known(Password.parse(kind.other, other)))


def test_a_wiped_other_password_is_part_of_nothing():
    other = Password.parse(USER, "8052")
    other.wipe()
    assert None is refused(SIGNATURE, "KITTE8052", Known(other))


def test_hardly_any_password_drawn_by_chance_is_refused():
    chance = Random(4)
    drawn = ["".join(chance.choices(ascii_uppercase + digits, k=10)) for _ in range(3000)]
    fit = [one for one in drawn if SIGNATURE.rule.pattern.fullmatch(one)]
    assert sum(refused(SIGNATURE, one) is not None for one in fit) <= len(fit) // 200


def test_under_three_in_a_hundred_four_digit_numbers_are_refused():
    assert sum(refused(USER, f"{number:04}", BORN) is not None for number in range(10_000)) < 300


def test_what_is_known_prints_nothing():
    assert "1980" not in repr(BORN)
