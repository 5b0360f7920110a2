"""What one camera frame shows, measured once: the face, or why it cannot be judged."""

import hashlib
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.domain.liveness import LiveFrame
from services.domain.verdicts import CaptureFault
from services.vision import liveness_limits as limits
from services.vision.face_finder import FoundFace, several
from services.vision.face_networks import FaceNetworks
from services.vision.face_recogniser import Embedding
from services.vision.image import Pixels, decode_picture
from services.vision.image_frame import check_frame
from services.vision.liveness_quality import quality, quality_fault
from services.vision.liveness_replay import surroundings
from services.vision.mesh import Points, Pose, eye_distance, five_points, pose, smile

_BLOCK: Final = 8  # JPEG's
_TEXTURE: Final = 6  # grey levels in a block; flatter ones come out equal whenever they are encoded
# Odd and fixed: equal blocks get equal numbers, others hardly ever.
_WEIGHTS: Final = np.random.default_rng(8).integers(0, 2**31, _BLOCK * _BLOCK, dtype=np.uint32) * 2 + 1


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
    captured_ms: int  # the browser's word
    digest: bytes
    landmarks: Points
    presence: float
    pose: Pose
    smile: float
    fills: float  # share of the picture's width or height, the larger
    embedding: Embedding
    around: Pixels
    grain: NDArray[np.uint32]  # a number for each block of 8 by 8 pixels, 0 where it has no texture

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

    def __init__(self, networks: FaceNetworks | None = None) -> None:
        networks = networks or FaceNetworks()
        self._finder = networks.finder
        self._mesh = networks.mesh
        self._recogniser = networks.recogniser

    def look(self, frame: LiveFrame) -> Sight | Blind:
        """Raises ImageTooLarge or ImageUnreadable where the frame is not within the limits."""
        digest = hashlib.sha256(frame.jpeg).digest()
        check_frame(frame.jpeg)
        picture = decode_picture(frame.jpeg)
        faces = self._finder.find(picture)
        if fault := _count_fault(faces):
            return Blind(frame.step, digest, fault)
        landmarks, presence = self._mesh.settle(picture, faces[0].outline)
        aligned = self._recogniser.align(picture, five_points(landmarks))
        found = pose(landmarks, picture.shape[:2])
        unfit = quality_fault(quality(picture, landmarks, aligned), found)
        if fault := CaptureFault.NO_FACE if presence < limits.PRESENCE else unfit:
            return Blind(frame.step, digest, fault)
        return Sight(
            step=frame.step,
            captured_ms=frame.captured_ms,
            digest=digest,
            landmarks=landmarks,
            presence=presence,
            pose=found,
            smile=smile(landmarks),
            fills=float((np.ptp(landmarks[:, :2], axis=0) / picture.shape[1::-1]).max()),
            embedding=self._recogniser.embed(aligned),
            around=surroundings(picture, landmarks),
            grain=_grain(picture),
        )


def _count_fault(faces: list[FoundFace]) -> CaptureFault | None:
    if not faces:
        return CaptureFault.NO_FACE
    return CaptureFault.SEVERAL_FACES if several(faces) else None


def _grain(picture: Pixels) -> NDArray[np.uint32]:
    rows, columns = (side // _BLOCK for side in picture.shape[:2])
    grey = np.asarray(cv2.cvtColor(picture[: rows * _BLOCK, : columns * _BLOCK], cv2.COLOR_RGB2GRAY))
    split = grey.reshape(rows, _BLOCK, columns, _BLOCK).swapaxes(1, 2)
    blocks = split.reshape(rows, columns, _BLOCK * _BLOCK)
    numbers = (blocks.astype(np.uint32) * _WEIGHTS).sum(axis=2, dtype=np.uint32)
    numbers[np.ptp(blocks, axis=2) < _TEXTURE] = 0
    return np.asarray(numbers)
