"""Whether one frame is fit to be judged: size, light, sharpness, coverings.

What fails here costs no attempt, and says what to change.

All is measured on the face as the matcher sees it, upright and 112 pixels wide, but for back-light, which is a matter of what lies
around the face. Every limit with its measurement stands in `liveness_limits`.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from services.domain.verdicts import CaptureFault
from services.vision import liveness_limits as limits
from services.vision.face_align import CORE, sharpness
from services.vision.image import Pixels
from services.vision.mesh import Points, Pose, eye_distance

# In the aligned face: rows, columns.
_EYES: Final = (np.s_[45:57, 28:48], np.s_[45:57, 63:83])
_MOUTH: Final = np.s_[83:101, 38:74]
# Around the face: hair above it and on both sides, and everything below, is not background. In face heights and widths.
_HAIR: Final = 0.45
_SIDES: Final = 0.35
_CLIPPED: Final = 245
_REFLECTING: Final = 250


@dataclass(frozen=True)
class Quality:
    """What a frame's fitness is decided by. Brightness goes from 0 to 255.

    `eyes` and `lips` are their contrast per the whole face's fine contrast (the root of `sharpness`), so that neither weak light,
    nor a small picture, nor dark skin passes for a covering.
    """

    eyes_apart: float
    outside: float  # share of the landmarks beyond the picture's edge
    brightness: float
    clipped_around: float  # share of the background that is white
    against_around: float  # brightness per background's
    reflecting: float  # share of the face
    sharpness: float
    eyes: float
    lips: float


def quality(picture: Pixels, landmarks: Points, aligned: Pixels) -> Quality:
    """Measures one face; `aligned` comes from `FaceRecogniser.align`."""
    grey = cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = sharpness(grey)
    detail = max(float(np.sqrt(fine)), 1.0)
    around = _around(picture, landmarks)
    brightness = float(grey[CORE].mean())
    height, width = picture.shape[:2]
    within = (landmarks[:, :2] >= 0).all(axis=1) & (landmarks[:, :2] < (width, height)).all(axis=1)
    return Quality(
        eyes_apart=eye_distance(landmarks),
        outside=float(1 - within.mean()),
        brightness=brightness,
        clipped_around=float((around > _CLIPPED).mean()) if around.size else 0.0,
        against_around=brightness / max(float(around.mean()), 1.0) if around.size else 1.0,
        reflecting=float((aligned[CORE].min(axis=2) >= _REFLECTING).mean()),
        sharpness=fine,
        eyes=min(float(grey[eye].std()) for eye in _EYES) / detail,
        lips=_line(grey[_MOUTH]) / detail,
    )


def quality_fault(found: Quality, pose: Pose) -> CaptureFault | None:
    """What to change, the most telling first; `None` where the frame is fit."""
    if fault := _place_fault(found) or _light_fault(found):
        return fault
    if found.sharpness < limits.SHARPNESS:
        return CaptureFault.BLURRED
    # On a turned face the eyes and the mouth are elsewhere in the aligned face.
    most_yaw, most_pitch = limits.COVERING_JUDGED_DEG
    if abs(pose.yaw) > most_yaw or abs(pose.pitch) > most_pitch:
        return None
    if found.eyes < limits.EYE_CONTRAST:
        return CaptureFault.COVERED_EYES
    return CaptureFault.COVERED_MOUTH if found.lips < limits.LIP_CONTRAST else None


def _place_fault(found: Quality) -> CaptureFault | None:
    if found.outside > limits.OUTSIDE_SHARE:
        return CaptureFault.CUT_OFF
    return CaptureFault.TOO_SMALL if found.eyes_apart < limits.FEWEST_EYE_PIXELS else None


def _light_fault(found: Quality) -> CaptureFault | None:
    if found.clipped_around > limits.CLIPPED_AROUND and found.against_around < limits.AGAINST_AROUND:
        return CaptureFault.BACK_LIT
    if found.brightness < limits.DARKEST:
        return CaptureFault.TOO_DARK
    if found.brightness > limits.BRIGHTEST:
        return CaptureFault.TOO_BRIGHT
    return CaptureFault.GLARE if found.reflecting > limits.REFLECTING_SHARE else None


def _around(picture: Pixels, landmarks: Points) -> np.ndarray:
    """The background's grey values."""
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    width, height = high - low
    background = np.ones(picture.shape[:2], dtype=bool)
    top, left, right = low[1] - _HAIR * height, low[0] - _SIDES * width, high[0] + _SIDES * width
    background[max(0, int(top)) :, max(0, int(left)) : max(0, int(right))] = False
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[background])


def _line(mouth: np.ndarray) -> float:
    """The strongest line across: between lips, or along one."""
    downwards = cv2.Sobel(cv2.GaussianBlur(mouth, (0, 0), 1.0), cv2.CV_32F, 0, 1)
    return float(np.abs(downwards).mean(axis=1).max())
