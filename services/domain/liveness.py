"""The challenge that a living person answers: a random order of actions, each with its own nonce and deadline."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import permutations
from random import Random
from typing import Final

from services.domain.policy import FREE_REVEALS

ACTION_TIME: Final = timedelta(seconds=8)  # about 4 s for the movement, the rest for a slow phone's upload
MOVES_DRAWN: Final = 3


class Action(StrEnum):
    """What the resident is asked to do (checklist 003-44). Left and right are the resident's own."""

    FRONT = "front"
    LEFT = "left"
    RIGHT = "right"
    SMILE = "smile"
    UP = "up"
    NEARER = "nearer"

    @property
    def prompt(self) -> str:
        """The instruction at the top of the screen."""
        return _PROMPTS[self]


_PROMPTS: Final = {
    Action.FRONT: "正面を向いてください",
    Action.LEFT: "ゆっくり左を向いてください",
    Action.RIGHT: "ゆっくり右を向いてください",
    Action.SMILE: "歯を見せて笑ってください",
    Action.UP: "ゆっくり上を向いてください",
    Action.NEARER: "ゆっくり顔を近づけてください",
}

TURNS: Final = frozenset({Action.LEFT, Action.RIGHT})
MOVES: Final = tuple(action for action in Action if action is not Action.FRONT)
ORDERS: Final = tuple(order for order in permutations(MOVES, MOVES_DRAWN) if TURNS.intersection(order))
"""Every order of moves that can be drawn: 60 of three out of five, less the 6 without a turn."""


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
    """A front view first, then three different moves, a turn to a side always among them.

    A turn is never optional: its parallax is what stops paper, and who cannot smile has a way. All 54 orders are equally likely,
    so a recording made for one of them fits the next with probability 1/54. When an order is drawn anew: `next_round`.
    """
    return [Action.FRONT, *random.choice(ORDERS)]


def without_smile(actions: Sequence[Action], seed: str) -> Sequence[Action]:
    """The same order for somebody who cannot smile: another move stands in the smile's place.

    `seed` and the order fix which one of the two that are left, so that asking again changes nothing. Who holds a recording has
    two orders to hope for then, the drawn one and this one: 5/108 at most, for a recording with both turns, against 1/54.
    """
    if Action.SMILE not in actions:
        return actions
    left = [move for move in MOVES if move not in actions]
    choice = hashlib.sha256("-".join([seed, *actions]).encode()).digest()[0] % len(left)
    return [left[choice] if action is Action.SMILE else action for action in actions]


def challenge_of(actions: Sequence[Action], nonces: Sequence[str]) -> LivenessChallenge:
    """The actions, each with a nonce of its own."""
    return LivenessChallenge(tuple(Step(action, nonce) for action, nonce in zip(actions, nonces, strict=True)))


def step_deadline(asked_at: datetime) -> datetime:
    """When the frames of a step must have arrived."""
    return asked_at + ACTION_TIME


@dataclass(frozen=True)
class LivenessSession:
    """One round through the challenge. `step` is the action that is asked now; `asked_at` starts its deadline.

    `reveals` counts the card's earlier rounds that showed this order to its end and were not judged.
    """

    id: str
    intake_id: str
    challenge: LivenessChallenge
    step: int
    asked_at: datetime
    reveals: int = 0

    @property
    def finished(self) -> bool:
        """Whether frames for every step have come."""
        return self.step >= len(self.challenge.steps)

    @property
    def seen(self) -> int:
        """How often this order has been shown to its end: its last action was asked, whatever was answered."""
        return self.reveals + (self.step >= len(self.challenge.steps) - 1)

    @property
    def free_repeats(self) -> int:
        """How many more rounds of this order may end without being judged and cost nothing."""
        return FREE_REVEALS - self.seen


@dataclass(frozen=True)
class NextRound:
    """What the next start of a card asks. `kept` is the order to ask again; `None` asks for a new draw."""

    kept: Sequence[Action] | None
    reveals: int
    costs_attempt: bool

    @property
    def free_repeats(self) -> int:
        """How many rounds may still end without being judged and cost nothing, this one included."""
        return 0 if self.costs_attempt else FREE_REVEALS - self.reveals


def next_round(last: LivenessSession | None, *, spent: bool) -> NextRound:
    """What follows the card's last round; `spent`: it was passed, or an attempt was counted by it.

    | the last round                           | order | `reveals` | costs      |
    |------------------------------------------|-------|-----------|------------|
    | none, or spent                           | new   | 0         | –          |
    | its last action was never asked          | same  | as before | –          |
    | its last action was asked, not judged    | same  | one more  | –          |
    | the same for the `FREE_REVEALS`th time   | new   | 0         | an attempt |

    Who could have an order drawn anew for nothing would draw until a recording fits; who could look at one for ever would
    prepare for it. A dark picture, a lost check and a round that was left are told apart by nobody: all are free three times.
    """
    if last is None or spent:
        return NextRound(None, 0, costs_attempt=False)
    if last.free_repeats == 0:
        return NextRound(None, 0, costs_attempt=True)
    return NextRound([step.action for step in last.challenge.steps], last.seen, costs_attempt=False)
