"""Chance that repeats itself: what the product draws from `secrets` is a function of who draws it, and the how-manieth time."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import shake_128

_drawn: dict[tuple[str, int], int] = {}
_hands = ["nobody"]


def draw(octets: int | None = None) -> bytes:
    """Stands for `secrets.token_bytes`."""
    wanted = octets or 32
    key = (_hands[-1], wanted)
    number = _drawn[key] = _drawn.get(key, 0) + 1
    return shake_128(f"{key[0]}/{wanted}/{number}".encode()).digest(wanted)


def fresh() -> None:
    """Forgets who has drawn what."""
    _drawn.clear()


def drawn_by(who: str) -> tuple[tuple[int, int], ...]:
    """How often this one has drawn, by length."""
    return tuple(sorted((length, number) for (name, length), number in _drawn.items() if name == who))


@contextmanager
def in_hand_of(who: str, *, anew: bool = False) -> Iterator[None]:
    """Inside, this one draws; `anew` as if for the first time."""
    if anew:
        for key in [key for key in _drawn if key[0] == who]:
            del _drawn[key]
    _hands.append(who)
    try:
        yield
    finally:
        _hands.pop()


@contextmanager
def loaded() -> Iterator[None]:
    """Inside, `secrets` draws from here."""
    real, secrets.token_bytes = secrets.token_bytes, draw
    try:
        yield
    finally:
        secrets.token_bytes = real
