"""When an order of actions is kept, when another is drawn, and when looking at it costs an attempt."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.liveness import Action, LivenessSession, challenge_of, next_round
from services.domain.policy import FREE_REVEALS

NINE = datetime(2026, 11, 21, tzinfo=UTC)
ORDER = [Action.FRONT, Action.LEFT, Action.UP, Action.SMILE]
LAST = len(ORDER) - 1


def round_at(step, reveals, order=ORDER):
    return LivenessSession("round", "intake", challenge_of(order, ["a", "b", "c", "d"]), step, NINE, reveals)


@pytest.mark.parametrize(
    ("last", "spent", "kept", "reveals", "costs", "free"),
    [
        (None, False, None, 0, False, 3),
        (round_at(0, 0), False, ORDER, 0, False, 3),
        (round_at(LAST - 1, 0), False, ORDER, 0, False, 3),
        (round_at(LAST - 1, 2), False, ORDER, 2, False, 1),
        (round_at(LAST, 0), False, ORDER, 1, False, 2),
        (round_at(LAST + 1, 0), False, ORDER, 1, False, 2),
        (round_at(LAST, 1), False, ORDER, 2, False, 1),
        (round_at(LAST, 2), False, None, 0, True, 0),
        (round_at(LAST + 1, 2), False, None, 0, True, 0),
        (round_at(LAST + 1, 0), True, None, 0, False, 3),
        (round_at(LAST + 1, 2), True, None, 0, False, 3),
    ],
)
def test_what_follows_a_round(last, spent, kept, reveals, costs, free):
    following = next_round(last, spent=spent)
    assert (kept, reveals, costs) == (following.kept, following.reveals, following.costs_attempt)
    assert free == following.free_repeats


@given(st.lists(st.tuples(st.integers(0, LAST + 1), st.booleans())))
def test_no_order_is_seen_to_its_end_a_fourth_time_for_nothing(rounds):
    """Each round ends at some step; only a whole one can be judged."""
    last, spent, seen = None, False, 0
    for step, judged in rounds:
        following = next_round(last, spent=spent)
        if spent or following.costs_attempt:
            seen = 0
        seen += step >= LAST
        assert (seen <= FREE_REVEALS, following.reveals < FREE_REVEALS) == (True, True)
        last, spent = round_at(step, following.reveals, following.kept or ORDER), judged and step > LAST
