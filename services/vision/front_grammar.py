"""What a field may say, and the exact probability of every such text under a recogniser's reading.

Recognisers of this family emit, at each step, a letter or a blank; a text's probability is the sum over all its alignments
(connectionist temporal classification: Graves and others, ICML 2006). Instead of searching a beam, all dates and all ten
thousand codes that exist are scored: a date is a year part and a day part, joined at every step where the one can end and the
other begin. What is no letter of the field may stand before its first and after its last letter only.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.vision.front_recognise import BLANK, FIRST_LETTER, OTHER, Reading, columns

DIGITS: Final = columns("0123456789")
NOTHING: Final = -1e9

Scores = NDArray[np.float64]  # log-probabilities


def digits_only(reading: Reading) -> Reading:
    """The same reading for a field of digits: every other letter counts as "other"."""
    kept = reading.copy()
    kanji = [column for column in range(FIRST_LETTER, reading.shape[1]) if column not in DIGITS]
    kept[:, OTHER] += kept[:, kanji].sum(axis=1)
    kept[:, kanji] = 0
    return kept


def scores(reading: Reading, heads: Sequence[str], tails: Sequence[str]) -> Scores:
    """The log-probability of each head followed by each tail, shape (heads, tails)."""
    # Read backwards in time, a head is a tail: `ending[h, t]` is the probability that its last letter stands at step t.
    ending = _starting(reading[::-1], [head[::-1] for head in heads])[:, ::-1]
    direct = _starting(reading, tails)
    gap = np.zeros_like(direct)
    for step in range(direct.shape[1] - 2, -1, -1):
        gap[:, step] = reading[step, BLANK] * (gap[:, step + 1] + direct[:, step + 1])
    together = ending[:, :-1] @ (direct + gap)[:, 1:].T
    # The same letter twice in a row is two letters only with a blank between.
    repeated = np.array([[head[-1] == tail[0] for tail in tails] for head in heads])
    if repeated.any():
        together -= np.where(repeated, ending[:, :-1] @ direct[:, 1:].T, 0)
    return np.log(np.maximum(together, 1e-300))


def _starting(reading: Reading, texts: Sequence[str]) -> NDArray[np.float64]:
    """The probability that the text's first letter begins at step t and the rest fills the reading, shape (texts, steps).

    The recursion runs backwards in time. Texts are aligned at their ends, so that all end in the last column.
    """
    longest = max(map(len, texts))
    letters = np.array([[BLANK] * (longest - len(text)) + columns(text) for text in texts])
    real = letters != BLANK
    follows = np.zeros(letters.shape, bool)  # whether the next letter may follow without a blank
    follows[:, :-1] = letters[:, :-1] != letters[:, 1:]
    first = longest - np.array([len(text) for text in texts])
    steps = len(reading)
    at = np.zeros((len(texts), longest + 1))  # this step is the letter; one column of padding
    after = np.zeros((len(texts), longest))  # this step is the blank behind the letter
    begin = np.zeros((len(texts), steps))
    for step in range(steps - 1, -1, -1):
        blank = np.full(longest, reading[step, BLANK])
        blank[-1] += reading[step, OTHER]
        ends = 1.0 if step == steps - 1 else 0.0
        following = at[:, 1:]
        came = at[:, :-1] + after + np.where(follows, following, 0)
        came[:, -1] += ends
        silent = after + following
        silent[:, -1] += ends
        after = blank * silent
        at[:, :-1] = np.where(real, reading[step, letters], 0) * came
        begin[:, step] = at[np.arange(len(texts)), first]
    return begin
