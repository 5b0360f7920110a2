"""Where the faces in a picture are: YuNet (Wu, Peng, Yu 2023), run by OpenCV."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from services.vision.image import Pixels
from services.vision.mesh import Points
from services.vision.models import model_path

_CERTAIN: Final = 0.7
_SEARCH_SIDE: Final = 320  # pixels; half of a camera frame's longer side: enough to find, four times cheaper
_SECOND_FACE: Final = 0.5  # widths of the first; a smaller one is a passer-by or a picture on the wall
_NARROWEST: Final = 16  # pixels: no face is found in less, and OpenCV cannot shrink a strip to nothing


@dataclass(frozen=True)
class FoundFace:
    """One face in the picture's pixels. `points`: the person's right eye, left eye, nose, right and left mouth corner."""

    left: float
    top: float
    width: float
    height: float
    points: Points
    certainty_0_1: float

    @property
    def outline(self) -> Points:
        """Eyes and box corners, as the face mesh wants them."""
        corners = [(self.left, self.top), (self.left + self.width, self.top + self.height)]
        return np.vstack([self.points[:2], corners]).astype(np.float32)


class FaceFinder:
    """The detector, loaded. One thread uses it."""

    def __init__(self) -> None:
        self._detector = cv2.FaceDetectorYN.create(str(model_path("yunet")), "", (_SEARCH_SIDE, _SEARCH_SIDE), _CERTAIN)

    def find(self, picture: Pixels, *, side: int = _SEARCH_SIDE) -> list[FoundFace]:
        """All faces, largest first; the picture is made smaller until its longer side is `side`."""
        scale = min(1.0, side / max(picture.shape[:2]))
        if min(picture.shape[:2]) * scale < _NARROWEST:
            return []
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
        self._detector.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._detector.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        faces = [_face(row / np.array([scale] * 14 + [1.0])) for row in (rows if rows is not None else [])]
        return sorted(faces, key=lambda face: -face.width * face.height)


def several(faces: Sequence[FoundFace]) -> bool:
    """Whether the second of `FaceFinder.find`'s faces is large enough to be meant."""
    return len(faces) > 1 and faces[1].width > _SECOND_FACE * faces[0].width


def _face(row: Points) -> FoundFace:
    left, top, width, height = (float(value) for value in row[:4])
    return FoundFace(left, top, width, height, row[4:14].reshape(5, 2).astype(np.float32), float(row[14]))
