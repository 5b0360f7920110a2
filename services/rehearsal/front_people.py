"""Card fronts of people who do not exist, covering what cards can say: every era, 元年, 29 February, western years."""

from datetime import date, timedelta
from typing import Final

import numpy as np

from services.domain.card import CardFront, Era
from services.rehearsal.front_picture import FrontFields

OLDEST: Final = date(1912, 7, 30)
_SERIAL: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NAMES: Final = ("練習 太郎", "見本 花子", "稽古 二三子", "RENSHU TARO ALEXANDER", "試 一")
_PLACES: Final = ("東京都練習区見本町1-2-3", "北海道練習市稽古町12丁目34番地5 練習ハイツ601号室", "沖縄県見本村字試1")


def someone(seed: int, today: date) -> FrontFields:
    """One card front, valid on that day and within every rule that cards follow."""
    rng = np.random.default_rng((seed, 1))
    western = rng.random() < 0.12
    birth = _birth(rng, today)
    last_year = today.year + 10
    expiry = _birthday(birth, int(rng.integers(today.year + 1, last_year + 1)))
    if western and rng.random() < 0.6:  # the end of a period of stay
        expiry = today + timedelta(days=int(rng.integers(200, 1800)))
    return FrontFields(
        front=CardFront(birth, expiry, f"{rng.integers(10_000):04d}", western_birth_year=western),
        name=_NAMES[rng.integers(len(_NAMES))],
        address=_PLACES[rng.integers(len(_PLACES))],
        sex="男女"[rng.integers(2)],
        serial="".join(_SERIAL[index] for index in rng.integers(len(_SERIAL), size=16)),
        certificate_expiry=expiry - timedelta(days=1800) if rng.random() < 0.7 else None,
    )


def _birth(rng: np.random.Generator, today: date) -> date:
    kind = rng.random()
    if kind < 0.08:  # the first weeks of an era, which are its 元年
        era = tuple(Era)[rng.integers(4)]
        return max(era.first_day + timedelta(days=int(rng.integers(7))), OLDEST)
    if kind < 0.13:
        return date(1904 + 4 * int(rng.integers(3, 30)), 2, 29)
    return OLDEST + timedelta(days=int(rng.integers((today - OLDEST).days - 400)))


def _birthday(birth: date, year: int) -> date:
    return date(year, 2, 28) if (birth.month, birth.day) == (2, 29) else birth.replace(year=year)
