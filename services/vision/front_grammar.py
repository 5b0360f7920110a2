"""What a field may say, and the exact probability of every such text under a recogniser's reading.

Recognisers of this family emit, at each step, a letter or a blank; a text's probability is the sum over all its alignments
(connectionist temporal classification: Graves and others, ICML 2006). Instead of searching a beam, all dates and all ten
thousand codes that exist are scored: a date is a year part and a day part, joined at every step where the one can end and the
other begin; parts that end alike share that work. What is no letter of the field may stand before its first and after its last
letter only.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.vision.front_recognise import BLANK, FIRST_LETTER, OTHER, Reading, columns

DIGITS: Final = columns("0123456789")
NOTHING: Final = -1e9
SMALLEST: Final = 1e-300  # what has no probability at all counts as this much

Scores = NDArray[np.float64]  # log-probabilities


def digits_only(reading: Reading) -> Reading:
    """The same reading for a field of digits: every other letter counts as "other". Of one reading, or of several in a stack."""
    kept = reading.copy()
    kanji = [column for column in range(FIRST_LETTER, reading.shape[-1]) if column not in DIGITS]
    kept[..., OTHER] += kept[..., kanji].sum(axis=-1)
    kept[..., kanji] = 0
    return kept


class Grammar:
    """What one field may say: every head followed by every tail. Compiled once a day, because both lists stay."""

    def __init__(self, heads: Sequence[str], tails: Sequence[str]) -> None:
        """Neither list holds an empty text."""
        # Read backwards in time, a head is a tail.
        self._heads = _Suffixes([head[::-1] for head in heads])
        self._tails = _Suffixes(tails)
        # The same letter twice in a row is two letters only with a blank between.
        self._repeated = np.array([[head[-1] == tail[0] for tail in tails] for head in heads])

    def scores(self, readings: NDArray[np.float64]) -> Scores:
        """Log-probabilities of every head followed by every tail, shape (readings, heads, tails).

        `readings` has shape (readings, steps, columns): what several recognisers made of the same line.
        """
        # `ending[r, h, t]` is the probability that the last letter of the head stands at step t.
        ending = self._heads.starting(readings[:, ::-1])[:, :, ::-1]
        direct = self._tails.starting(readings)
        gap = np.zeros_like(direct)
        for step in range(direct.shape[2] - 2, -1, -1):
            gap[:, :, step] = readings[:, step, BLANK, None] * (gap[:, :, step + 1] + direct[:, :, step + 1])
        first, second = ending[:, :, :-1], np.swapaxes((direct + gap)[:, :, 1:], 1, 2)
        together = first @ second
        if self._repeated.any():
            together -= np.where(self._repeated, first @ np.swapaxes(direct[:, :, 1:], 1, 2), 0)
        return np.asarray(np.log(np.maximum(together, SMALLEST)))


class _Suffixes:
    """The tree of all endings of some texts; texts that end alike share them, so that each is computed once.

    Node 0 is the empty ending. Every other node is a letter before the ending that is its parent.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        nodes = {"": 0}
        for text in texts:
            for start in range(len(text) - 1, -1, -1):
                nodes.setdefault(text[start:], len(nodes))
        endings = list(nodes)[1:]
        self._texts = np.array([nodes[text] for text in texts])
        self._letters = np.array([columns(ending[0])[0] for ending in endings])
        self._parents = np.array([nodes[ending[1:]] for ending in endings])
        # Whether the next letter may follow without a blank; behind the last one stands the end, which is `silent`.
        self._follows = np.array([len(ending) > 1 and ending[0] != ending[1] for ending in endings], np.float64)

    def starting(self, readings: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability that a text's first letter begins at a step and the rest fills the reading.

        The recursion runs backwards in time. Shape: (readings, texts, steps).
        """
        count, steps, _ = readings.shape
        spoken = readings[:, :, self._letters]
        at = np.zeros((count, len(self._parents) + 1))  # this step is the ending's first letter
        silent = np.zeros_like(at)  # this step is a blank before it
        silent[:, 0] = 1.0
        begin = np.empty((count, steps, len(self._texts)))
        for step in range(steps - 1, -1, -1):
            before = silent[:, self._parents] + self._follows * at[:, self._parents] + at[:, 1:]
            beyond = (readings[:, step, BLANK] + readings[:, step, OTHER]) * silent[:, 0]
            silent = readings[:, step, BLANK, None] * (silent + at)
            silent[:, 0] = beyond
            at[:, 1:] = spoken[:, step] * before
            begin[:, step] = at[:, self._texts]
        return np.swapaxes(begin, 1, 2)
