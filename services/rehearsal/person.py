"""A resident who does not exist: the data of a rehearsal card, the same for the same seed.

Everybody's family name is 練習 and everybody lives in 練習県: nobody can take one for a real person.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from random import Random
from typing import Final

from services.domain.card import CardFront
from services.pki.profile import Holder

FAMILY_NAME: Final = "練習"
PREFECTURE: Final = "練習県"
MUNICIPALITY: Final = "99999"  # 全国地方公共団体コード end at 47, Okinawa: no municipality has this one
LOCALITY: Final = "Renshu-ken Mihon-shi"
CARD_BIRTHDAYS: Final = 10  # a grown-up's card lasts to the tenth birthday after its issue
_YOUNGEST, _OLDEST = 18, 90
_GIVEN_NAMES: Final = ("太郎", "花子", "一郎", "桜", "健太", "葵", "翔", "美咲", "大輔", "結衣", "誠", "陽菜")
_TOWNS: Final = ("見本市架空町", "見本市仮想台", "模擬市試験本町", "例示市演習町")


class Sex(Enum):
    """As printed, and as the certificate and the chip write it ('1', '2')."""

    MALE = ("男", "1")
    FEMALE = ("女", "2")

    def __init__(self, printed: str, code: str) -> None:
        self.printed = printed
        self.code = code


@dataclass(frozen=True)
class Person:
    """A fictional resident and what is printed on the front of their card."""

    name: str  # family name, U+3000, given name
    sex: Sex
    address: str
    front: CardFront

    @property
    def holder(self) -> Holder:
        """What the issuer puts into the certificates."""
        return Holder(
            name=self.name,
            birth=self.front.birth,
            sex=self.sex.code,
            address=self.address,
            municipality=MUNICIPALITY,
            locality=LOCALITY,
            western_birth_year=self.front.western_birth_year,
        )

    def __repr__(self) -> str:
        return "<Person 練習>"


def imagine(seed: int, *, today: date) -> Person:
    """A grown-up whose card was issued today."""
    chance = Random(seed)
    age = chance.randint(_YOUNGEST, _OLDEST - 1)
    birth = _birthday(chance, today, age)
    expiry = _anniversary(birth, today.year + CARD_BIRTHDAYS - (_anniversary(birth, today.year) > today))
    town, block, number, room = (
        chance.choice(_TOWNS),
        *(chance.randint(1, 20) for _ in range(2)),
        chance.randint(101, 909),
    )
    return Person(
        name=f"{FAMILY_NAME}\u3000{chance.choice(_GIVEN_NAMES)}",
        sex=chance.choice(list(Sex)),
        address=f"{PREFECTURE}{town}{block}番{number}号 練習荘{room}号室",
        front=CardFront(birth, expiry, f"{chance.randrange(10_000):04d}"),
    )


def _birthday(chance: Random, today: date, age: int) -> date:
    """A day on which somebody was born who is `age` or `age + 1` today; every month has a 28th."""
    return date(today.year - age - 1, chance.randint(1, 12), chance.randint(1, 28))


def _anniversary(birth: date, year: int) -> date:
    return date(year, birth.month, birth.day)
