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
from services.rehearsal.attack_sheet import imitating, seen
from services.vision.image import Pixels

SHOWN: Final = 8  # frames a step
_MOST_BEFORE: Final = 3  # of them with the front's still before the action's
_TILTED_BACK: Final = 3


def slideshow(scene: Scene) -> list[LiveFrame]:
    """The front's still, then the action's: for one to three frames, or not at all."""
    return _shown(scene, least_before=0, between=lambda *_: [])


def tilted_slides(scene: Scene) -> list[LiveFrame]:
    """The same, one of the stills turned or tilted for a frame as the action asks, so that the change looks like a way.

    Either the front's still before the change, or the action's still in the last frame.
    """
    kind, steepness = scene.one_of(2), scene.between(20, 45)
    hand, take = Hand(scene.chance), scene.one_of(scene.victim.takes)
    steps: Acted = []
    for action in scene.asked:
        film = scene.victim.film(action, take)
        steps.append([hand.hold(picture) for picture in _with_tilt(action, film, kind, steepness)])
    return delivered(steps, scene.chance)


def _with_tilt(action: Action, film: list[Pixels], kind: int, steepness_deg: float) -> list[Pixels]:
    front, there = film[0], film[-1]
    if action is Action.FRONT:
        return [front] * SHOWN
    meant = imitating(action, steepness_deg=steepness_deg, arc=0, nearness=1.15)
    if kind == 0:
        return [front, front, seen(front, meant), *[there] * (SHOWN - 3)]
    return [front, front, *[there] * (SHOWN - 3), seen(there, meant)]


def flipbook(scene: Scene) -> list[LiveFrame]:
    """The same with pictures on the way: a third still, the one fading into the other, or the action's, tilted back."""
    fades = scene.one_of(4)

    def between(action: Action, film: list[Pixels]) -> list[Pixels]:
        if fades == 0:
            return [_halfway(film)]
        if fades == _TILTED_BACK:
            return [seen(film[-1], imitating(action, steepness_deg=-25, arc=0, nearness=0.9))]
        return [_mixed(film[0], film[-1], (number + 1) / (fades + 1)) for number in range(fades)]

    return _shown(scene, least_before=1, between=between)


def _shown(
    scene: Scene, *, least_before: int, between: Callable[[Action, list[Pixels]], list[Pixels]]
) -> list[LiveFrame]:
    hand, take = Hand(scene.chance), scene.one_of(scene.victim.takes)
    steps: Acted = []
    for action in scene.asked:
        film = scene.victim.film(action, take)
        before = least_before + scene.one_of(_MOST_BEFORE + 1 - least_before)
        slides = [film[0]] * before + between(action, film)
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
