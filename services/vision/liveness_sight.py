"""What one camera frame shows, measured once: the face, or why it cannot be judged."""

import hashlib
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from services.domain.liveness import LiveFrame
from services.domain.verdicts import CaptureFault
from services.vision.face_finder import FaceFinder, FoundFace
from services.vision.face_recogniser import Embedding, FaceRecogniser
from services.vision.image import Pixels, decode_picture
from services.vision.liveness_replay import surroundings
from services.vision.mesh import FaceMesh, Points, Pose, eye_distance, five_points, pose, smile

# Measured on the aligned face of 112 pixels. Mean of 54 people of the London set: 65 to 171. Sharpness is the variance of the
# Laplacian after smoothing by one pixel, so that sensor noise does not pass for detail: 33 to 61; blurred with a standard deviation
# of 3 pixels at 100 between the eyes 13 to 24, of 5 pixels 6 to 12; palette GIFs with 30 pixels between the eyes 11 and 12.
DARKEST: Final = 45.0
BRIGHTEST: Final = 225.0
BLUR_VARIANCE: Final = 9.0
FEWEST_EYE_PIXELS: Final = (
    40.0  # between the eyes, of the 38 that the aligned face has: nothing is made up by enlarging
)
SECOND_FACE: Final = 0.5  # widths of the first; a smaller one is a passer-by or a picture on the wall
PRESENCE: Final = 0.0  # the mesh's log-odds that it sees a face at all

_CORE: Final = np.s_[20:100, 20:92]  # of the aligned face, without hair and background


@dataclass(frozen=True)
class Blind:
    """A frame that cannot be judged."""

    step: int
    digest: bytes
    fault: CaptureFault


@dataclass(frozen=True, repr=False)
class Sight:
    """A frame with one face in it. Angles are the camera's, not yet the person's own."""

    step: int
    digest: bytes
    landmarks: Points
    presence: float
    pose: Pose
    smile: float
    sharpness: float
    embedding: Embedding
    aligned: Pixels
    around: Pixels

    @property
    def eyes_apart(self) -> float:
        """In pixels, in space."""
        return eye_distance(self.landmarks)

    @property
    def centre(self) -> Points:
        """The middle of the landmarks, in pixels."""
        return np.asarray(self.landmarks[:, :2].mean(axis=0), dtype=np.float32)


class Observer:
    """The networks that look at a frame, loaded. One thread uses it."""

    def __init__(self) -> None:
        self._finder = FaceFinder()
        self._mesh = FaceMesh()
        self._recogniser = FaceRecogniser()

    def look(self, frame: LiveFrame) -> Sight | Blind:
        """Raises ImageTooLarge or ImageUnreadable where the frame is not within the limits."""
        digest = hashlib.sha256(frame.jpeg).digest()
        picture = decode_picture(frame.jpeg)
        faces = self._finder.find(picture)
        if fault := _count_fault(faces):
            return Blind(frame.step, digest, fault)
        landmarks, presence = self._mesh.settle(picture, faces[0].outline)
        aligned = self._recogniser.align(picture, five_points(landmarks))
        sharpness = _sharpness(aligned)
        fault = CaptureFault.NO_FACE if presence < PRESENCE else _quality_fault(landmarks, aligned, sharpness)
        if fault:
            return Blind(frame.step, digest, fault)
        return Sight(
            step=frame.step,
            digest=digest,
            landmarks=landmarks,
            presence=presence,
            pose=pose(landmarks, picture.shape[:2]),
            smile=smile(landmarks),
            sharpness=sharpness,
            embedding=self._recogniser.embed(aligned),
            aligned=aligned,
            around=surroundings(picture, landmarks),
        )


def _count_fault(faces: list[FoundFace]) -> CaptureFault | None:
    if not faces:
        return CaptureFault.NO_FACE
    if len(faces) > 1 and faces[1].width > SECOND_FACE * faces[0].width:
        return CaptureFault.SEVERAL_FACES
    return None


def _quality_fault(landmarks: Points, aligned: Pixels, sharpness: float) -> CaptureFault | None:
    brightness = float(aligned[_CORE].mean())
    if eye_distance(landmarks) < FEWEST_EYE_PIXELS:
        return CaptureFault.TOO_SMALL
    if brightness < DARKEST:
        return CaptureFault.TOO_DARK
    if brightness > BRIGHTEST:
        return CaptureFault.TOO_BRIGHT
    return CaptureFault.BLURRED if sharpness < BLUR_VARIANCE else None


def _sharpness(aligned: Pixels) -> float:
    grey = cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY)[_CORE]
    return float(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 1.0), cv2.CV_64F).var())
