"""An operator's ONNX network at work, run by OpenCV like ours."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.domain.errors import ModelMissing
from services.vision.face import Limits, MedianMatcher
from services.vision.face_align import align
from services.vision.face_file import FaceModelFile
from services.vision.face_gate import Face
from services.vision.face_networks import FaceNetworks
from services.vision.face_recogniser import Embedding
from services.vision.image import Pixels
from services.vision.model_entry import EntryIncomplete
from services.vision.onnx_input import input_shape

LENGTHS: Final = (16, 4096)  # of the vector that a face becomes; published networks have 128 to 1024
_SAME: Final = 0.999  # two unlike pictures more alike than this: the network does not look at them
_UNDERIVED: Final = Limits(match=2.0, ask_again=2.0, same_face=2.0)  # no cosine reaches it: nothing is decided


class FileRecogniser:
    """`Recogniser` by an operator's network: cosine similarity."""

    def __init__(self, model: FaceModelFile) -> None:
        """Loads and tries the network.

        Raises:
            EntryIncomplete: the file differs, OpenCV refuses it, or it does not turn a face into one vector.
        """
        self.engine = f"file:{model.id}"
        self.limits = Limits.of(model.thresholds) if model.thresholds else _UNDERIVED
        self._model = model
        content = model.content()
        try:
            self._network = cv2.dnn.readNetFromONNX(np.frombuffer(content, dtype=np.uint8))
        except cv2.error as exc:
            raise EntryIncomplete(f"{model.id}: OpenCV refuses the network: {exc.err or exc}") from exc
        _require_input(model, content)
        self._try()

    def embed(self, face: Face) -> Embedding:
        """See `Recogniser`."""
        return self._vector(align(face.picture, face.points, self._model.input.size[0]))

    def likeness(self, one: Embedding, other: Embedding) -> float:
        """Both have length 1, so that this is their cosine."""
        return float(one @ other)

    def _vector(self, aligned: Pixels) -> Embedding:
        try:
            self._network.setInput(self._fed(aligned))
            numbers = np.asarray(self._network.forward(), dtype=np.float32).ravel()
        except cv2.error as exc:
            raise ModelMissing(model=self._model.id) from exc
        length = float(np.linalg.norm(numbers))
        if not np.isfinite(length) or length == 0:
            raise ModelMissing(model=self._model.id)
        return numbers / np.float32(length)

    def _fed(self, aligned: Pixels) -> cv2.typing.MatLike:
        fed = self._model.input
        picture = cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY) if fed.colour == "grey" else aligned
        blob = cv2.dnn.blobFromImage(picture, (fed.high - fed.low) / 255, swapRB=fed.colour == "BGR")
        return blob + np.float32(fed.low)

    def _try(self) -> None:
        """What a network must do is seen by letting it: unlike pictures become unlike vectors of numbers."""
        side, name = self._model.input.size[0], self._model.id
        outputs = len(self._network.getUnconnectedOutLayersNames())
        if outputs != 1:
            raise EntryIncomplete(f"{name}: the network has {outputs} outputs instead of one vector")
        ramp = np.tile(np.linspace(0, 255, side).astype(np.uint8)[:, None, None], (1, side, 3))
        shapes, vectors = [], []
        for picture in (ramp, np.ascontiguousarray(ramp.transpose(1, 0, 2)[:, ::-1])):
            try:
                self._network.setInput(self._fed(picture))
                numbers = np.asarray(self._network.forward(), dtype=np.float64)
            except cv2.error as exc:
                raise EntryIncomplete(f"{name}: the network does not run on its input: {exc.err or exc}") from exc
            shapes.append(numbers.shape)
            vectors.append(numbers.ravel())
        _require_vectors(name, shapes, vectors)


def _require_input(model: FaceModelFile, content: bytes) -> None:
    """Raises EntryIncomplete where the file itself says that it is fed with something else."""
    side = model.input.size[0]
    described = [1, 1 if model.input.colour == "grey" else 3, side, side]
    try:
        own = input_shape(content)
    except ValueError as exc:
        raise EntryIncomplete(f"{model.id}: the network's input cannot be read: {exc}") from exc
    if own is None or len(own) != len(described) or any(a not in (0, b) for a, b in zip(own, described, strict=True)):
        raise EntryIncomplete(f"{model.id}: the network is fed with {own}, the description says {described}")


def _require_vectors(name: str, shapes: list[tuple[int, ...]], vectors: list[NDArray[np.float64]]) -> None:
    length = vectors[0].size
    if shapes[0] != shapes[1] or max(shapes[0]) != length or not LENGTHS[0] <= length <= LENGTHS[1]:
        raise EntryIncomplete(f"{name}: the network's output of shape {shapes[0]} is not one vector of a face")
    lengths = [float(np.linalg.norm(vector)) for vector in vectors]
    if not all(np.isfinite(lengths)) or min(lengths) == 0:
        raise EntryIncomplete(f"{name}: the network's output is not a vector of finite numbers")
    if float(vectors[0] @ vectors[1]) > _SAME * lengths[0] * lengths[1]:
        raise EntryIncomplete(f"{name}: the network gives unlike pictures the same vector")


class FileMatcher(MedianMatcher):
    """An operator's network behind the same gates and the same decision."""

    def __init__(self, model: FaceModelFile, networks: FaceNetworks | None = None) -> None:
        super().__init__(FileRecogniser(model), networks)
