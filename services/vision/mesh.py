"""The face mesh: 468 landmarks of a face, and what follows from them: pose, smile, parallax, five points for alignment.

MediaPipe's landmark network (Lugaresi et al. 2019; Kartynnik et al. 2019, arXiv:1907.06724), run by OpenCV. It looks at a square
cut out around the face, turned upright, 192 pixels wide, RGB from 0 to 1, and gives x, y and a relative depth in those pixels.
The canonical face is the same topology on an average head, in centimetres, x to the person's left, y up, z out of the face.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.vision.image import Pixels
from services.vision.models import model_path

Points = NDArray[np.float32]

LANDMARKS: Final = 468
_INPUT: Final = 192
_MARGIN: Final = 1.5  # the square's side by the face's: the network was trained with this much around a face
_PRESENCE: Final = "conv2d_31"
_LANDMARKS: Final = "conv2d_21"

# Landmarks by their place in MediaPipe's topology (canonical_face_model_uv_visualization). Right and left are the person's own.
RIGHT_EYE: Final = (33, 133, 159, 145)  # outer and inner corner, middle of the upper and lower lid
LEFT_EYE: Final = (263, 362, 386, 374)
NOSE_TIP: Final = 1
NOSE_BASE: Final = 2
NOSE_BRIDGE: Final = 168
CHIN: Final = 152
MOUTH_CORNERS: Final = (61, 291)
LIPS: Final = (
    0,
    13,
    14,
    17,
)  # in the middle, from above: outer and inner edge of the upper lip, inner and outer of the lower
# The points that MediaPipe itself weighs when it fits the canonical head (geometry_pipeline_metadata): forehead, temples,
# nose bridge, cheekbones. Chin and mouth are left out, since they move without the head.
_RIGID: Final = [
    *(4, 6, 10, 33, 54, 67, 117, 119, 121, 127, 129, 132, 133, 136, 143, 147, 198),
    *(205, 263, 284, 297, 346, 348, 350, 356, 358, 361, 362, 365, 372, 376, 420, 425),
]

_VERTEX_TAG: Final = 0x1D  # protobuf: field 3, 32 bit: one float of Mesh3d.vertex_buffer
_INDEX_TAG: Final = 0x20  # protobuf: field 4, varint: one entry of Mesh3d.index_buffer
_VERTICES_AT: Final = 8
_FLOATS_PER_VERTEX: Final = 5  # x, y, z, u, v


@dataclass(frozen=True)
class Pose:
    """Where the head points, in degrees. Yaw: to the person's own left; pitch: up; roll: towards the person's own left shoulder."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class Canonical:
    """The average head: `points` (468, 3) in centimetres, `triangles` (898, 3) as indices into them."""

    points: Points
    triangles: NDArray[np.int32]


@cache
def canonical_face() -> Canonical:
    """Reads the head from MediaPipe's metadata. The file is pinned by its SHA-256, so fixed offsets hold.

    Raises:
        ModelMissing: the file is absent or differs.
    """
    content = np.frombuffer(model_path("canonical-face").read_bytes(), dtype=np.uint8)
    count = LANDMARKS * _FLOATS_PER_VERTEX
    end = _VERTICES_AT + 5 * count
    floats = content[_VERTICES_AT:end].reshape(count, 5)[:, 1:].copy().view("<f4")
    return Canonical(floats.reshape(LANDMARKS, _FLOATS_PER_VERTEX)[:, :3].copy(), _triangles(content[end:].tobytes()))


def _triangles(octets: bytes) -> NDArray[np.int32]:
    indices = []
    position = 0
    while octets[position] == _INDEX_TAG:
        index = octets[position + 1]
        position += 2
        if index & 0x80:
            index = index & 0x7F | octets[position] << 7
            position += 1
        indices.append(index)
    return np.array(indices, dtype=np.int32).reshape(-1, 3)


class FaceMesh:
    """The landmark network, loaded. One thread uses it."""

    def __init__(self) -> None:
        # OpenCV 5's new engine silently drops outputs of this graph; the classic one runs it whole.
        self._net = cv2.dnn.readNetFromTFLite(str(model_path("face-mesh")), cv2.dnn.ENGINE_CLASSIC)

    def landmarks(self, picture: Pixels, face: Points) -> tuple[Points, float]:
        """The (468, 3) landmarks in the picture's pixels, and the log-odds that a face is there.

        `face` are at least the two eyes (the person's right, left) and two corners of the box, or the landmarks of a first look.
        """
        square = _square(face)
        crop = cv2.warpAffine(picture, square, (_INPUT, _INPUT))
        self._net.setInput(cv2.dnn.blobFromImage(crop, 1 / 255))
        landmarks, presence = self._net.forward((_LANDMARKS, _PRESENCE))
        points = np.asarray(landmarks, dtype=np.float32).reshape(LANDMARKS, 3)
        back = cv2.invertAffineTransform(square)
        scale = float(np.hypot(back[0, 0], back[0, 1]))
        placed = points[:, :2] @ back[:, :2].T + back[:, 2]
        return np.column_stack([placed, points[:, 2] * scale]).astype(np.float32), float(np.ravel(presence)[0])

    def settle(self, picture: Pixels, box: Points) -> tuple[Points, float]:
        """Looks twice: the second cut is placed by the first landmarks, which steadies turned heads."""
        rough, _ = self.landmarks(picture, box)
        return self.landmarks(picture, rough)


