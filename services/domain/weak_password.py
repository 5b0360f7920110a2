"""Which new passwords are refused because somebody else would guess them.

Most of what a list of leaked passwords would show is judged by form, so that a terminal needs only a short one: one character
over and over, a run in the alphabet, on the keyboard or in counting, a date, a word that everybody takes with a number that
everybody takes. The holder's own birth date and other password are compared where the terminal knows them: the signature
certificate, which the card gives out once the signature password is right, has the birth date; the other certificate has nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.domain.card import Era
from services.domain.common_passwords import COMMON_NUMBERS, COMMON_WORDS
from services.domain.errors import (
    PasswordCommon,
    PasswordHasOther,
    PasswordIsDate,
    PasswordRepeats,
    PasswordSequence,
)
from services.domain.password import Password, PasswordKind

_ROWS: Final = (
    "0123456789" * 2,
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "QWERTYUIOP",
    "ASDFGHJKL",
    "ZXCVBNM",
    "1QAZ2WSX3EDC4RFV",
    "1Q2W3E4R5T6Y7U",
)
_COUNTING: Final = ("02468" * 2, "13579" * 2)

_LOOKALIKES: Final = str.maketrans("013457", "OIEAST")
_YEARS: Final = range(1900, 2100)
_LONGEST_TAIL: Final = 4


@dataclass(frozen=True)
class Known:
    """What the terminal knows of the holder in this session, in memory only."""

    other: Password | None = None
    birth: date | None = None

    def __repr__(self) -> str:
        return "<Known>"


def refuse_weak(password: Password, known: Known) -> None:
    """Returns where the password may be taken.

    Raises:
        PasswordHasOther: the card's other password is part of it.
        PasswordRepeats, PasswordSequence, PasswordIsDate, PasswordCommon
    """
    text = password.octets.decode("ascii")
    if known.other is not None and known.other.octets and _within(known.other.octets.decode("ascii"), text):
        raise PasswordHasOther
    letters = "".join(filter(str.isalpha, text))
    digits = "".join(filter(str.isdigit, text))
    if _repeats(text) or (_same(letters) and _same(digits)):
        raise PasswordRepeats
    if _runs(text) or (_simple(letters) and _simple(digits)):
        raise PasswordSequence
    if _is_date(digits, password.kind, known.birth):
        raise PasswordIsDate
    if _is_common(text, letters, digits):
        raise PasswordCommon


def _within(one: str, other: str) -> bool:
    return one in other or other in one


def _same(text: str) -> bool:
    return len(set(text)) <= 1


def _repeats(text: str) -> bool:
    """`1212`, `AB12AB12`: one part over and over."""
    return any(text == text[:size] * (len(text) // size) for size in range(1, len(text) // 2 + 1))


def _runs(text: str) -> bool:
    return any(text in row or text[::-1] in row for row in (*_ROWS, *_COUNTING))


def _simple(text: str) -> bool:
    return _same(text) or _runs(text)


def _is_date(digits: str, kind: PasswordKind, birth: date | None) -> bool:
    if kind is PasswordKind.USER_AUTHENTICATION:
        # Four digits are a day of the year in one case of 27: only the holder's own are refused.
        return birth is not None and digits in _numbers_of(birth)
    return any(_names_a_day(year, rest) for year, rest in _as_years(digits))


def _numbers_of(birth: date) -> frozenset[str]:
    month, day, year = f"{birth.month:02}", f"{birth.day:02}", f"{birth.year:04}"
    era = f"{Era.of(birth).year(birth):02}"
    return frozenset({year, month + day, day + month, year[2:] + month, era + month, month + year[2:], year[2:] + day})


def _as_years(digits: str) -> Iterator[tuple[int, str]]:
    """The digits as YYYYMMDD, or as YYMMDD of any century or era: 29 February is one in 2000."""
    if len(digits) == len("YYYYMMDD") and int(digits[:4]) in _YEARS:
        yield int(digits[:4]), digits[4:]
    if len(digits) == len("YYMMDD"):
        yield 2000, digits[2:]


def _names_a_day(year: int, month_and_day: str) -> bool:
    try:
        date(year, int(month_and_day[:2]), int(month_and_day[2:]))
    except ValueError:
        return False
    return True


def _is_common(text: str, letters: str, digits: str) -> bool:
    if not letters:
        return text in COMMON_NUMBERS
    if text.translate(_LOOKALIKES).rstrip("IO") in COMMON_WORDS:  # PASSW0RD, PASSW0RD1
        return True
    tail_is_usual = _simple(digits) or digits in COMMON_NUMBERS or (digits.isdigit() and int(digits) in _YEARS)
    in_one_piece = letters in text and digits in text
    return in_one_piece and letters in COMMON_WORDS and len(digits) <= _LONGEST_TAIL and tail_is_usual
