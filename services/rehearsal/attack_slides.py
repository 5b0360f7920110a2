"""Attacks with several stills of the right person, from different sides, shown one after the other and shaken by a hand.

A thief who has no recording may well have these: the front, the turned face, the raised one. Injected, as in `attack_recordings`.
"""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from services.domain.liveness import Action, LiveFrame
from services.rehearsal.attack_camera import Hand
from services.rehearsal.attack_scene import Acted, Scene, delivered
from services.vision.image import Pixels

SHOWN: Final = 8  # frames a step
_MOST_BEFORE: Final = 3  # of them with the front's still before the action's


def slideshow(scene: Scene) -> list[LiveFrame]:
    """The front's still, then the action's: for one to three frames, or not at all."""
    return _shown(scene, least_before=0, between=lambda _: [])


def flipbook(scene: Scene) -> list[LiveFrame]:
    """The same with pictures on the way between the two: a third still, or the one fading into the other."""
    fades = scene.one_of(3)

    def between(film: list[Pixels]) -> list[Pixels]:
        if fades == 0:
            return [_halfway(film)]
        return [_mixed(film[0], film[-1], (number + 1) / (fades + 1)) for number in range(fades)]

    return _shown(scene, least_before=1, between=between)


def _shown(scene: Scene, *, least_before: int, between: Callable[[list[Pixels]], list[Pixels]]) -> list[LiveFrame]:
    hand, take = Hand(scene.chance), scene.one_of(scene.victim.takes)
    steps: Acted = []
    for action in scene.asked:
        film = scene.victim.film(action, take)
        before = least_before + scene.one_of(_MOST_BEFORE + 1 - least_before)
        slides = [film[0]] * before + between(film)
        slides += [film[-1]] * (SHOWN - len(slides))
        steps.append([hand.hold(picture) for picture in ([film[0]] * SHOWN if action is Action.FRONT else slides)])
    return delivered(steps, scene.chance)


def _halfway(film: list[Pixels]) -> Pixels:
    """The recording's picture that is as far from its beginning as from its end."""
    apart = [abs(_difference(film[0], picture) - _difference(picture, film[-1])) for picture in film]
    return film[int(np.argmin(apart))]


def _difference(a: Pixels, b: Pixels) -> float:
    return float(cv2.absdiff(a, b).mean())


def _mixed(a: Pixels, b: Pixels, part: float) -> Pixels:
    return np.asarray(cv2.addWeighted(a, 1 - part, b, part, 0), dtype=np.uint8)
