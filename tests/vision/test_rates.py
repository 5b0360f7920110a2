"""The intervals of counted rates, against published and hand-worked values."""

import pytest

from services.vision.rates import at_most, wilson


# Brown, Cai, DasGupta 2001 and the formula worked by hand.
@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 5724, 0.0, 0.00067)],
)
def test_the_wilson_interval_is_the_published_one(count: int, total: int, low: float, high: float) -> None:
    assert wilson(count, total) == pytest.approx((low, high), abs=1e-4)


# With no event the bound is 1 - 0.05^(1/n); the others are the beta quantiles of Clopper and Pearson's tables.
@pytest.mark.parametrize(
    ("count", "total", "bound"),
    [(0, 1, 0.95), (0, 100, 1 - 0.05 ** (1 / 100)), (1, 10, 0.3942), (5, 100, 0.1023), (10, 10, 1.0)],
)
def test_the_one_sided_bound_is_clopper_and_pearsons(count: int, total: int, bound: float) -> None:
    assert at_most(count, total) == pytest.approx(bound, abs=1e-4)
