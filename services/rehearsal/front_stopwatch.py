"""Times the card-front reader and weighs a process that has nothing else: `python -m services.rehearsal.front_stopwatch FOLDER`.

Draws nothing and imports nothing that draws. Prints one JSON object.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import TypeVar

import cv2

from services.clock import SystemClock
from services.vision.front import CardFrontByTemplate, Looked
from services.vision.front_crop import cut
from services.vision.image import decode_picture

_S = TypeVar("_S")
_T = TypeVar("_T")


class Stopwatch:
    """Wall and CPU milliseconds of named stages, in the order in which they were taken."""

    def __init__(self) -> None:
        self.taken: dict[str, list[tuple[float, float]]] = {}

    def time(self, stage: str, work: Callable[[_S], _T], on: _S) -> _T:
        """Does the work and notes what it took."""
        wall, cpu = perf_counter(), process_time()
        done = work(on)
        spent = ((perf_counter() - wall) * 1000, (process_time() - cpu) * 1000)
        self.taken.setdefault(stage, []).append(spent)
        return done


class _Parts(CardFrontByTemplate):
    """The reader, one step at a time."""

    def parts(self, picture: bytes, watch: Stopwatch) -> None:
        """What `read` does, each step timed."""
        pixels = watch.time("decode JPEG", decode_picture, picture)
        card = watch.time("find the card", self._locator.locate, pixels)
        if card is None or card.layout.refused is not None:
            return
        crops = watch.time("cut three lines", lambda found: cut(pixels, found, self._template), card)
        lines = watch.time("recognise, all engines", self._panel.read, crops)
        watch.time("score and decide", self.conclude, Looked(card, crops, lines))


def main(arguments: list[str]) -> int:
    """Reads every JPEG of the folder: whole, and in its stages."""
    cv2.setNumThreads(1)
    reader, watch = _Parts(SystemClock()), Stopwatch()
    loaded = _peak_mb()
    pictures = [path.read_bytes() for path in sorted(Path(arguments[0]).glob("*.jpg"))]
    reader.read(pictures[0])
    for picture in pictures:
        watch.time("whole", reader.read, picture)
        reader.parts(picture, watch)
    print(json.dumps({"taken": watch.taken, "loaded_mb": loaded, "peak_mb": _peak_mb()}))  # noqa: T201  # read by the bench
    return 0


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
