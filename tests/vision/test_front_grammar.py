"""Every text's probability is exact: compared with the sum over all alignments, written out."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.vision.front_grammar import Grammar, digits_only
from services.vision.front_recognise import BLANK, FIRST_LETTER, LETTERS, OTHER, columns

WIDTH = FIRST_LETTER + len(LETTERS)


def random_reading(seed: int, steps: int) -> np.ndarray:
    reading = np.random.default_rng(seed).gamma(0.3, size=(steps, WIDTH)) + 1e-6
    return reading / reading.sum(axis=1, keepdims=True)


def scores(reading: np.ndarray, heads: list[str], tails: list[str]) -> np.ndarray:
    return Grammar(heads, tails).scores(reading[None])[0]


def emitted(path: tuple[int, ...]) -> list[int] | None:
    """What a path of columns says; `None` where "other" stands inside the text."""
    letters = [column for place, column in enumerate(path) if place == 0 or path[place - 1] != column]
    spoken = [place for place, column in enumerate(letters) if column not in {BLANK, OTHER}]
    inside = letters[spoken[0] : spoken[-1]] if spoken else []
    return None if OTHER in inside else [letters[place] for place in spoken]


def by_enumeration(reading: np.ndarray, text: str) -> float:
    wanted = columns(text)
    alphabet = sorted({BLANK, OTHER, *wanted})
    paths = product(alphabet, repeat=len(reading))
    return sum(np.prod(reading[np.arange(len(path)), path]) for path in paths if emitted(path) == wanted)


@given(
    seed=st.integers(0, 10_000),
    steps=st.integers(3, 6),
    head=st.sampled_from(["1", "12", "2"]),
    tail=st.sampled_from(["1", "21", "3"]),
)
@settings(max_examples=60, deadline=None)
def test_a_probability_is_the_sum_over_all_alignments(seed: int, steps: int, head: str, tail: str) -> None:
    reading = random_reading(seed, steps)
    expected = by_enumeration(reading, head + tail)
    assert np.exp(scores(reading, [head], [tail])[0, 0]) == pytest.approx(max(expected, 1e-300), rel=1e-9)


def test_texts_scored_together_score_as_alone() -> None:
    reading = random_reading(5, 12)
    heads, tails = ["平成元年", "昭和8年", "1989年"], ["3月1日", "12月31日"]
    together = scores(reading, heads, tails)
    alone = [[scores(reading, [head], [tail])[0, 0] for tail in tails] for head in heads]
    assert together == pytest.approx(np.array(alone))


def spelled(text: str) -> np.ndarray:
    """A reading that is nearly sure of the text; `?` is a letter outside the alphabet, a space a blank."""
    steps = [BLANK if letter == " " else OTHER if letter == "?" else columns(letter)[0] for letter in text]
    reading = np.full((len(steps), WIDTH), 1e-4)
    reading[np.arange(len(steps)), steps] = 1.0
    return reading / reading.sum(axis=1, keepdims=True)


CODES = [f"{number:02d}" for number in range(100)]


@pytest.mark.parametrize("seen", ["1 2 3 4", "??1234??", "12 34", " 1 2 34?"])
def test_a_code_is_read_between_strange_letters(seen: str) -> None:
    best = scores(spelled(seen), CODES, CODES)
    assert np.unravel_index(best.argmax(), best.shape) == (12, 34)


def test_a_letter_inside_a_code_makes_it_unlikely() -> None:
    assert scores(spelled("12?34"), CODES, CODES).max() < -5


def test_a_fifth_digit_makes_every_code_unlikely() -> None:
    assert scores(spelled("12345"), CODES, CODES).max() < -5


def test_kanji_count_as_strange_letters_where_only_digits_belong() -> None:
    reading = digits_only(spelled("日1234年"))
    assert reading.sum(axis=1) == pytest.approx(np.ones(6))
    assert scores(reading, CODES, CODES)[12, 34] > -1
