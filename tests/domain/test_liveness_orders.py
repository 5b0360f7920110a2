"""The draw of a challenge: all orders enumerated, so that the odds of a recording are known and not guessed."""

from collections import Counter
from fractions import Fraction
from itertools import permutations
from random import Random

import pytest

from services.domain.liveness import MOVES, ORDERS, TURNS, Action, draw_actions, without_smile

SEEDS = [f"intake {number}" for number in range(400)]
FRONT = Action.FRONT


def test_an_order_is_three_different_moves_and_a_turn_is_always_among_them():
    expected = {order for order in permutations(MOVES, 3) if Action.LEFT in order or Action.RIGHT in order}
    assert (expected, 54, 54) == (set(ORDERS), len(ORDERS), len(set(ORDERS)))


def test_a_recording_for_one_order_fits_the_next_draw_once_in_54():
    class Counting(Random):
        """Chooses everything once."""

        def choice(self, seq):
            self.seen = list(seq)
            return seq[0]

    chance = Counting()
    draw_actions(chance)
    assert {Fraction(1, 54)} == {Fraction(n, len(chance.seen)) for n in Counter(chance.seen).values()}


def test_every_order_is_drawn_and_begins_with_the_front():
    drawn = {tuple(draw_actions(Random(seed))) for seed in range(1500)}
    assert {(FRONT, *order) for order in ORDERS} == drawn


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_without_smile_the_rest_of_the_order_stays_and_a_turn_is_in_it(order):
    changed = without_smile([FRONT, *order], SEEDS[0])
    pairs = [(a, b) for a, b in zip([FRONT, *order], changed, strict=True) if a is not b]
    assert [Action.SMILE] * (Action.SMILE in order) == [a for a, _ in pairs]
    assert (Action.SMILE in changed, len(set(changed)), bool(TURNS.intersection(changed))) == (False, 4, True)


def test_asking_again_without_smile_changes_nothing():
    for order in ORDERS:
        first = without_smile([FRONT, *order], SEEDS[0])
        assert first == without_smile([FRONT, *order], SEEDS[0]) == without_smile(first, SEEDS[0])


def test_the_move_in_the_smiles_place_is_not_known_without_the_seed():
    order = [FRONT, Action.LEFT, Action.SMILE, Action.UP]
    chosen = Counter(without_smile(order, seed)[2] for seed in SEEDS)
    assert {Action.RIGHT, Action.NEARER} == set(chosen)
    assert min(chosen.values()) > 150


def test_who_may_have_the_smile_replaced_has_at_most_5_chances_in_108():
    """For each recording: draws that are the recording, or that become it, where either move is as likely."""
    odds = {}
    for recording in ORDERS:
        exact = Fraction(1, 54)
        replaced = [order for order in ORDERS if Action.SMILE in order and _becomes(order, recording)]
        odds[recording] = exact + Fraction(len(replaced), 54) / 2
    assert (Fraction(1, 54), Fraction(5, 108)) == (min(odds.values()), max(odds.values()))


def _becomes(order, recording):
    left = set(MOVES) - set(order)
    return any(recording == tuple(new if a is Action.SMILE else a for a in order) for new in left)
