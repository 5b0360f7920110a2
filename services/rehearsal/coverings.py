"""What makes a face unfit to be judged, drawn on a frame by its landmarks: coverings, light, blur, the edge of the picture.

They are drawings: a mask is an even patch with a little noise, fingers are ellipses of the cheek's colour, a window is a white
background. Real ones have folds and reflections; the limits that are derived from these are therefore set far from both sides.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from services.vision.image import Pixels
from services.vision.mesh import LEFT_EYE, LIPS, RIGHT_EYE, Points

Colour = tuple[int, int, int]
Outline = NDArray[np.float64]
Spoil = Callable[[Pixels, Points], Pixels]
"""A frame and its landmarks → the frame, made unfit."""

# Landmarks: along the jaw from ear to ear, then over the cheeks and the bridge of the nose.
_MASK: Final = (
    *(234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454),
    *(357, 6, 128),
)
_CHEEK, _OTHER_CHEEK, _FOREHEAD = 205, 50, 151


def mask(picture: Pixels, landmarks: Points, *, colour: Colour) -> Pixels:
    """A mask over nose, mouth and chin."""
    return _patch(picture, landmarks[list(_MASK), :2], colour)


def sunglasses(picture: Pixels, landmarks: Points, *, colour: Colour) -> Pixels:
    """Two dark glasses."""
    for eye in (RIGHT_EYE, LEFT_EYE):
        outer, inner = landmarks[list(eye[:2]), :2]
        width = float(np.linalg.norm(outer - inner))
        middle = (outer + inner) / 2 + np.array([0, 0.1 * width])
        picture = _patch(picture, _ellipse(0.95 * width, 0.75 * width) + middle, colour)
    return picture


def hand(picture: Pixels, landmarks: Points, *, over: Sequence[int], size: tuple[float, float], angle: float) -> Pixels:
    """Four fingers over the middle of these landmarks; the size is in outer eye distances."""
    eyes = _eyes(landmarks)
    skin = picture[tuple(np.rint(landmarks[_CHEEK, [1, 0]]).astype(int))] * 0.9
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    finger = _ellipse(size[0] * eyes / 2, size[1] * eyes * 0.14)
    for number in range(4):
        at = finger + np.array([0, (number - 1.5) * size[1] * eyes / 4])
        shade = skin * (0.8 + 0.1 * (number % 2))
        picture = _patch(picture, at @ rotation.T + landmarks[list(over), :2].mean(axis=0), shade)
    return picture


def back_light(picture: Pixels, landmarks: Points, *, face: float) -> Pixels:
    """A window behind: the face at this share of its brightness, the background white."""
    hull = cv2.convexHull(np.rint(landmarks[:, :2]).astype(np.int32))[:, 0]
    middle = hull.mean(axis=0)
    head = np.zeros(picture.shape[:2], dtype=np.float32)
    cv2.fillPoly(head, [np.rint((hull - middle) * 1.35 + middle).astype(np.int32)], 1.0)
    head[int(hull[:, 1].max()) :, max(0, int(hull[:, 0].min()) - 60) : int(hull[:, 0].max()) + 60] = 1
    near = np.asarray(cv2.GaussianBlur(head, (0, 0), 12))[..., None]
    return _pixels(picture * face * near + (1 - near) * (picture * 0.5 + 150))


def reflection(picture: Pixels, landmarks: Points, *, at: int, size: float) -> Pixels:
    """A lamp's reflection around a landmark; the size is in outer eye distances."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]]
    away = (columns - landmarks[at, 0]) ** 2 + (rows - landmarks[at, 1]) ** 2
    return _pixels(picture + 330 * np.exp(-away / (2 * (size * _eyes(landmarks)) ** 2))[..., None])


def light(picture: Pixels, landmarks: Points, *, gain: float, lift: float = 0.0) -> Pixels:
    """Less light, or too much of it."""
    del landmarks
    return _pixels(picture * gain + lift)


def blur(picture: Pixels, landmarks: Points, *, spread: float) -> Pixels:
    """Out of focus by so many pixels at 100 between the outer corners of the eyes; the sensor's noise is sharp."""
    soft = cv2.GaussianBlur(picture, (0, 0), spread * _eyes(landmarks) / 100)
    return _pixels(soft + np.random.default_rng(1).normal(0, 2, picture.shape))


def cut_off(picture: Pixels, landmarks: Points) -> Pixels:
    """The picture moved until a third of the face is beyond its left edge."""
    low, high = landmarks[:, 0].min(), landmarks[:, 0].max()
    move = np.array([[1, 0, -(low + (high - low) / 3)], [0, 1, 0]])
    return _pixels(cv2.warpAffine(picture, move, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE))


SPOILS: Final[dict[str, Spoil]] = {
    "white mask": partial(mask, colour=(225, 228, 232)),
    "blue mask": partial(mask, colour=(120, 170, 205)),
    "black mask": partial(mask, colour=(35, 35, 38)),
    "black sunglasses": partial(sunglasses, colour=(28, 26, 30)),
    "brown sunglasses": partial(sunglasses, colour=(80, 60, 45)),
    "hand over mouth": partial(hand, over=LIPS[1:3], size=(1.3, 0.8), angle=10),
    "hand over eye": partial(hand, over=RIGHT_EYE[:2], size=(0.9, 0.7), angle=60),
    "bright window behind": partial(back_light, face=0.35),
    "window behind": partial(back_light, face=0.6),
    "reflection on cheek": partial(reflection, at=_OTHER_CHEEK, size=0.35),
    "reflection on forehead": partial(reflection, at=_FOREHEAD, size=0.4),
    "a quarter of the light": partial(light, gain=0.25),
    "too much light": partial(light, gain=1.2, lift=130.0),
    "blurred by 3": partial(blur, spread=3.0),
    "blurred by 5": partial(blur, spread=5.0),
    "blurred by 8": partial(blur, spread=8.0),
    "cut off": cut_off,
}


def _eyes(landmarks: Points) -> float:
    return float(np.linalg.norm(landmarks[RIGHT_EYE[0], :2] - landmarks[LEFT_EYE[0], :2]))


def _ellipse(across: float, along: float) -> Outline:
    turn = np.linspace(0, 2 * np.pi, 40)
    return np.column_stack([np.cos(turn) * across, np.sin(turn) * along])


def _patch(picture: Pixels, outline: NDArray[np.floating], colour: Colour | NDArray[np.floating]) -> Pixels:
    """An even patch with soft edges, a little noise, and a little darker at the top of the picture."""
    within = np.zeros(picture.shape[:2], dtype=np.float32)
    cv2.fillPoly(within, [np.rint(outline).astype(np.int32)], 1.0)
    share = np.asarray(cv2.GaussianBlur(within, (0, 0), 1.5))[..., None]
    noise = np.random.default_rng(0).normal(0, 3, (*picture.shape[:2], 1))
    shade = np.linspace(0.85, 1.1, picture.shape[0])[:, None, None]
    return _pixels(picture * (1 - share) + (np.asarray(colour, dtype=np.float64) + noise) * shade * share)


def _pixels(values: NDArray[np.floating] | cv2.typing.MatLike) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
