"""Attacks with recordings: shown on a screen, sent again, cut, stretched, with another face or another card.

Where nothing else is said, the frames are injected, as through a virtual camera: no screen's texture gives them away.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final, TypeVar

import cv2
import numpy as np

from services.domain.liveness import Action, LiveFrame
from services.rehearsal.attack_camera import Hand, develop, sent
from services.rehearsal.attack_people import FILM
from services.rehearsal.attack_scene import Acted, Scene, acted, beside, course, delivered, filmed
from services.rehearsal.attack_surface import Screen
from services.vision.image import Pixels

_UNMOVED: Final = 2  # the last frame of a recording before its action begins

_Frame = TypeVar("_Frame", bytes, Pixels)


def screen_of_wrong_order(scene: Scene) -> list[LiveFrame]:
    """The right person's recording of any order but the asked one, on a simulated screen."""
    screen = Screen.any(scene.chance, scene.victim.still.shape[:2])
    recording = acted(scene.victim, scene.shown, scene.chance)
    shown = [[screen.show(picture, scene.chance) for picture in step] for step in recording]
    return delivered(shown, scene.chance)


def replayed(scene: Scene) -> list[LiveFrame]:
    """A whole earlier session, byte for byte, under a new challenge that drew another order."""
    earlier = [jpeg for step in filmed(acted(scene.victim, scene.shown, scene.chance), scene.chance) for jpeg in step]
    return sent(_cut(earlier, _lengths(scene.asked)), scene.chance)


def edited(scene: Scene) -> list[LiveFrame]:
    """Recordings of single actions from several days, cut together into the asked order and injected."""
    steps: Acted = []
    for action in scene.asked:
        hand, place = Hand(scene.chance), scene.chance.normal(0, 8, 2)
        scale, light = scene.between(0.94, 1.06), scene.between(0.85, 1.1)
        film = acted(scene.victim, [action], scene.chance)[0]
        held = [hand.hold(p, right=float(place[0]), down=float(place[1]), scale=scale) for p in film]
        steps.append([np.clip(picture * light, 0, 255).astype(np.uint8) for picture in held])
    return delivered(steps, scene.chance)


def swapped(scene: Scene) -> list[LiveFrame]:
    """Both people do what is asked; somewhere the one becomes the other, for good or for a few frames."""
    first, second = (scene.victim, scene.other) if scene.one_of(2) else (scene.other, scene.victim)
    lengths = _lengths(scene.asked)
    ours, theirs = (_flat(acted(subject, scene.asked, scene.chance)) for subject in (first, second))
    start, end = _swap(scene, lengths)
    mixed = [theirs[i] if start <= i < end else ours[i] for i in range(len(ours))]
    return delivered(_cut(mixed, lengths), scene.chance)


def _swap(scene: Scene, lengths: Sequence[int]) -> tuple[int, int]:
    """From which frame to which: from a step's boundary on, from within a step on, or one step's last frames only."""
    bounds = list(accumulate(lengths))
    step = scene.one_of(len(bounds) - 1)
    match scene.one_of(3):
        case 0:
            return bounds[step], bounds[-1]
        case 1:
            return bounds[step] + 1 + scene.one_of(lengths[step + 1] - 1), bounds[-1]
        case _:
            end = bounds[step + 1]
            return end - 3 - scene.one_of(2), end


def two_people(scene: Scene) -> list[LiveFrame]:
    """The attacker does what is asked, the victim's still beside them, smaller or larger; in part they take turns in size."""
    ratio, change = scene.between(0.25, 1.6), scene.one_of(2)
    recording = acted(scene.other, scene.asked, scene.chance)
    hand = Hand(scene.chance)
    steps = [
        [beside(picture, hand.hold(scene.victim.still), 1 / ratio if change and number else ratio) for picture in step]
        for number, step in enumerate(recording)
    ]
    return delivered(steps, scene.chance)


