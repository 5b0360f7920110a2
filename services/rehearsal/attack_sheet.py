"""A flat or bent sheet with a face on it, held before the camera as an attacker would to imitate each action.

The sheet is turned for a turn of the head, tilted for a look up, brought nearer for "nearer"; for a smile a second sheet is held
up. Geometry is exact: a flat sheet is seen through a homography, a bent one through the cylinder of `attacks.held_picture`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from services.domain.liveness import Action
from services.rehearsal.attack_people import Subject
from services.rehearsal.attacks import held_picture
from services.vision.image import Pixels

WALL: Final = (128, 128, 128)  # what stands behind the sheet, grey, as `held_picture` has it
STEEPEST_DEG: Final = 65.0


@dataclass(frozen=True)
class Sheet:
    """How the sheet is held: turned about its upright axis, tilted about its level one, bent by an arc, grown by coming nearer."""

    turn: float = 0.0
    tilt: float = 0.0
    arc: float = 0.0
    scale: float = 1.0
    right: float = 0.0
    down: float = 0.0

    def partly(self, part: float) -> "Sheet":
        """On the way there; the bend stays, as paper does."""
        scale = 1 + (self.scale - 1) * part
        moved = {name: getattr(self, name) * part for name in ("turn", "tilt", "right", "down")}
        return replace(self, scale=scale, **moved)


def seen(picture: Pixels, sheet: Sheet) -> Pixels:
    """The camera's view of the sheet that carries the picture."""
    held = _bent(picture, sheet) if sheet.arc else _flat(picture, sheet)
    if sheet.scale == 1 and sheet.right == 0 and sheet.down == 0:
        return held
    height, width = held.shape[:2]
    move = cv2.getRotationMatrix2D((width / 2, height * 0.42), 0, sheet.scale)
    move[:, 2] += np.array([sheet.right, sheet.down])
    return np.asarray(cv2.warpAffine(held, move, (width, height), borderValue=WALL), dtype=np.uint8)


def _flat(picture: Pixels, sheet: Sheet) -> Pixels:
    height, width = picture.shape[:2]
    return np.asarray(
        cv2.warpPerspective(picture, plane_view(sheet, (height, width)), (width, height), borderValue=WALL),
        dtype=np.uint8,
    )


def plane_view(sheet: Sheet, size: tuple[int, int]) -> np.ndarray:
    """The homography from the flat sheet's pixels to the camera's, by a pinhole as long as the picture's longer side."""
    height, width = size
    focal = float(max(size))
    turn, tilt = np.radians([sheet.turn, sheet.tilt])
    about_y = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    rotation = about_y @ about_x
    pose = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, focal]])
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    centred = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    return np.asarray(camera @ pose @ centred, dtype=np.float64)


def _bent(picture: Pixels, sheet: Sheet) -> Pixels:
    """Bent about the axis that it is turned about: upright for a turn, level for a tilt."""
    if abs(sheet.tilt) > abs(sheet.turn):
        lying = np.ascontiguousarray(picture.transpose(1, 0, 2))
        held = held_picture(lying, turn_deg=sheet.tilt, bend_deg=sheet.arc)
        return np.ascontiguousarray(held.transpose(1, 0, 2))
    return held_picture(picture, turn_deg=-sheet.turn, bend_deg=sheet.arc)


# The way that makes the face mesh report the asked angle, as far as it does: what an attacker would find out by trying. Turned by
# 50 degrees, a flat sheet reports 8 to 9 degrees, one bent by 120 degrees 24.
_IMITATED: Final[Mapping[Action, Sheet]] = {
    Action.FRONT: Sheet(),
    Action.LEFT: Sheet(turn=-1.0),
    Action.RIGHT: Sheet(turn=1.0),
    Action.SMILE: Sheet(),
    Action.UP: Sheet(tilt=-1.0),
    Action.NEARER: Sheet(scale=1.0),
}


def imitating(action: Action, *, steepness_deg: float, arc: float, nearness: float) -> Sheet:
    """How the sheet is held at the end of the action."""
    aim = _IMITATED[action]
    scale = nearness if action is Action.NEARER else 1.0
    return replace(aim, turn=aim.turn * steepness_deg, tilt=aim.tilt * steepness_deg, arc=arc, scale=scale)


def printed_of(subject: Subject, action: Action) -> Pixels:
    """The print that is held up in this step: the smiling one where a smile is asked for."""
    return subject.smile if action is Action.SMILE else subject.still
