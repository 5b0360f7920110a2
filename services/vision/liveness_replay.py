"""The passive check: does the frame show a face, or a screen that shows a face?

The network `fr_liveness` detects screen replays only; simulated prints pass it 113 times of 120, drawn injections always. What
its package does before the network is wrong; the cut below was found by comparing about 60 ways on real replays: a square of
four times the landmarks' longer side, moved into the picture, BGR, 0 to 255. On 108 genuine pictures of 54 people its lowest score
is -2.05; with a cut that keeps the box's sides, 3 of them fall below -2.5.
"""

from typing import Final

import cv2
import numpy as np

from services.vision.image import Pixels
from services.vision.mesh import Points
from services.vision.models import model_path

_INPUT: Final = 128
_AROUND: Final = 4.0


class ReplayDetector:
    """The passive network, loaded. One thread uses it."""

    def __init__(self) -> None:
        self._net = cv2.dnn.readNetFromONNX(str(model_path("replay")))

    def score(self, cut: Pixels) -> float:
        """Log-odds for a living face, the mean of the cut and its mirror image. `cut` comes from `surroundings`."""
        return (self._log_odds(cut) + self._log_odds(np.ascontiguousarray(cut[:, ::-1]))) / 2

    def _log_odds(self, cut: Pixels) -> float:
        self._net.setInput(cv2.dnn.blobFromImage(cut, swapRB=True))
        live, *others = np.asarray(self._net.forward(), dtype=np.float64).ravel()
        return float(live - np.logaddexp.reduce(others))


def surroundings(picture: Pixels, landmarks: Points) -> Pixels:
    """A square around the face, four times its size or as much as the picture has, in 128 by 128 pixels."""
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    height, width = picture.shape[:2]
    side = min(_AROUND * float((high - low).max()), width, height)
    left, top = np.clip((low + high - side) / 2, 0, np.array([width, height]) - side).astype(int)
    square = picture[top : top + int(side), left : left + int(side)]
    return np.asarray(cv2.resize(square, (_INPUT, _INPUT)), dtype=np.uint8)
