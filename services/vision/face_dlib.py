"""The second engine: `face_recognition` (dlib's network), for comparison and where an operator wants two opinions.

It takes 84 ms a face against 30, and at its default threshold of 0.60 it takes different East Asian people for one far more often:
ours is 0.40.
"""

import os
from collections.abc import Sequence
from statistics import median
from types import ModuleType

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from services.domain.errors import ImageUnreadable
from services.domain.verdicts import FaceAnswer, FaceVerdict
from services.vision.face import FEWEST_FRAMES, MOST_FRAMES
from services.vision.face_finder import FaceFinder, FoundFace
from services.vision.image import Pixels, decode_chip_photo, decode_picture
from services.vision.models import model_path, threshold

Numbers = NDArray[np.float64]


class DlibMatcher:
    """`ports.FaceMatcher`. The constructor loads the models; one thread uses it."""

    engine = "face_recognition"

    def __init__(self) -> None:
        # Checks the weights that the package is about to load; its 68-point file is loaded too, and never used: its training data
        # forbid commercial use.
        for model_id in ("dlib-resnet", "dlib-five-points"):
            model_path(model_id)
        self._library = _library()
        self._finder = FaceFinder()
        self._match = threshold("dlib-resnet", "match")
        self._ask_again = threshold("dlib-resnet", "ask_again")

    def compare(self, card_photo: bytes, frontal: Sequence[bytes]) -> FaceVerdict:
        """Decides over the median of the frames' distances: smaller is more alike."""
        distances = self.distances(card_photo, frontal[:MOST_FRAMES])
        if len(distances) < FEWEST_FRAMES:
            return self._verdict(FaceAnswer.ASK_AGAIN)
        distance = median(distances)
        if distance <= self._match:
            return self._verdict(FaceAnswer.MATCH)
        return self._verdict(FaceAnswer.ASK_AGAIN if distance <= self._ask_again else FaceAnswer.NO_MATCH)

    def distances(self, card_photo: bytes, frames: Sequence[bytes]) -> list[float]:
        """The Euclidean distance of each frame that shows a face; for the decision and the bench only."""
        picture = np.asarray(cv2.cvtColor(decode_chip_photo(card_photo), cv2.COLOR_GRAY2RGB), dtype=np.uint8)
        card = self.embedding(picture)
        if card is None:
            raise ImageUnreadable(picture="chip_photo")
        live = (self.embedding(decode_picture(frame)) for frame in frames)
        return [float(np.linalg.norm(card - numbers)) for numbers in live if numbers is not None]

    def embedding(self, picture: Pixels) -> Numbers | None:
        """The largest face as 128 numbers; `None` where there is none. YuNet finds it: dlib's finder misses 11 % of hard faces."""
        faces = self._finder.find(picture)
        if not faces:
            return None
        numbers = self._library.face_encodings(picture, [_location(faces[0])], num_jitters=1, model="small")[0]
        return np.asarray(numbers, dtype=np.float64)

    def _verdict(self, answer: FaceAnswer) -> FaceVerdict:
        return FaceVerdict(answer, self.engine, round(self._match * 1000))


def _library() -> ModuleType:
    """Imported here, in the worker, because a broken installation calls quit() at import."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import face_recognition  # noqa: PLC0415

    # The library lets Pillow take half a file for a whole picture, everywhere in the process. Ours are refused.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return face_recognition  # type: ignore[no-any-return]  # ships no types


def _location(face: FoundFace) -> tuple[int, int, int, int]:
    """As the library wants it (top, right, bottom, left): a square around the features, as its five points were trained on."""
    centre = face.points.mean(axis=0)
    half = 0.5 * max(face.width, face.height)
    top, right = centre[1] - half, centre[0] + half
    return int(top), int(right), int(top + 2 * half), int(right - 2 * half)
