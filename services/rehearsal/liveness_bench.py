"""One attempt, judged as the worker judges it, and by a naive control beside it.

Accepted means what it means in the product: liveness says live *and* the matcher says match with the victim's card. The control
only looks whether the head turned as asked; that it accepts what the product refuses shows that the bench can fail.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from services.domain.errors import CaptureUnusable, FaceMismatch, FaceUncertain, LivenessFailed
from services.domain.liveness import Action, LiveFrame, LivenessChallenge
from services.domain.verdicts import FaceAnswer, FaceVerdict
from services.ports import FaceMatcher
from services.usecases.judge_face import decide_face
from services.vision.face import SFaceMatcher
from services.vision.liveness import MeshLiveness
from services.vision.liveness_sight import Blind, Observer, Sight

_TURNED_DEG: Final = 12.0  # what the control calls a turn


class Answer(StrEnum):
    """What became of an attempt. The first three are live to the liveness check, of which the first has also matched."""

    ACCEPTED = "accepted"
    NO_MATCH = "no_match"
    ASK_AGAIN = "ask_again"
    REFUSED = "refused"
    NOT_JUDGED = "not_judged"  # a capture fault: the non-response of ISO/IEC 30107-3; costs no attempt


LIVE: Final = frozenset({Answer.ACCEPTED, Answer.NO_MATCH, Answer.ASK_AGAIN})


@dataclass(frozen=True)
class Outcome:
    """`why` is the fault, empty where there is none. `naive`: the control would have let it through."""

    answer: Answer
    why: str
    naive: bool


class RememberingObserver(Observer):
    """Looks at a frame once, however many judges ask. Byte-identical frames are one frame."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[bytes, Sight | Blind] = {}

    def look(self, frame: LiveFrame) -> Sight | Blind:
        """See `Observer.look`."""
        if frame.jpeg not in self._seen:
            self._seen[frame.jpeg] = super().look(frame)
        return replace(self._seen[frame.jpeg], step=frame.step)

    def forget(self) -> None:
        """Between attempts, so that memory stays small."""
        self._seen.clear()


class TurnOrder:
    """The naive control: whether each turn that was asked shows in its own step. No parallax, no sameness, no passive check."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer

    def fooled(self, challenge: LivenessChallenge, frames: Sequence[LiveFrame]) -> bool:
        """Whether it would let the attempt through."""
        sights = [look for frame in frames if isinstance(look := self._observer.look(frame), Sight)]
        front = [sight.pose.yaw for sight in sights if sight.step == 0]
        if not front:
            return False
        ahead = sorted(front)[len(front) // 2]
        for number, step in enumerate(challenge.steps):
            side = {Action.LEFT: 1, Action.RIGHT: -1}.get(step.action, 0)
            turns = [(sight.pose.yaw - ahead) * side for sight in sights if sight.step == number]
            if side and max(turns, default=0.0) < _TURNED_DEG:
                return False
        return True


class Judges:
    """All that judges, its models loaded once. One thread uses it."""

    def __init__(self) -> None:
        self._observer = RememberingObserver()
        self._liveness = MeshLiveness(self._observer)
        self._matcher = SFaceMatcher()
        self._naive = TurnOrder(self._observer)

    def judge(self, challenge: LivenessChallenge, frames: Sequence[LiveFrame], card: bytes) -> Outcome:
        """The worker's decision on these frames with this card's photo."""
        answer, why = self._decided(challenge, frames, self._matcher, card)
        outcome = Outcome(answer, why, self._naive.fooled(challenge, frames))
        self._observer.forget()
        return outcome

    def look_only(self, challenge: LivenessChallenge, frames: Sequence[LiveFrame]) -> Outcome:
        """Liveness alone, for people of whom there is no card: `accepted` then means live."""
        answer, why = self._decided(challenge, frames, _AnyCard(), b"")
        outcome = Outcome(answer, why, self._naive.fooled(challenge, frames))
        self._observer.forget()
        return outcome

    def _decided(
        self, challenge: LivenessChallenge, frames: Sequence[LiveFrame], matcher: FaceMatcher, card: bytes
    ) -> tuple[Answer, str]:
        verdict = self._liveness.judge(challenge, frames)
        try:
            decide_face(verdict, matcher, card, frames)
        except CaptureUnusable:
            return Answer.NOT_JUDGED, str(verdict.capture_fault)
        except LivenessFailed:
            return Answer.REFUSED, str(verdict.fault) + (f" ({verdict.action})" if verdict.action else "")
        except FaceMismatch:
            return Answer.NO_MATCH, "no_match"
        except FaceUncertain:
            return Answer.ASK_AGAIN, "ask_again"
        return Answer.ACCEPTED, ""


class _AnyCard:
    """`ports.FaceMatcher` that asks for no card."""

    engine = "none"

    def compare(self, card_photo: bytes, frontal: Sequence[bytes]) -> FaceVerdict:  # noqa: ARG002  # the port's names
        """Always a match."""
        return FaceVerdict(FaceAnswer.MATCH, self.engine, 0)
