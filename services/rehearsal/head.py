"""A head that turns and smiles, drawn from one portrait. It is a fixture, and at the same time an attack.

One still picture, warped in three dimensions and *injected* through a virtual camera, is what this draws: it turns, it smiles,
it matches the card, and no check of images tells it from a person. That it passes our liveness check is a measured limit of
every such check, stated in the README; the card, its passwords and the nonce-bound session carry the weight there.

How: the face's depth is the canonical head's, enlarged by a tenth so that estimators see the turn that was meant; hair, ears and
neck follow with falling weight; every pixel is turned in space and laid down from back to front.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.rehearsal.portrait import Portrait
from services.vision.image import Pixels
from services.vision.mesh import LIPS, MOUTH_CORNERS, NOSE_BASE, Points, canonical_face, eye_distance, smile

FRAME_SIZE: Final = (640, 480)  # height, width: a phone's front camera, upright
_EYES: Final = 96.0  # pixels between the eyes
_EYES_AT: Final = (240.0, 256.0)
_FINE: Final = 2  # drawn in twice the size and made smaller, against jagged edges
_DEPTH_GAIN: Final = 1.1
_PIVOT_DEPTH: Final = -3.0  # centimetres in the canonical head: about the neck's axis
_FADE: Final = 1.1  # face widths beyond the face where the movement has faded out
_SKULL_SLOPE: Final = 0.5
_SMILING: Final = 0.30  # by `mesh.smile`; a portrait above it already smiles

_NOTHING: Final = -1e6

Field = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """One instant: angles in degrees as `mesh.Pose` has them, smile from 0 to 1, shifts in pixels.

    `near` divides the distance between the head's pivot and the camera.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    smile: float = 0.0
    right: float = 0.0
    down: float = 0.0
    near: float = 1.0


