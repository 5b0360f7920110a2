"""Recognisers of one line of text: a crop in, the probability of every letter at every step out. No text is decided here.

The PP-OCR networks run by OpenCV's own inference; a class of theirs that no field uses is folded into "other", look-alikes into
the letter that they stand for.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.domain.errors import ModelMissing
from services.vision.front_template import DIRECTORY
from services.vision.image import Pixels
from services.vision.models import model_path

LETTERS: Final = "0123456789年月日元明治大正昭和平成令"
BLANK: Final = 0
OTHER: Final = 1
FIRST_LETTER: Final = 2
LINE_HEIGHT_PX: Final = 48  # PP-OCR recognisers take lines of this height
_FLOOR: Final = 1e-6  # no network is surer than this; also the weight of one network's error against the others

Reading = NDArray[np.float64]  # (steps, 2 + len(LETTERS)): blank, other, then LETTERS; each row adds up to 1


def columns(text: str) -> list[int]:
    """The columns of a reading that the text's letters stand in."""
    return [FIRST_LETTER + LETTERS.index(letter) for letter in text]


class Recogniser:
    """One network. Loaded once; one thread."""

    def __init__(self, model_id: str) -> None:
        """Raises ModelMissing where the file is absent or differs."""
        alphabet: Mapping[str, Any] = json.loads((DIRECTORY / "alphabets.json").read_text(encoding="utf-8"))[model_id]
        try:
            self._network = cv2.dnn.readNetFromONNX(str(model_path(model_id)))
        except cv2.error as exc:
            raise ModelMissing(model=model_id) from exc
        self._fold = _folding(alphabet)
        self._used = np.flatnonzero(self._fold.any(axis=1))
        self._fold = self._fold[self._used]
        self.model_id = model_id

    def read(self, line: Pixels) -> Reading:
        """The reading of an RGB line: uint8, (LINE_HEIGHT_PX, width, 3); width is a multiple of 8, a step is 8 pixels."""
        # Print is black, the pattern behind it coloured: in its brightest channel the pattern fades and the print stays.
        grey = (line.max(axis=2).astype(np.float32) - 127.5) / 127.5
        self._network.setInput(np.repeat(grey[None, None], 3, axis=1))
        known = np.asarray(self._network.forward()[0][:, self._used], np.float64) @ self._fold
        known[:, OTHER] = np.maximum(1 - known.sum(axis=1), 0)
        known = np.maximum(known, _FLOOR)
        reading: Reading = known / known.sum(axis=1, keepdims=True)
        return reading


def _folding(alphabet: Mapping[str, Any]) -> NDArray[np.float64]:
    """A 0/1 matrix from the network's classes to a reading's columns."""
    fold = np.zeros((alphabet["classes"], FIRST_LETTER + len(LETTERS)))
    _mark(fold, alphabet["blank"], BLANK)
    for letter, classes in alphabet["letters"].items():
        _mark(fold, classes, columns(letter)[0])
    return fold


def _mark(fold: NDArray[np.float64], classes: Sequence[int], column: int) -> None:
    fold[list(classes), column] = 1
