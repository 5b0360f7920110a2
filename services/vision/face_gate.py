"""Which pictures are fit to be compared: one face, large, sharp, lit and looking at the camera. The rest does not count.

Liveness has looked at most of this before; the matcher does not rely on it. Its own limits are wide: they keep out what lowers the
likeness of the same person below the threshold, nothing more.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from services.domain.errors import ChipPhotoUnreadable
from services.vision.face_align import CORE, align, sharpness
from services.vision.face_finder import FoundFace, several
from services.vision.face_networks import FaceNetworks
from services.vision.image import Pixels, decode_chip_photo, decode_picture
from services.vision.mesh import Points, Pose, eye_distance, five_points, pose

# Measured as likeness (SFace) of the London set's smiling people with their neutral picture; other people reach .36 at most. Lowest
# of all 54, from .843 upwards as they are:
#   blurred by 4 px at 150 between the eyes .793 (sharpness from 5.5), by 5 px .758 (3.3), by 6 px .708 (2.0)
# of 11 people, from .847 upwards as they are:
#   at half the light .843 (brightness from 30), a third .828 (21), a seventh .786 (9)
#   twice the light, clipped .574 (brightness up to 246), 1.6 times .811 (228)
#   27 pixels between the eyes .837, 20 pixels .803
# and of 9 heads drawn from a smiling picture, from .694 upwards as they are: at 20 degrees of measured yaw .616, at 25 .577, at 30
# .535; at 25 degrees of pitch .552.
BLUR_VARIANCE: Final = 3.5
DARKEST: Final = 25.0
BRIGHTEST: Final = 225.0
FEWEST_EYE_PIXELS: Final = 30.0  # between the outer corners
LARGEST_YAW_DEG: Final = 20.0
LARGEST_PITCH_DEG: Final = 25.0  # a phone is held low; the mesh itself is off by up to 15
PRESENCE: Final = 0.0  # the mesh's log-odds that it sees a face at all; the worst of the pictures above had 14.8


class Unfit(StrEnum):
    """Why a frame does not count."""

    NO_FACE = "no face"
    SEVERAL_FACES = "several faces"
    AVERTED = "averted"
    TOO_SMALL = "too small"
    TOO_DARK = "too dark"
    TOO_BRIGHT = "too bright"
    BLURRED = "blurred"


@dataclass(frozen=True, repr=False)
class Face:
    """One face, ready for a recogniser: the picture (RGB), where the detector saw it, and the five points to align by."""

    picture: Pixels
    found: FoundFace
    points: Points


class FaceGate:
    """The detector and the mesh, loaded. One thread uses it."""

    def __init__(self, networks: FaceNetworks | None = None) -> None:
        networks = networks or FaceNetworks()
        self._finder = networks.finder
        self._mesh = networks.mesh

    def card(self, photo: bytes) -> Face:
        """The chip photo's face, by the detector's own points: on stills the mesh's were measured worse.

        Raises:
            ChipPhotoUnreadable: not within the limits, or without a face.
        """
        picture: Pixels = np.asarray(cv2.cvtColor(decode_chip_photo(photo), cv2.COLOR_GRAY2RGB), dtype=np.uint8)
        faces = self._finder.find(picture)
        if not faces:
            raise ChipPhotoUnreadable(faces=0)
        return Face(picture, faces[0], faces[0].points)

    def frame(self, jpeg: bytes) -> Face | Unfit:
        """A camera frame's face, by the mesh's points; or why it does not count.

        Raises:
            ImageTooLarge, ImageUnreadable: not a picture within the limits.
        """
        picture = decode_picture(jpeg)
        faces = self._finder.find(picture)
        if not faces:
            return Unfit.NO_FACE
        if several(faces):
            return Unfit.SEVERAL_FACES
        landmarks, presence = self._mesh.settle(picture, faces[0].outline)
        if presence < PRESENCE:
            return Unfit.NO_FACE
        points = five_points(landmarks)
        if fault := quality_fault(eye_distance(landmarks), align(picture, points)):
            return fault
        if averted(pose(landmarks, (picture.shape[0], picture.shape[1]))):
            return Unfit.AVERTED
        return Face(picture, faces[0], points)


def averted(seen: Pose) -> bool:
    """Whether the face looks too far past the camera."""
    return abs(seen.yaw) > LARGEST_YAW_DEG or abs(seen.pitch) > LARGEST_PITCH_DEG


def quality_fault(eyes_apart: float, aligned: Pixels) -> Unfit | None:
    """What is wrong with the picture of a face, given the pixels between its outer eye corners and its upright square."""
    grey = cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY).astype(np.float32)
    brightness = float(grey[CORE].mean())
    if eyes_apart < FEWEST_EYE_PIXELS:
        return Unfit.TOO_SMALL
    if brightness < DARKEST:
        return Unfit.TOO_DARK
    if brightness > BRIGHTEST:
        return Unfit.TOO_BRIGHT
    return Unfit.BLURRED if sharpness(grey) < BLUR_VARIANCE else None
