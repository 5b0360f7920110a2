"""One attempt before it is drawn: who attacks whom, what the server asks, and the generator that decides the rest.

`acted` is the raw material of most attacks and of genuine sequences: a recording of somebody doing actions in some order, drawn
from one portrait. `COURSE` and `FRONT_COURSE` are the frames of a recording that are sent; fewer would not be judged, or would leap
on the way, and an attacker gains nothing by sending more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator

from services.domain.liveness import Action, LiveFrame, LivenessChallenge, challenge_of
from services.rehearsal.attack_camera import Hand, develop, sent
from services.rehearsal.attack_people import FILM, Subject
from services.vision.image import Pixels

COURSE: Final = (2, 3, 4, 5, 7, 9, 10)  # of a recording's eleven frames: the start, the way, and held
FRONT_COURSE: Final = (0, 2, 4, 6, 8, 10)
WHOLE: Final = tuple(range(FILM))

Acted = list[list[Pixels]]


@dataclass(frozen=True, eq=False)
class Scene:
    """`victim` is whose card it is; `other` is the attacker's own face where the attack has one; `asked` begins with the front."""

    victim: Subject
    other: Subject
    asked: tuple[Action, ...]
    shown: tuple[Action, ...]  # another order than the asked one: what a recording has
    chance: Generator

    @property
    def challenge(self) -> LivenessChallenge:
        """As the server drew it."""
        return challenge_of(self.asked, [f"nonce-{number}" for number in range(len(self.asked))])

    def between(self, low: float, high: float) -> float:
        """Any number in the range."""
        return float(self.chance.uniform(low, high))

    def one_of(self, count: int) -> int:
        """Any whole number from 0 on, below the count."""
        return int(self.chance.integers(0, count))


def course(action: Action) -> tuple[int, ...]:
    """Which frames of the recording are sent for this action."""
    return FRONT_COURSE if action is Action.FRONT else COURSE


def acted(subject: Subject, order: Sequence[Action], chance: Generator, *, whole: bool = False) -> Acted:
    """The subject does the actions in this order on one day, filmed by a hand that is never quite still."""
    hand, take = Hand(chance), int(chance.integers(0, subject.takes))
    steps = []
    for action in order:
        film = subject.film(action, take)
        steps.append([hand.hold(film[index]) for index in (WHOLE if whole else course(action))])
    return steps


def filmed(steps: Acted, chance: Generator) -> list[list[bytes]]:
    """Each picture as the camera delivers it."""
    return [[develop(picture, chance) for picture in step] for step in steps]


def delivered(steps: Acted, chance: Generator) -> list[LiveFrame]:
    """The frames as they arrive at the server."""
    return sent(filmed(steps, chance), chance)


def beside(left: Pixels, right: Pixels, ratio: float) -> Pixels:
    """Both faces in one picture, the right one so many times as large as the left."""
    width = left.shape[1]
    out = np.full_like(left, 118)
    sizes = np.array([1.0, ratio]) * width / (1 + ratio)
    at = 0
    for picture, size in zip((left, right), sizes.astype(int).tolist(), strict=True):
        scale = max(size / (width * 0.6), 0.2)
        _paste(out, picture, scale, at, size)
        at += size
    return out


def _paste(out: Pixels, picture: Pixels, scale: float, at: int, size: int) -> None:
    """The middle of the picture, made so much smaller, into the columns from `at` on."""
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left = max((small.shape[1] - size) // 2, 0)
    cut = small[: out.shape[0], left : left + size]
    top = (out.shape[0] - cut.shape[0]) // 2
    out[top : top + cut.shape[0], at : at + cut.shape[1]] = cut
