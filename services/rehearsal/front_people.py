"""Card fronts of people who do not exist, covering what cards can say: every era, 元年, 29 February, western years, renewals."""

from datetime import date, timedelta
from typing import Final

import numpy as np

from services.domain.card import CardFront, Era
from services.rehearsal.front_picture import FrontFields

FIRST_ISSUE: Final = date(2016, 1, 4)
ADULT_AT_18_FROM: Final = date(2022, 4, 1)  # applied for before, one is a minor until 20
OLDEST: Final = date(1906, 8, 1)  # 明治39年
INFANT_DAYS: Final = 365  # issued before the first birthday, a card carries no photo
_SERIAL: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_NAMES: Final = (
    "練習 太郎",
    "見本 花子",
    "稽古 二三子",
    "試 一",
    "見本之宮 伝右衛門左衛門",
    "練習 次郎[稽古 次郎]",
    "RENSHU TARO ALEXANDER",
    "KEIKO MIHON MARIA DE LA PRACTICA",
)
_PLACES: Final = (
    "東京都練習区見本町1-2-3",
    "北海道練習市稽古町12丁目34番地5 練習ハイツ601号室",
    "沖縄県見本村字試1",
    "京都府練習市見本区稽古通二条上る試町4821番地 見本マンション練習館0312号",
)


def someone(seed: int, today: date) -> FrontFields:
    """One card front as somebody may carry it that day: within every rule that cards follow; one in fifty has run out."""
    rng = np.random.default_rng((seed, 1))
    western = rng.random() < 0.10
    birth = _birth(rng, today)
    issued = _issued(rng, birth, today)
    expiry = _expiry(rng, birth, issued)
    if western and rng.random() < 0.6:  # the end of a period of stay
        expiry = today + timedelta(days=int(rng.integers(60, 1800)))
    return FrontFields(
        front=CardFront(birth, expiry, f"{rng.integers(10_000):04d}", western_birth_year=western),
        name=_NAMES[rng.integers(len(_NAMES))],
        address=_PLACES[rng.integers(len(_PLACES))],
        sex="男女"[rng.integers(2)],
        serial="".join(_SERIAL[index] for index in rng.integers(len(_SERIAL), size=16)),
        certificate_expiry=expiry - timedelta(days=int(rng.integers(1, 1800))) if rng.random() < 0.7 else None,
        notes=_notes(rng, today, western=western),
        with_photo=(issued - birth).days >= INFANT_DAYS,
    )


def _birth(rng: np.random.Generator, today: date) -> date:
    kind = rng.random()
    if kind < 0.10:  # within 元年, often in the era's first days
        era = tuple(Era)[rng.integers(4)]
        end = date(era.first_day.year, 12, 31)
        longest = 7 if rng.random() < 0.5 else (end - era.first_day).days + 1
        return era.first_day + timedelta(days=int(rng.integers(min(longest, (end - era.first_day).days + 1))))
    if kind < 0.14:
        return date(1908 + 4 * int(rng.integers(0, 29)), 2, 29)
    if kind < 0.16:  # 明治
        return OLDEST + timedelta(days=int(rng.integers((date(1912, 7, 30) - OLDEST).days)))
    if kind < 0.20:  # infants
        return today - timedelta(days=int(rng.integers(30, 900)))
    return date(1930, 1, 1) + timedelta(days=int(rng.integers((today - date(1930, 1, 1)).days - 30)))


def _issued(rng: np.random.Generator, birth: date, today: date) -> date:
    earliest = max(FIRST_ISSUE, birth + timedelta(days=20), today - timedelta(days=3600))
    if rng.random() < 0.02:  # a card that may have run out
        earliest = max(FIRST_ISSUE, birth + timedelta(days=20))
    elif today.year - birth.year < 20:  # five years at most lie between a minor's card and its end
        earliest = max(earliest, today - timedelta(days=1700))
    return earliest + timedelta(days=int(rng.integers((today - earliest).days + 1)))


def _expiry(rng: np.random.Generator, birth: date, issued: date) -> date:
    """The fifth or tenth birthday after issue; the sixth or eleventh for a renewal in the three months before a birthday."""
    majority = 18 if issued >= ADULT_AT_18_FROM else 20
    years = 5 if issued < _birthday(birth, birth.year + majority) else 10
    following = _birthday(birth, issued.year)
    if following <= issued:
        following = _birthday(birth, issued.year + 1)
    renewed = (following - issued).days <= 90 and rng.random() < 0.6
    return _birthday(birth, following.year + years - 1 + renewed)


def _birthday(birth: date, year: int) -> date:
    return date(year, 2, 28) if (birth.month, birth.day) == (2, 29) else birth.replace(year=year)


def _notes(rng: np.random.Generator, today: date, *, western: bool) -> tuple[str, ...]:
    """What the office wrote later: a move, a name, an extended stay; dates and house numbers that are not the card's."""
    count = int(rng.choice(3, p=(0.6, 0.3, 0.1)))
    return tuple(_note(rng, today - timedelta(days=int(rng.integers(1, 2500))), western=western) for _ in range(count))


def _note(rng: np.random.Generator, day: date, *, western: bool) -> str:
    number = f"{rng.integers(10_000):04d}"
    if western:
        return f"{day.year}年{day.month}月{day.day}日まで有効"
    era = Era.of(day)
    when = f"{era.kanji}{era.year(day)}年{day.month}月{day.day}日"
    return f"{when} {('練習町' + number, '氏名 稽古' + number[:2])[rng.integers(2)]}"
