"""The second engine: `face_recognition` (dlib's network), for comparison and where an operator wants two opinions.

It takes 84 ms a face against 30, and at its default distance of 0.60 it takes different East Asian people for one far more often
than others: its limits here are its own, derived like SFace's.
"""

import os
from types import ModuleType

import numpy as np
from PIL import ImageFile

from services.vision.face import Limits, MedianMatcher
from services.vision.face_finder import FoundFace
from services.vision.face_gate import Face
from services.vision.face_networks import FaceNetworks
from services.vision.face_recogniser import Embedding
from services.vision.models import model_path, registry


class Dlib:
    """`Recogniser` by dlib's network: Euclidean distance, its sign turned so that higher is more alike."""

    engine = "face_recognition"

    def __init__(self) -> None:
        # Checks the weights that the package is about to load; its 68-point file is loaded too, and never used: its training data
        # forbid commercial use.
        for model_id in ("dlib-resnet", "dlib-five-points"):
            model_path(model_id)
        self._library = _library()
        self.limits = Limits.of(registry()["dlib-resnet"].thresholds, sign=-1)

    def embed(self, face: Face) -> Embedding:
        """Aligned by dlib's own five points. YuNet found the face: dlib's finder misses 11 % of hard ones."""
        where = [_location(face.found)]
        numbers = self._library.face_encodings(face.picture, where, num_jitters=1, model="small")[0]
        return np.asarray(numbers, dtype=np.float32)

    def likeness(self, one: Embedding, other: Embedding) -> float:
        """0 for the same numbers, below it for others."""
        return -float(np.linalg.norm(one - other))


class DlibMatcher(MedianMatcher):
    """`face_recognition` behind the same gates and the same decision. The constructor loads the models."""

    def __init__(self, networks: FaceNetworks | None = None) -> None:
        super().__init__(Dlib(), networks)


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
