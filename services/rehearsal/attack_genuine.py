"""Bona fide presentations: what the checks must let through, drawn and filmed.

Drawn ones are the same renderings as the injected species, only under more kinds of light and in more hands: a rule that would
stop the renderings would stop these too, so the two rates are one measurement seen from both sides. Real recordings of people who
follow a challenge are not at hand; the one real clip that serves shows a man who looks ahead for five seconds.
"""

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from PIL import Image, ImageSequence

from services.domain.liveness import Action, LiveFrame
from services.rehearsal.attack_camera import Hand, develop, sent
from services.rehearsal.attack_scene import WHOLE, Acted, Scene, delivered
from services.vision.image import Pixels

CLIP: Final = (
    "head_turns/head-pose-face-detection-male.gif"  # the other clip turns too fast to have five frontal frames
)
CLIP_FRAMES: Final = 9
_CLIP_STEP: Final = 3  # of the clip's frames of 80 ms: four a second
_CLIP_MS: Final = 240
_ENLARGED: Final = 2  # the clip has 43 pixels between the outer eye corners


def at_home(scene: Scene) -> list[LiveFrame]:
    """The right person does what is asked, at any place in the frame, in light that is not the studio's."""
    place, scale = scene.chance.normal(0, 10, 2).tolist(), scene.between(0.88, 1.12)
    light, blur = scene.between(0.75, 1.15), scene.between(0.0, 0.9)
    warmth = np.array([1 + scene.between(-0.06, 0.06), 1.0, 1 - scene.between(-0.06, 0.06)])
    hand, take = Hand(scene.chance), scene.one_of(scene.victim.takes)
    steps: Acted = []
    for action in scene.asked:
        film = scene.victim.film(action, take)
        held = [hand.hold(film[index], right=place[0], down=place[1], scale=scale) for index in WHOLE]
        steps.append([_lit(picture, warmth * light, blur) for picture in held])
    return delivered(steps, scene.chance)


def _lit(picture: Pixels, light: np.ndarray, blur: float) -> Pixels:
    soft = cv2.GaussianBlur(picture, (0, 0), blur) if blur > 0.2 else picture
    return np.asarray(np.clip(soft * light, 0, 255), dtype=np.uint8)


def clip_pictures(path: Path) -> list[Pixels]:
    """The real clip's pictures, enlarged: the person fills less of them than the page asks for."""
    with Image.open(path) as film:
        pictures = [np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(film)]
    how = cv2.INTER_CUBIC
    return [
        np.asarray(cv2.resize(picture, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=how), dtype=np.uint8)
        for picture in pictures
    ]


def clip_starts(pictures: list[Pixels]) -> range:
    """Where a stretch of the clip can begin; stretches overlap, so their number says more than there is."""
    return range(len(pictures) - (CLIP_FRAMES - 1) * _CLIP_STEP)


def looking_ahead(pictures: list[Pixels], start: int, chance: Generator) -> list[LiveFrame]:
    """A stretch of the real clip as the front step's frames."""
    chosen = pictures[start : start + CLIP_FRAMES * _CLIP_STEP : _CLIP_STEP]
    return sent([[develop(picture, chance) for picture in chosen]], chance, frame_ms=_CLIP_MS)


ASKED_OF_CLIP: Final = (Action.FRONT,)
