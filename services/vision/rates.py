"""Intervals of counted rates, as biometric reports give them (ISO/IEC 19795-1): every figure comes with what its count supports."""

from collections.abc import Callable
from math import exp, lgamma, log, log1p
from typing import Final

_WILSON_Z: Final = 1.959963984540054  # 95 %, two-sided
_HALVINGS: Final = 60


def wilson(count: int, total: int) -> tuple[float, float]:
    """The 95 % Wilson score interval of a rate (Wilson 1927): close to its nominal coverage for middling rates."""
    share, spread = count / total, _WILSON_Z**2 / total
    middle = (share + spread / 2) / (1 + spread)
    half = _WILSON_Z * (share * (1 - share) / total + spread / (4 * total)) ** 0.5 / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def at_most(count: int, total: int) -> float:
    """The exact one-sided 95 % upper bound of a rate (Clopper and Pearson 1934); with no event in n about 3 / n."""
    if count >= total:
        return 1.0
    return _root(lambda rate: _chance_of_at_most(count, total, rate) - 0.05)


def _chance_of_at_most(count: int, total: int, rate: float) -> float:
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return 0.0
    return sum(
        exp(
            lgamma(total + 1)
            - lgamma(events + 1)
            - lgamma(total - events + 1)
            + events * log(rate)
            + (total - events) * log1p(-rate)
        )
        for events in range(count + 1)
    )


def _root(falling: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return high
