"""Wrong documents: drawn, plainly marked, the same again, and none of them gives the reader a value."""

import numpy as np
import pytest

from services.rehearsal.front_drawing import FontMissing, font
from services.rehearsal.front_others import MARK_INK, Other, document, document_at
from services.vision.image import decode_picture

DRAWN = tuple(kind for kind in Other if kind not in {Other.PAPER, Other.TABLE})


@pytest.fixture(autouse=True)
def _fonts() -> None:
    try:
        font("mincho", 12)
    except FontMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("kind", DRAWN)
def test_a_document_is_marked_and_the_same_for_its_seed(kind: Other) -> None:
    first, again, other = (document(kind, seed) for seed in (31, 31, 32))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert (first == np.array(MARK_INK)).all(axis=2).mean() > 0.004


def test_held_out_artwork_is_another_than_the_one_that_the_reader_knows() -> None:
    known, held_out = (document(Other.NEXT_CARD, 30, held_out=flag) for flag in (False, True))
    assert (known != held_out).any(axis=2).mean() > 0.2


def test_kinds_take_turns_and_each_is_photographed() -> None:
    kinds, pictures = zip(*(document_at(seed) for seed in range(len(Other))), strict=True)
    assert set(kinds) == set(Other)
    assert {(1440, 1920), (1920, 1440)} >= {decode_picture(picture).shape[:2] for picture in pictures}
    assert document_at(3)[1] == pictures[3]
