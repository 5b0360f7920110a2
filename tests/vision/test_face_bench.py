"""The bench's arithmetic."""

import pytest

from services.vision.bench_face import wilson


# Brown, Cai, DasGupta 2001 and the formula worked by hand.
@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (0, 5724, 0.0, 0.00067)],
)
def test_the_wilson_interval_is_the_published_one(count: int, total: int, low: float, high: float) -> None:
    assert wilson(count, total) == pytest.approx((low, high), abs=1e-4)
