"""What a face looks like on paper and on a screen, and what can be seen through holes in the paper. All of it is simulated.

Real paper and real screens differ from each other more than from these drawings: a rule that holds here has been tried against
geometry and against texture of this kind, not against a printer.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from services.rehearsal.attack_people import EYES, Subject
from services.vision.image import Pixels
from services.vision.mesh import LEFT_EYE, LIPS, MOUTH_CORNERS, RIGHT_EYE, Points

_HOLE: Final = (0.36, 0.17)  # of the distance between the eyes: half width and half height of an eye's hole
_MOUTH_HOLE: Final = (0.62, 0.34)  # of the mouth's width, likewise
_BLUISH: Final = np.array([0.97, 1.0, 1.04], dtype=np.float32)  # a display's white against daylight
_EYE_BEHIND: Final = 0.10  # of the distance between the eyes: how far behind the paper the living eye is


def printed(picture: Pixels, chance: Generator) -> Pixels:
    """On matt paper: less contrast, a raster of dots, uneven ink."""
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    pitch, angle = chance.uniform(1.9, 3.2), chance.uniform(0, np.pi / 4)
    along, across = np.cos(angle) * columns + np.sin(angle) * rows, np.cos(angle) * rows - np.sin(angle) * columns
    dots = np.cos(along * 2 * np.pi / pitch) * np.cos(across * 2 * np.pi / pitch)
    ink = cv2.resize(chance.normal(0, 5, (height // 40, width // 40)).astype(np.float32), (width, height))
    paper = 28 + picture * np.float32(0.78) + (6 * dots + ink)[..., None]
    return np.asarray(np.clip(np.rint(paper), 0, 255), dtype=np.uint8)


@dataclass(frozen=True)
class Gaze:
    """One instant of a living eye: closed from 0 to 1, looking so many pixels aside, seen past the paper's edge."""

    closed: float
    right: float
    behind: float


def through_eye_holes(paper: Pixels, victim: Subject, living: Subject, gaze: Gaze) -> Pixels:
    """The living person's eyes in the holes of the print; both faces have their eyes at the same place."""
    eyes = living.still
    out = paper.astype(np.float32)
    shift = gaze.right + gaze.behind * _EYE_BEHIND * EYES
    for corners in (RIGHT_EYE, LEFT_EYE):
        at = victim.landmarks[list(corners), :2].mean(axis=0)
        source = living.landmarks[list(corners), :2].mean(axis=0)
        seen = _moved(eyes, at - source + (shift, 0.0))
        seen = _lidded(seen, at, gaze.closed)
        hole = _ellipse(paper.shape[:2], at, (_HOLE[0] * EYES, _HOLE[1] * EYES))
        out = out * (1 - hole) + seen * hole
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def through_mouth_hole(paper: Pixels, victim: Subject, living: Subject) -> Pixels:
    """The living person's smile in a hole where the print's mouth was."""
    to, source = _mouth(victim.landmarks), _mouth(living.landmarks)
    width = float(np.linalg.norm(np.subtract(*victim.landmarks[list(MOUTH_CORNERS), :2])))
    seen = _moved(living.smile, to - source)
    hole = _ellipse(paper.shape[:2], to, (_MOUTH_HOLE[0] * width, _MOUTH_HOLE[1] * width))
    return np.clip(np.rint(paper * (1 - hole) + seen * hole), 0, 255).astype(np.uint8)


def _mouth(landmarks: Points) -> NDArray[np.float32]:
    return np.asarray(landmarks[[*MOUTH_CORNERS, *LIPS], :2].mean(axis=0), dtype=np.float32)


def _moved(picture: Pixels, by: NDArray[np.float32]) -> Pixels:
    move = np.array([[1, 0, by[0]], [0, 1, by[1]]], dtype=np.float64)
    moved = cv2.warpAffine(picture, move, picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, dtype=np.uint8)


def _lidded(picture: Pixels, at: Points, closed: float) -> Pixels:
    """The upper lid, taken from the skin above, drawn down over the eye."""
    if closed <= 0:
        return picture
    reach = _HOLE[1] * EYES
    top, bottom = round(float(at[1]) - reach), round(float(at[1]) + reach)
    edge = round(top + (bottom - top) * closed)
    out = picture.copy()
    out[top:edge] = picture[top - (edge - top) : top][::-1]
    return out


def _ellipse(size: tuple[int, ...], at: Points, half: tuple[float, float]) -> NDArray[np.float32]:
    """1 in the hole, 0 on the paper, a pixel of shadow between."""
    hole = np.zeros(size, dtype=np.float32)
    cv2.ellipse(hole, (round(float(at[0])), round(float(at[1]))), (round(half[0]), round(half[1])), 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(hole, (0, 0), 0.8)[..., None], dtype=np.float32)


@dataclass(frozen=True)
class Screen:
    """One display as one camera sees it: gratings left over from its pixels, its black, its colours, what it mirrors."""

    grating: tuple[float, float, float, float]  # cycles a pixel of two gratings, across and down
    strength: float
    black: float
    gamut: float
    mirrored: NDArray[np.float32]
    zoom: float

    @classmethod
    def any(cls, chance: Generator, size: tuple[int, int]) -> "Screen":
        """A display, a distance and a lamp."""
        angle = chance.uniform(-0.12, 0.12, 2)
        pitch = chance.uniform(0.08, 0.42, 2)
        across, down = pitch[0] * np.cos(angle[0]), pitch[1] * np.cos(angle[1])
        grating = (float(across), float(pitch[0] * angle[0]), float(pitch[1] * angle[1]), float(down))
        rows, columns = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
        x, y, reach = chance.uniform(0, size[1]), chance.uniform(0, size[0]), chance.uniform(60, 160)
        lamp = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * reach**2))
        mirrored = (chance.uniform(10, 55) * lamp)[..., None].astype(np.float32)
        strength, zoom = float(chance.uniform(4, 14)), float(chance.uniform(0.82, 1.0))
        return cls(grating, strength, float(chance.uniform(6, 22)), float(chance.uniform(0.75, 0.92)), mirrored, zoom)

    def show(self, picture: Pixels, chance: Generator) -> Pixels:
        """The camera's picture of the screen that shows the picture; a dark frame around it where it is farther away."""
        height, width = picture.shape[:2]
        move = cv2.getRotationMatrix2D((width / 2, height / 2), 0, self.zoom)
        lit = cv2.warpAffine(picture, move, (width, height), borderValue=(10, 10, 12)).astype(np.float32)
        grey = lit.mean(axis=2, keepdims=True)
        lit = self.black + (grey + self.gamut * (lit - grey)) * (1 - self.black / 255)
        shown = lit + self._pixels(height, width, chance) * (grey / 160) + self.mirrored
        return np.asarray(np.clip(np.rint(shown * _BLUISH), 0, 255), dtype=np.uint8)

    def _pixels(self, height: int, width: int, chance: Generator) -> NDArray[np.float32]:
        """The gratings, with a phase of their own for each colour and each frame."""
        rows, columns = np.ogrid[0:height, 0:width]
        first, second = chance.uniform(0, 2 * np.pi, 2)
        out = np.empty((height, width, 3), dtype=np.float32)
        a, b, c, d = (2 * np.pi * cycles for cycles in self.grating)
        down = np.cos((c * columns + d * rows + second).astype(np.float32))
        for colour in range(3):
            phase = first + colour * 2 * np.pi / 3
            out[..., colour] = np.cos((a * columns + b * rows + phase).astype(np.float32)) + 0.5 * down
        return out * np.float32(self.strength)