def _square(face: Points) -> NDArray[np.float64]:
    """The transform from the picture to the network's upright square."""
    if len(face) == LANDMARKS:
        right, left = face[list(RIGHT_EYE), :2].mean(axis=0), face[list(LEFT_EYE), :2].mean(axis=0)
        extent = face[:, :2]
    else:
        right, left = face[0], face[1]
        extent = face[2:]
    low, high = extent.min(axis=0), extent.max(axis=0)
    centre = (low + high) / 2
    angle = float(np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])))
    scale = _INPUT / (_MARGIN * float((high - low).max()))
    square = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, scale)
    square[:, 2] += _INPUT / 2 - centre
    return np.asarray(square, dtype=np.float64)


def pose(landmarks: Points, size: tuple[int, int]) -> Pose:
    """The head's pose by fitting the canonical head through a pinhole camera; `size` is the picture's (height, width)."""
    height, width = size
    focal = float(max(height, width))  # about 53 degrees across the longer side, as front cameras have
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    # The canonical head looks along +z with y up; the camera looks along +z with y down.
    model = canonical_face().points[_RIGID] * np.array([1, -1, -1], dtype=np.float32)
    seen = landmarks[_RIGID, :2].astype(np.float64)
    _, rotation, _ = cv2.solvePnP(model.astype(np.float64), seen, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    matrix, _ = cv2.Rodrigues(rotation)
    nose = -matrix[:, 2]  # the face's outward direction, towards the camera when frontal
    yaw = np.degrees(np.arctan2(nose[0], -nose[2]))
    pitch = np.degrees(np.arcsin(np.clip(-nose[1], -1, 1)))
    roll = np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
    return Pose(float(yaw), float(pitch), float(roll))


def eye_distance(landmarks: Points) -> float:
    """Between the outer corners of the eyes, in pixels; in depth too, so that it holds for a turned head."""
    return float(np.linalg.norm(landmarks[LEFT_EYE[0]] - landmarks[RIGHT_EYE[0]]))


def smile(landmarks: Points) -> float:
    """How much the mouth smiles, per outer eye distance; only its rise over the person's own neutral face says anything.

    Mouth width, lift of its corners over the lower lip, gap between the lips, less the way from the nose to corners and to
    the upper lip. On 54 people who smile as they like, a rise of 1.5 times the largest one without a smile misses 5; the common
    "width + 2 · lift" misses 10.
    """
    corners = landmarks[list(MOUTH_CORNERS)]
    eyes = landmarks[LEFT_EYE[0], :2] - landmarks[RIGHT_EYE[0], :2]
    across = eyes / np.linalg.norm(eyes)
    heights = landmarks[:, :2] @ np.array([-across[1], across[0]])  # downwards along the face
    upper, inner_upper, inner_lower, lower = heights[list(LIPS)]
    corner, nose = heights[list(MOUTH_CORNERS)].mean(), heights[NOSE_BASE]
    width = np.linalg.norm(corners[1] - corners[0])
    rise = (lower - corner) + (inner_lower - inner_upper) - (corner - nose) - (upper - nose)
    return float((width + rise) / eye_distance(landmarks))


def narrowing(frontal: Points, turned: Points) -> float:
    """Eye distance as it appears, per height of the face, against the frontal view.

    A head narrows with the cosine of its yaw; a picture has to be tilted much further before it reports the same yaw.
    """
    return _breadth(turned) / _breadth(frontal)


def _breadth(landmarks: Points) -> float:
    flat = landmarks[:, :2]
    eyes = np.linalg.norm(flat[LEFT_EYE[0]] - flat[RIGHT_EYE[0]])
    return float(eyes / np.linalg.norm(flat[CHIN] - flat[NOSE_BRIDGE]))


def parallax(frontal: Points, turned: Points) -> float:
    """How far the two views are from views of one plane: residual of the best homography, per distance between the eyes.

    A picture, however tilted, is one plane: its residual is the network's own imagination only.
    """
    plane, _ = cv2.findHomography(frontal[:, :2].astype(np.float64), turned[:, :2].astype(np.float64))
    moved = cv2.perspectiveTransform(frontal[None, :, :2].astype(np.float64), plane)[0]
    residual = float(np.sqrt(((moved - turned[:, :2]) ** 2).sum(axis=1).mean()))
    right, left = five_points(frontal)[:2]
    return residual / float(np.linalg.norm(left - right))


def five_points(landmarks: Points) -> Points:
    """Right eye, left eye, nose tip, right and left corner of the mouth: what the matcher aligns by."""
    eyes = [landmarks[list(RIGHT_EYE), :2].mean(axis=0), landmarks[list(LEFT_EYE), :2].mean(axis=0)]
    rest = landmarks[[NOSE_TIP, *MOUTH_CORNERS], :2]
    return np.vstack([*eyes, rest]).astype(np.float32)