class Head:
    """A portrait, made ready to be drawn with any look."""

    def __init__(self, portrait: Portrait) -> None:
        fine = (FRAME_SIZE[0] * _FINE, FRAME_SIZE[1] * _FINE)
        at = (_EYES_AT[0] * _FINE, _EYES_AT[1] * _FINE)
        self._picture, self._landmarks = portrait.framed(fine, _EYES * _FINE, at)
        self._distance = float(max(fine))  # the camera's, in pixels of the head, for a field of view of 53 degrees
        self._depth, self._weight = _relief(self._landmarks, fine)
        self._pivot = np.array([self._landmarks[:, 0].mean(), self._landmarks[:, 1].mean()])
        self._rows, self._columns = np.mgrid[0 : fine[0], 0 : fine[1]].astype(np.float32)
        # A portrait that smiles is its own smile, and its mouth is drawn together for the neutral face.
        self._mouth_at_rest = -1.0 if smile(self._landmarks) > _SMILING else 0.0

    def draw(self, look: Look) -> Pixels:
        """The frame with this look: uint8, (640, 480, 3), RGB."""
        x, y = _mouth(self._landmarks, self._columns, self._rows, self._mouth_at_rest + look.smile)
        near = 1 - self._depth / self._distance
        in_space = np.stack([(x - self._pivot[0]) * near, (y - self._pivot[1]) * near, self._depth])
        turned = np.tensordot(_rotation(look), in_space, axes=1)
        farther = 1 / look.near - turned[2] / self._distance
        shift = np.array([look.right, look.down]) * _FINE
        new_x = x + self._weight * (turned[0] / farther + self._pivot[0] + shift[0] - x)
        new_y = y + self._weight * (turned[1] / farther + self._pivot[1] + shift[1] - y)
        fine = _lay(self._picture, new_x, new_y, turned[2])
        return np.asarray(cv2.resize(fine, FRAME_SIZE[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _rotation(look: Look) -> NDArray[np.float64]:
    """The axes: x to the picture's right, which is the person's own left, y down, z towards the camera."""
    yaw, pitch, roll = np.radians([look.yaw, look.pitch, look.roll])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def _relief(landmarks: Points, size: tuple[int, int]) -> tuple[Field, Field]:
    """For every pixel: how far it stands out before the pivot, and how much it follows the head."""
    canonical = canonical_face()
    scale = eye_distance(landmarks) / eye_distance(canonical.points)
    heights = (canonical.points[:, 2] - _PIVOT_DEPTH) * scale * _DEPTH_GAIN
    depth = np.zeros(size, dtype=np.float32)
    face = np.zeros(size, dtype=np.uint8)
    for triangle in canonical.triangles:
        _fill(depth, face, landmarks[triangle, :2], heights[triangle])
    away, nearest = cv2.distanceTransformWithLabels(1 - face, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    edge = np.zeros(int(nearest.max()) + 1, dtype=np.float32)
    edge[nearest[face == 1]] = depth[face == 1]
    width = float(np.ptp(landmarks[:, 0]))
    # The skull falls away behind the face's edge; smoothing hides where neighbours have different nearest edges.
    falling = edge[nearest] - _SKULL_SLOPE * away
    blend = np.clip(away / (width / 8), 0, 1)
    relief = falling * (1 - blend) + cv2.GaussianBlur(falling, (0, 0), width / 12) * blend
    relief = cv2.GaussianBlur(relief.astype(np.float32), (0, 0), width / 90)
    return np.asarray(relief, dtype=np.float32), _following(away, width)


def _following(away: cv2.typing.MatLike, width: float) -> Field:
    """1 in the face, fading to 0 with the distance from it, and 0 at the picture's edges, which stay where they are."""
    height, breadth = away.shape
    rows, columns = np.mgrid[0:height, 0:breadth]
    to_edge = np.minimum.reduce([rows, height - 1 - rows, columns, breadth - 1 - columns])
    weight = np.clip(1 - away / (_FADE * width), 0, 1) * np.clip(to_edge / (_FADE * width / 4), 0, 1)
    return np.asarray(weight * weight * (3 - 2 * weight), dtype=np.float32)


def _fill(depth: Field, face: Pixels, corners: Points, heights: Points) -> None:
    """Draws one triangle of the relief, its heights interpolated."""
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, depth.shape[::-1])
    if (high <= low).any():
        return
    rows, columns = np.mgrid[low[1] : high[1], low[0] : high[0]]
    system = np.vstack([corners.T, np.ones(3)]).astype(np.float64)
    if abs(np.linalg.det(system)) < 1e-9:
        return
    shares = np.linalg.inv(system) @ np.stack([columns.ravel(), rows.ravel(), np.ones(columns.size)])
    inside = (shares >= -1e-6).all(axis=0).reshape(columns.shape)
    window = np.s_[low[1] : high[1], low[0] : high[0]]
    depth[window][inside] = (heights @ shares).reshape(columns.shape)[inside]
    face[window][inside] = 1


def _mouth(landmarks: Points, x: Field, y: Field, amount: float) -> tuple[Field, Field]:
    """Where each pixel goes when the mouth smiles (amount 1) or is drawn together (amount -1)."""
    if amount == 0:
        return x, y
    right, left = landmarks[list(MOUTH_CORNERS), :2]
    width = float(np.linalg.norm(left - right))
    new_x, new_y = x.copy(), y.copy()
    for corner, side in ((right, -1), (left, 1)):
        near = np.exp(-((x - corner[0]) ** 2 + (y - corner[1]) ** 2) / (2 * (0.24 * width) ** 2))
        new_x += 0.13 * width * side * amount * near
        new_y -= 0.11 * width * amount * near
    if amount < 0:
        new_y -= amount * _closing(landmarks, x, y, width)
    return new_x, new_y


def _closing(landmarks: Points, x: Field, y: Field, width: float) -> Field:
    """The way down, negative for up, that brings the lips together and lengthens the upper one."""
    _, inner_upper, inner_lower, lower = landmarks[list(LIPS), :2]
    middle = (inner_upper + inner_lower) / 2
    gap = float(inner_lower[1] - inner_upper[1])
    across = np.exp(-((x - middle[0]) ** 2) / (2 * (0.33 * width) ** 2))
    # Between the inner edges everything is pressed into a line; beyond them the movement fades towards nose and chin.
    above = float(middle[1] - landmarks[NOSE_BASE, 1])
    below = float(lower[1] - middle[1]) * 2.2
    from_line = y - middle[1]
    pressed = np.clip(from_line / max(gap / 2, 1.0), -1, 1) * (gap / 2) * 0.85
    fade = np.where(from_line < 0, np.clip(1 + from_line / above, 0, 1), np.clip(1 - from_line / below, 0, 1))
    return np.asarray(-pressed * across * np.sqrt(fade), dtype=np.float32)


def _lay(picture: Pixels, x: Field, y: Field, height: Field) -> Pixels:
    """Lays the pixels down at their new places, the farthest first, and closes the gaps from their neighbours."""
    size = picture.shape[:2]
    # Sixteen bits are fine enough to order by, and are sorted ten times faster.
    levels = (height - height.min()) * (65535 / max(float(np.ptp(height)), 1e-6))
    order = np.argsort(levels.astype(np.uint16), axis=None, kind="stable")
    column, row = np.rint(x).astype(np.int32).ravel()[order], np.rint(y).astype(np.int32).ravel()[order]
    seen = (column >= 0) & (column < size[1]) & (row >= 0) & (row < size[0])
    place = row[seen] * size[1] + column[seen]
    laid = np.zeros((size[0] * size[1], 3), dtype=np.uint8)
    laid[place] = picture.reshape(-1, 3)[order][seen]
    heights = np.full(size[0] * size[1], _NOTHING, dtype=np.float32)
    heights[place] = height.ravel()[order][seen]
    return _close(laid.reshape(picture.shape), heights.reshape(size), float(np.ptp(height)) / 40)


def _close(laid: Pixels, heights: Field, step: float) -> Pixels:
    """Fills gaps from the pixels around them, in growing rings.

    A gap is a place where nothing was laid, or where what lies farther back shows through a stretched surface.
    """
    surface = cv2.morphologyEx(heights, cv2.MORPH_CLOSE, np.ones((5, 5), dtype=np.uint8))
    there = (surface - heights < step).astype(np.float32)
    there[heights == _NOTHING] = 0
    out = laid.astype(np.float32)
    for reach in (3, 5, 9, 17, 41):
        if (there > 0).all():
            break
        share = cv2.blur(there, (reach, reach))
        mean = cv2.blur(out * there[..., None], (reach, reach)) / np.maximum(share, 1e-6)[..., None]
        fill = (there == 0) & (share > 1e-3)
        out[fill] = mean[fill]
        there[fill] = 1
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)
