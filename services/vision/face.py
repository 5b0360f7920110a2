"""The decision whether frames show the person of the chip's photo, whichever network compares them.

A decision stands on the median over at least five different frames that are fit (`face_gate`) and show one person. Neither a
likeness nor an embedding leaves the vision modules: the verdict is one of three answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from statistics import median
from typing import Final, Protocol

from services.domain.verdicts import FaceAnswer, FaceVerdict
from services.vision.face_gate import Face, FaceGate
from services.vision.face_networks import FaceNetworks
from services.vision.face_recogniser import Embedding, FaceRecogniser
from services.vision.models import registry

FEWEST_FRAMES: Final = 5  # fewer fit ones are no ground for a decision
MOST_FRAMES: Final = 9  # the median does not get steadier beyond


@dataclass(frozen=True)
class Limits:
    """The likenesses that decide; higher is more alike, so that a distance stands here with its sign turned."""

    match: float
    ask_again: float
    same_face: float

    @classmethod
    def of(cls, thresholds: Mapping[str, float], *, sign: int = 1) -> "Limits":
        """From a registry entry; `sign` is -1 where it holds distances."""
        return cls(*(sign * thresholds[name] for name in ("match", "ask_again", "same_face")))


class Recogniser(Protocol):
    """A face network. `engine` names it in the audit. One thread uses it."""

    engine: str
    limits: Limits

    def embed(self, face: Face) -> Embedding:
        """The face as numbers."""

    def likeness(self, one: Embedding, other: Embedding) -> float:
        """How alike two faces are; higher is more alike."""


class MedianMatcher:
    """`ports.FaceMatcher` over any recogniser. One thread uses it."""

    def __init__(self, recogniser: Recogniser, networks: FaceNetworks | None = None) -> None:
        self.engine = recogniser.engine
        self.recogniser = recogniser
        self.gate = FaceGate(networks)

    def compare(self, card_photo: bytes, frontal: Sequence[bytes]) -> FaceVerdict:
        """See `ports.FaceMatcher`."""
        card = self.recogniser.embed(self.gate.card(card_photo))
        live = self.embeddings(frontal)
        limits = self.recogniser.limits
        return FaceVerdict(
            decide(self.likenesses(card, live), self._alike(live), limits),
            self.engine,
            round(abs(limits.match) * 1000),
        )

    def embeddings(self, frontal: Sequence[bytes]) -> list[Embedding]:
        """Of the first frames that are fit, each counted once however often it comes."""
        return [self.recogniser.embed(face) for face in islice(self._fit(frontal), MOST_FRAMES)]

    def likenesses(self, card: Embedding, live: Sequence[Embedding]) -> list[float]:
        """Of each frame with the card, for the decision and the bench only."""
        return [self.recogniser.likeness(card, one) for one in live]

    def _fit(self, frontal: Sequence[bytes]) -> Iterator[Face]:
        looks = (self.gate.frame(jpeg) for jpeg in dict.fromkeys(frontal))
        return (look for look in looks if isinstance(look, Face))

    def _alike(self, live: Sequence[Embedding]) -> list[float]:
        return [self.recogniser.likeness(one, other) for one, other in combinations(live, 2)]


def decide(to_card: Sequence[float], among_frames: Sequence[float], limits: Limits) -> FaceAnswer:
    """The answer, from each fit frame's likeness with the card and from the frames' likenesses with each other.

    Frames of two people are asked for again: a majority of one person's must not carry another through.
    """
    if len(to_card) < FEWEST_FRAMES or min(among_frames) < limits.same_face:
        return FaceAnswer.ASK_AGAIN
    middle = median(to_card)
    if middle >= limits.match:
        return FaceAnswer.MATCH
    return FaceAnswer.ASK_AGAIN if middle >= limits.ask_again else FaceAnswer.NO_MATCH


class SFace:
    """`Recogniser` by SFace: cosine similarity."""

    engine = "yunet+sface"

    def __init__(self, network: FaceRecogniser | None = None) -> None:
        self._network = network or FaceRecogniser()
        self.limits = Limits.of(registry()["sface"].thresholds)

    def embed(self, face: Face) -> Embedding:
        """See `Recogniser`."""
        return self._network.embed(self._network.align(face.picture, face.points))

    def likeness(self, one: Embedding, other: Embedding) -> float:
        """Both have length 1, so that this is their cosine."""
        return float(one @ other)


class SFaceMatcher(MedianMatcher):
    """The default: YuNet, the face mesh and SFace. The constructor loads the models."""

    def __init__(self, networks: FaceNetworks | None = None) -> None:
        networks = networks or FaceNetworks()
        super().__init__(SFace(networks.recogniser), networks)
