"""The gate: a small bench in every run of the tests. Seeds 0 to 99; nothing is tuned on them.

A wrong value stops it, whatever the picture; so does a reader that has become useless. The large bench is `pinreset bench ocr`.
"""

import cv2
import pytest

from services.clock import ManualClock
from services.domain.errors import ModelMissing
from services.rehearsal.front_ablation import Instrument
from services.rehearsal.front_bench import RIGHT, TODAY, WRONG, Row, damage_row, natural_rows, others_row
from services.rehearsal.front_damage import Damage
from services.rehearsal.front_drawing import FontMissing, font
from services.rehearsal.front_hand import NATURAL, Tier
from services.rehearsal.front_others import Other

pytestmark = pytest.mark.models
CARDS = range(6)
DAMAGED = range(30, 66)
OTHERS = range(80, 80 + len(Other) + 1)
# Of legible pictures in all three tiers: the targets are 99.5, 97 and 95 %, and one miss in so few must not stop a run.
LEAST_RIGHT = 0.9
LEAST_RIGHT_WHOLE = 0.85  # of undamaged print in a pose that is given with an error


@pytest.fixture(scope="module")
def instrument() -> Instrument:
    try:
        font("mincho", 12)
        cv2.setNumThreads(1)
        return Instrument(ManualClock(TODAY))
    except (FontMissing, ModelMissing) as missing:
        pytest.skip(f"{missing}: run `make setup`")


@pytest.fixture(scope="module")
def natural(instrument: Instrument) -> list[Row]:
    return [row for seed in CARDS for row in natural_rows(instrument, seed, held_out=False)]


@pytest.fixture(scope="module")
def damaged(instrument: Instrument) -> list[Row]:
    return [damage_row(instrument, seed, held_out=False) for seed in DAMAGED]


def test_no_natural_picture_yields_a_wrong_value(natural: list[Row]) -> None:
    assert {Tier(row.kind) for row in natural} == set(Tier)
    assert [] == [row for row in natural if row.outcome == WRONG]


def test_legible_pictures_are_read(natural: list[Row]) -> None:
    legible = [row for row in natural if row.legible and row.kind in NATURAL]
    assert len(legible) >= 2 * len(CARDS)
    assert sum(row.outcome == RIGHT for row in legible) >= LEAST_RIGHT * len(legible)


def test_a_covered_field_is_never_accepted(natural: list[Row]) -> None:
    assert not any(row.outcome == RIGHT for row in natural if row.kind == Tier.COVERED and not row.legible)


def test_no_damaged_letter_yields_a_wrong_value(damaged: list[Row]) -> None:
    assert [] == [row for row in damaged if row.outcome == WRONG]


def test_whole_print_is_read(damaged: list[Row]) -> None:
    whole = [row for row in damaged if row.kind == Damage.NONE and row.legible]
    assert len(whole) >= 5
    assert sum(row.outcome == RIGHT for row in whole) >= LEAST_RIGHT_WHOLE * len(whole)


def test_no_wrong_document_yields_a_value(instrument: Instrument) -> None:
    rows = [others_row(instrument, seed, held_out=False) for seed in OTHERS]
    assert {Other(row.kind) for row in rows} == set(Other)
    assert [] == [row for row in rows if row.outcome == WRONG]
    backs = [row.outcome for row in rows if row.kind == Other.BACK]
    assert {"wrong_side"} == set(backs)
