"""Damage: to one letter only, where the letter is, in nearly the right pose, the same for the same seed."""

from datetime import date

import numpy as np
import pytest

from services.rehearsal.front_blank import SCALE, blank_front
from services.rehearsal.front_damage import _HARM, WHOLE, Damage, _Letter, damaged_shot
from services.rehearsal.front_drawing import FontMissing, font
from services.rehearsal.front_people import someone
from services.rehearsal.front_picture import letter_boxes, printed_birth, render_front

TODAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _fonts() -> None:
    try:
        font("mincho", 12)
    except FontMissing as missing:
        pytest.skip(str(missing))


def part(card: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    left, top, right, bottom = (round(side * SCALE) for side in box)
    return card[top:bottom, left:right]


@pytest.mark.parametrize("seed", range(30, 36))
def test_every_letter_box_holds_ink_and_paper(seed: int) -> None:
    fields = someone(seed, TODAY)
    card = render_front(fields, seed=seed)
    boxes = letter_boxes(fields, seed=seed, art=0)
    assert len(boxes[0]) == len(printed_birth(fields.front).removesuffix("生").replace(" ", ""))
    assert len(boxes[2]) == 4
    for box in (box for of_field in boxes for box in of_field):
        dark = part(card, box).max(axis=2) < 150
        assert 0.02 < dark.mean() < 0.7


@pytest.mark.parametrize("damage", list(_HARM))
def test_damage_stays_near_its_letter_and_changes_it(damage: Damage) -> None:
    fields = someone(31, TODAY)
    whole = render_front(fields, seed=31)
    left, top, right, bottom = box = letter_boxes(fields, seed=31, art=0)[2][1]
    card = whole.copy()
    for attempt in range(3):  # one stroke may miss the print
        _HARM[damage](_Letter(card, blank_front(), box), np.random.default_rng(attempt))
    changed = (card != whole).any(axis=2)
    assert changed.any()
    far = changed.copy()
    reach = 9.0
    rows, columns = (
        slice(int((top - reach) * SCALE), None),
        slice(int((left - reach) * SCALE), int((right + reach) * SCALE)),
    )
    far[rows, columns] = False
    assert not far.any()
    assert bottom > top


def test_a_shot_is_the_same_again_and_says_nothing_of_its_person() -> None:
    first, again = (damaged_shot(33, TODAY) for _ in range(2))
    assert first.jpeg == again.jpeg
    assert np.array_equal(first.to_picture, again.to_picture)
    assert repr(first) == f"<DamagedShot {first.damage} {first.field}>"


def test_kinds_fields_and_whole_cards_come_in_their_shares() -> None:
    drawn = [_kind(seed) for seed in range(400)]
    assert drawn.count(Damage.NONE) / len(drawn) == pytest.approx(WHOLE, abs=0.06)
    assert set(drawn) == set(Damage)


def _kind(seed: int) -> Damage:
    """The draw that `damaged_shot` makes first."""
    rng = np.random.default_rng((seed, 21))
    return Damage.NONE if rng.random() < WHOLE else tuple(_HARM)[rng.integers(len(_HARM))]