def dropped(scene: Scene) -> list[LiveFrame]:
    """A recording of a wrong order without the frames that show it: the times stay what they were."""
    whole = filmed(acted(scene.victim, scene.shown, scene.chance, whole=True), scene.chance)
    frames = sent(whole, scene.chance)
    right = [asked is shown for asked, shown in zip(scene.asked, scene.shown, strict=True)]
    return [frame for n, frame in enumerate(frames) if right[frame.step] or n % FILM <= _UNMOVED]


def repeated(scene: Scene) -> list[LiveFrame]:
    """The right order, but a glimpse: one frame of each action, sent again, byte for byte or encoded anew."""
    identical = scene.one_of(2) == 0
    steps = []
    for action, step in zip(scene.asked, acted(scene.victim, scene.asked, scene.chance), strict=True):
        if action is Action.FRONT:
            steps.append([develop(picture, scene.chance) for picture in step])
            continue
        glimpse, once = step[-1], develop(step[-1], scene.chance)
        again = [once if identical else develop(glimpse, scene.chance) for _ in range(3)]
        steps.append([develop(step[0], scene.chance), develop(step[1], scene.chance), *again])
    return sent(steps, scene.chance)


def album(scene: Scene) -> list[LiveFrame]:
    """Stills of the right person, one for each action, each moved in its plane by a hand and injected."""
    hand, take = Hand(scene.chance), scene.one_of(scene.victim.takes)
    steps: Acted = []
    for action in scene.asked:
        still = scene.victim.film(action, take)[0 if action is Action.FRONT else -1]
        steps.append([hand.hold(still) for _ in course(action)])
    return delivered(steps, scene.chance)


def reordered(scene: Scene) -> list[LiveFrame]:
    """The right order's frames: shuffled with their own times, shuffled under new ones, or played backwards."""
    lengths = _lengths(scene.asked)
    frames = delivered(acted(scene.victim, scene.asked, scene.chance), scene.chance)
    kind = scene.one_of(3)
    order = np.arange(len(frames))[::-1] if kind == 0 else scene.chance.permutation(len(frames))
    if kind == 1:
        return [frames[index] for index in order.tolist()]
    return sent(_cut([frames[index].jpeg for index in order.tolist()], lengths), scene.chance)


def slowed(scene: Scene) -> list[LiveFrame]:
    """The right order at half to a quarter of its speed, the frames between drawn from their neighbours."""
    slowness = scene.between(2.0, 4.0)
    played = _flat(acted(scene.victim, scene.asked, scene.chance, whole=True))
    lengths = _lengths(scene.asked)
    speed = len(played) / sum(lengths) / slowness
    stretched = [_between(played, number * speed) for number in range(sum(lengths))]
    return delivered(_cut(stretched, lengths), scene.chance)


def other_card(scene: Scene) -> list[LiveFrame]:
    """Somebody else does everything right, with the victim's card."""
    return delivered(acted(scene.other, scene.asked, scene.chance), scene.chance)


def injected(scene: Scene) -> list[LiveFrame]:
    """One still of the right person, moved in three dimensions in the right order."""
    return delivered(acted(scene.victim, scene.asked, scene.chance), scene.chance)


def _between(pictures: Sequence[Pixels], at: float) -> Pixels:
    low = int(at)
    high = min(low + 1, len(pictures) - 1)
    return np.asarray(cv2.addWeighted(pictures[low], 1 - (at - low), pictures[high], at - low, 0), dtype=np.uint8)


def _lengths(asked: Sequence[Action]) -> list[int]:
    return [len(course(action)) for action in asked]


def _flat(steps: Acted) -> list[Pixels]:
    return [picture for step in steps for picture in step]


def _cut(frames: Sequence[_Frame], lengths: Sequence[int]) -> list[list[_Frame]]:
    bounds = [0, *accumulate(lengths)]
    return [list(frames[start:end]) for start, end in pairwise(bounds)]
