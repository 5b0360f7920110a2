"""A face as 128 numbers: SFace (Zhong et al. 2021, arXiv:2205.12010), run by OpenCV."""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from services.vision.image import Pixels
from services.vision.mesh import Points
from services.vision.models import model_path

Embedding: TypeAlias = NDArray[np.float32]
"""Length 1, so that the inner product of two is their cosine similarity."""

_ROW: Final = 15  # OpenCV's detector row: box, five points, score; alignment reads only the points


class FaceRecogniser:
    """The recognition network, loaded. One thread uses it."""

    def __init__(self) -> None:
        self._net = cv2.FaceRecognizerSF.create(str(model_path("sface")), "")

    def align(self, picture: Pixels, five_points: Points) -> Pixels:
        """The face upright in 112 by 112 pixels, RGB, as the network wants it."""
        row = np.zeros((1, _ROW), dtype=np.float32)
        row[0, 4:14] = five_points.ravel()
        return np.asarray(self._net.alignCrop(picture, row), dtype=np.uint8)

    def embed(self, aligned: Pixels) -> Embedding:
        """`aligned` comes from `align`."""
        numbers = np.asarray(self._net.feature(cv2.cvtColor(aligned, cv2.COLOR_RGB2BGR)), dtype=np.float32).ravel()
        return numbers / np.float32(np.linalg.norm(numbers))
