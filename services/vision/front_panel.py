"""Several recognisers over the same three lines, two at a time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.vision.front_crop import Crops
from services.vision.front_recognise import Reading, Recogniser

THREADS: Final = 2  # OpenCV's inference lets Python run meanwhile; a worker has two cores at best

Readings = NDArray[np.float64]  # (engines, steps, columns)


class Lines(NamedTuple):
    """What every engine made of each field's line."""

    birth: Readings
    expiry: Readings
    code: Readings


class Panel:
    """The engines of one reader. Loaded once; one thread uses it, which starts others for the time of one card."""

    def __init__(self, engines: Sequence[str], threads: int = THREADS) -> None:
        """Raises ModelMissing where a model file is absent or differs."""
        self._recognisers = [Recogniser(model_id) for model_id in engines]
        self._threads = threads

    def read(self, crops: Crops) -> Lines:
        """The readings of the three lines; the same for any number of threads."""
        # Threads live for one card only: a worker is forked from a process with the models loaded, and no thread survives that.
        with ThreadPoolExecutor(self._threads) as pool:
            read = list(pool.map(lambda recogniser: _all(recogniser, crops), self._recognisers))
        birth, expiry, code = (np.stack(of_field) for of_field in zip(*read, strict=True))
        return Lines(birth, expiry, code)


def _all(recogniser: Recogniser, crops: Crops) -> tuple[Reading, Reading, Reading]:
    return recogniser.read(crops.birth.line), recogniser.read(crops.expiry.line), recogniser.read(crops.code.line)
