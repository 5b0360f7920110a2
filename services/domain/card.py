"""What is printed on the card's front, and 照合番号B, the 14 digits that open the photo on the chip.

照合番号B is the birth date as six digits, the expiry year as four and the security code as four. The two birth-year digits
are the *era* year for Japanese holders and the last two of the western year for others (measured on a card by the author of
soltia48/myna-card: born 1980-02-17, expiry 2035, code 2285 gives 55021720352285; the western form is a guess from the
predecessor card's rule). 照合番号A, the My Number itself, is never implemented.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from services.domain.errors import CardFrontMalformed


class Era(Enum):
    """A Japanese era and its first day, latest first."""

    REIWA = ("令和", date(2019, 5, 1))
    HEISEI = ("平成", date(1989, 1, 8))
    SHOWA = ("昭和", date(1926, 12, 25))
    TAISHO = ("大正", date(1912, 7, 30))
    MEIJI = ("明治", date(1868, 1, 25))

    def __init__(self, kanji: str, first_day: date) -> None:
        self.kanji = kanji
        self.first_day = first_day

    @classmethod
    def of(cls, day: date) -> "Era":
        """The era of the day.

        Raises:
            CardFrontMalformed: the day is before Meiji.
        """
        for era in cls:
            if day >= era.first_day:
                return era
        raise CardFrontMalformed(field="birth")

    def year(self, day: date) -> int:
        """The day's year in this era, 1 for 元年."""
        return day.year - self.first_day.year + 1


_SECURITY_CODE: Final = re.compile(r"[0-9]{4}")
LONGEST_VALIDITY_YEARS: Final = 11  # renewal within three months before the tenth birthday lasts to the eleventh


@dataclass(frozen=True)
class CardFront:
    """The three fields that a resident reads off the card front, by camera or by hand: the same object either way."""

    birth: date
    expiry: date
    security_code: str
    western_birth_year: bool = False  # printed as 1989年, for holders without a Japanese era date

    def __post_init__(self) -> None:
        if not _SECURITY_CODE.fullmatch(self.security_code):
            raise CardFrontMalformed(field="security_code")
        if not Era.MEIJI.first_day <= self.birth < self.expiry:
            raise CardFrontMalformed(field="birth")

    def check_against(self, today: date) -> None:
        """Refuses what no valid card can carry today.

        Raises:
            CardFrontMalformed: the card has expired, is valid for longer than any card, or the birth lies ahead.
        """
        if self.birth > today:
            raise CardFrontMalformed(field="birth")
        if not today <= self.expiry or self.expiry.year - today.year > LONGEST_VALIDITY_YEARS:
            raise CardFrontMalformed(field="expiry")

    @property
    def follows_birthday_rule(self) -> bool:
        """Whether the expiry falls on a birthday, 28 February for those born on the 29th."""
        birthday = (self.birth.month, self.birth.day)
        expected = (2, 28) if birthday == (2, 29) else birthday
        return (self.expiry.month, self.expiry.day) == expected

    @property
    def verification_number_b(self) -> bytes:
        """照合番号B, 14 ASCII digits, for the card and nobody else."""
        year = self.birth.year if self.western_birth_year else Era.of(self.birth).year(self.birth)
        return f"{year % 100:02d}{self.birth:%m%d}{self.expiry:%Y}{self.security_code}".encode("ascii")

    def __repr__(self) -> str:
        return "<CardFront>"
