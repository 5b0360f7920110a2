"""The face upright in a square, as face recognisers are trained: five points laid on ArcFace's template (Deng et al. 2019).

OpenCV's SFace brings this transform of its own, which differs by a thousandth of a grey level; the one here serves networks that an
operator brings, and the quality gates.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.vision.image import Pixels
from services.vision.mesh import Points

TEMPLATE_SIDE: Final = 112
CORE: Final = np.s_[20:100, 20:92]  # rows and columns of the aligned face without hair and background
_TEMPLATE: Final = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)


def align(picture: Pixels, five_points: Points, side: int = TEMPLATE_SIDE) -> Pixels:
    """`five_points`: the person's right eye, left eye, nose, right and left corner of the mouth."""
    placed = cv2.warpAffine(picture, _similarity(five_points, _TEMPLATE * (side / TEMPLATE_SIDE)), (side, side))
    return np.asarray(placed, dtype=np.uint8)


def sharpness(grey: NDArray[np.float32]) -> float:
    """Variance of the Laplacian over the aligned face's core, after smoothing by one pixel: noise must not pass for detail.

    `grey` has the grey levels as fractions: smoothed in whole ones, the rounding alone adds 1.7.
    """
    return float(cv2.Laplacian(cv2.GaussianBlur(grey[CORE], (0, 0), 1.0), cv2.CV_32F).var())


def _similarity(points: Points, onto: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation, scale and shift that bring points nearest to others by least squares (Umeyama 1991), for two dimensions.

    Written with complex numbers, in which turning and scaling are one factor.
    """
    here, there = (side[:, 0] + 1j * side[:, 1] for side in (points.astype(np.float64), onto))
    centred = here - here.mean()
    factor = (centred.conj() @ (there - there.mean())) / (centred.conj() @ centred)
    shift = there.mean() - factor * here.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])
