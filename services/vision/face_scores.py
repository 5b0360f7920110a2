"""The scores of a face bench: who was compared with whom, by which engine, and how alike they were. No picture, no embedding.

A table has a row for each person's first picture and a column for each person's second one; its diagonal is genuine. It is kept in
ten-thousandths, so that a report made from the kept book is the report that was made from the pictures.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Likenesses = NDArray[np.float64]

_STEPS: Final = 10_000
_ABSENT: Final = -32768


class Kind(StrEnum):
    """What was compared with what."""

    CARD_NEUTRAL = "card-neutral"
    CARD_SMILE = "card-smile"
    CARD_8_SMILE = "card8-smile"
    CARD_4_SMILE = "card4-smile"
    CARD_2_SMILE = "card2-smile"
    NEUTRAL_NEUTRAL = "neutral-neutral"
    SMILE_SMILE = "smile-smile"
    NEUTRAL_SMILE = "neutral-smile"
    SESSION = "session"  # the card with the median of frames drawn from the smiling picture


SYMMETRIC: Final = (
    Kind.NEUTRAL_NEUTRAL,
    Kind.SMILE_SMILE,
)  # the same pictures on both sides: half of it, without the diagonal
# A card photo of this set *is* the neutral picture, made smaller: as a genuine comparison it would flatter.
SAME_PHOTOGRAPH: Final = (Kind.CARD_NEUTRAL, *SYMMETRIC)
SINGLE: Final = tuple(kind for kind in Kind if kind is not Kind.SESSION)
LIVE: Final = (Kind.NEUTRAL_NEUTRAL, Kind.SMILE_SMILE, Kind.NEUTRAL_SMILE)


@dataclass(frozen=True)
class Person:
    """One person of the set, as they described themselves; an age of 0 was not given."""

    id: str
    age: int
    sex: str
    group: str


@dataclass(frozen=True)
class Session:
    """One person's frames: how many were fit, and how alike the least alike two of them are."""

    fit: int
    least_alike: float


@dataclass(frozen=True)
class EngineScores:
    """One engine's tables, and what the session's frames said about each other."""

    engine: str
    tables: Mapping[Kind, Likenesses]
    sessions: Sequence[Session]

    def among(self, members: Sequence[int]) -> "EngineScores":
        """Of these people with each other."""
        tables = {kind: table[np.ix_(members, members)] for kind, table in self.tables.items()}
        return EngineScores(self.engine, tables, [self.sessions[member] for member in members])


@dataclass(frozen=True)
class ScoreBook:
    """A whole run. `acquired` counts, for each sort of picture, what came of it: "fit" or the reason why not."""

    people: Sequence[Person]
    engines: Sequence[EngineScores]
    acquired: Mapping[str, Mapping[str, int]]
    card_bytes: Mapping[str, Sequence[int]]  # smallest and largest file of each sort of card photo

    def written(self) -> str:
        """As JSON, the same for the same scores."""
        plain = {
            "people": [asdict(person) for person in self.people],
            "engines": [_plain(scores) for scores in self.engines],
            "acquired": {key: dict(counts) for key, counts in self.acquired.items()},
            "card_bytes": {key: list(sizes) for key, sizes in self.card_bytes.items()},
        }
        return json.dumps(plain, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @classmethod
    def read(cls, text: str) -> "ScoreBook":
        """The other way round."""
        plain = json.loads(text)
        people = [Person(**person) for person in plain["people"]]
        engines = [_scores(entry, len(people)) for entry in plain["engines"]]
        return cls(people, engines, plain["acquired"], plain["card_bytes"])


def _plain(scores: EngineScores) -> dict[str, Any]:
    return {
        "engine": scores.engine,
        "tables": {kind.value: _packed(table) for kind, table in scores.tables.items()},
        "sessions": {
            "fit": [session.fit for session in scores.sessions],
            "least_alike": _packed(np.array([session.least_alike for session in scores.sessions])),
        },
    }


def _scores(entry: Mapping[str, Any], people: int) -> EngineScores:
    tables = {Kind(kind): _unpacked(text).reshape(people, people) for kind, text in entry["tables"].items()}
    least = _unpacked(entry["sessions"]["least_alike"])
    sessions = [Session(fit, float(alike)) for fit, alike in zip(entry["sessions"]["fit"], least, strict=True)]
    return EngineScores(entry["engine"], tables, sessions)


def _packed(values: Likenesses) -> str:
    steps = np.where(np.isnan(values), _ABSENT, np.rint(np.nan_to_num(values) * _STEPS))
    return b64encode(steps.astype("<i2").tobytes()).decode()


def _unpacked(text: str) -> Likenesses:
    steps = np.frombuffer(b64decode(text), dtype="<i2").astype(np.float64)
    return np.where(steps == _ABSENT, np.nan, steps / _STEPS)
