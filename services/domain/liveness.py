"""The challenge that a living person answers: a random order of actions, each with its own nonce and deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

ACTION_TIME: Final = timedelta(seconds=8)  # about 4 s for the movement, the rest for a slow phone's upload
ACTIONS_DRAWN: Final = 4


class Action(StrEnum):
    """What the resident is asked to do (checklist 003-44). Left and right are the resident's own."""

    FRONT = "front"
    LEFT = "left"
    RIGHT = "right"
    SMILE = "smile"

    @property
    def prompt(self) -> str:
        """The instruction at the top of the screen."""
        return _PROMPTS[self]


_PROMPTS: Final = {
    Action.FRONT: "正面を向いてください",
    Action.LEFT: "ゆっくり左を向いてください",
    Action.RIGHT: "ゆっくり右を向いてください",
    Action.SMILE: "歯を見せて笑ってください",
}


@dataclass(frozen=True)
class Step:
    """One action with the nonce that its frames must carry."""

    action: Action
    nonce: str


@dataclass(frozen=True)
class LivenessChallenge:
    """What was asked, in order. The first step is always the front: the person's own baseline."""

    steps: tuple[Step, ...]


@dataclass(frozen=True)
class LiveFrame:
    """One camera frame: JPEG bytes as received, with the step that it answers and when it was captured.

    `captured_ms` counts from the browser's first frame; it orders frames and is not trusted as a clock.
    """

    jpeg: bytes
    step: int
    captured_ms: int

    def __repr__(self) -> str:
        return f"<LiveFrame step={self.step} {len(self.jpeg)} bytes>"


def draw_actions(random: Random) -> Sequence[Action]:
    """A front view first, then left, right and smile in random order.

    A recording that was made for one order passes another only by luck: 1 in 6 for the three moves. The order stays until it
    was judged: who could have it drawn anew for nothing would draw until the recording fits.
    """
    moves = [Action.LEFT, Action.RIGHT, Action.SMILE]
    random.shuffle(moves)
    return [Action.FRONT, *moves]


def challenge_of(actions: Sequence[Action], nonces: Sequence[str]) -> LivenessChallenge:
    """The actions, each with a nonce of its own."""
    return LivenessChallenge(tuple(Step(action, nonce) for action, nonce in zip(actions, nonces, strict=True)))


def step_deadline(asked_at: datetime) -> datetime:
    """When the frames of a step must have arrived."""
    return asked_at + ACTION_TIME


@dataclass(frozen=True)
class LivenessSession:
    """One run through the challenge. `step` is the action that is asked now; `asked_at` starts its deadline."""

    id: str
    intake_id: str
    challenge: LivenessChallenge
    step: int
    asked_at: datetime

    @property
    def finished(self) -> bool:
        """Whether frames for every step have come."""
        return self.step >= len(self.challenge.steps)
