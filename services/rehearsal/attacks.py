"""Presentation attacks made by drawing, for tests and benches: a flat picture held to the camera, turned and bent.

A drawn attack has no paper grain, no screen pixels and no reflections. It tests geometry (turn and parallax), nothing else.
"""

import cv2
import numpy as np

from services.vision.image import Pixels

_FOCAL_PER_HEIGHT = 1.0  # the pinhole camera that the pose is solved with


def held_picture(picture: Pixels, *, turn_deg: float, bend_deg: float = 0.0, roll_deg: float = 0.0) -> Pixels:
    """The picture as a sheet in front of the camera, turned about its upright axis and bent around it.

    `bend_deg` is the arc that the sheet makes, positive with the middle towards the camera. The background is grey.
    """
    height, width = picture.shape[:2]
    focal = _FOCAL_PER_HEIGHT * max(height, width)
    across = np.linspace(-width / 2, width / 2, width)
    x, z = _sheet(across, np.radians(bend_deg))
    turn = np.radians(turn_deg)
    x, z = x * np.cos(turn) - z * np.sin(turn), x * np.sin(turn) + z * np.cos(turn) + focal
    seen = focal * x / z
    # Each column of the sheet stays a column in the view, so that the view is inverted column by column.
    view = np.arange(width) - width / 2
    order = np.argsort(seen)
    source_x = np.interp(view, seen[order], across[order], left=-width, right=-width) + width / 2
    depth = np.interp(view, seen[order], z[order])
    source_y = (np.arange(height)[:, None] - height / 2) * depth[None, :] / focal + height / 2
    maps = np.broadcast_to(source_x, source_y.shape).astype(np.float32), source_y.astype(np.float32)
    grey = (128, 128, 128)
    sheet = cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=grey)
    roll = cv2.getRotationMatrix2D((width / 2, height / 2), roll_deg, 1.0)
    return np.asarray(cv2.warpAffine(sheet, roll, (width, height), borderValue=grey), dtype=np.uint8)


def _sheet(across: np.ndarray, arc: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the points of the sheet are: x across, z away from the camera."""
    if abs(arc) < 1e-6:
        return across, np.zeros_like(across)
    radius = (across[-1] - across[0]) / arc
    return radius * np.sin(across / radius), radius * (1 - np.cos(across / radius))
