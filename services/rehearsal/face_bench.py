"""Runs face recognisers over people's pictures and keeps the scores: every engine sees the same faces in the same run."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median
from typing import TypeAlias

import numpy as np

from services.domain.errors import ChipPhotoUnreadable
from services.rehearsal.face_people import CARD_BYTES, People
from services.vision.face import Recogniser
from services.vision.face_gate import Face, FaceGate
from services.vision.face_recogniser import Embedding
from services.vision.face_scores import EngineScores, Kind, Likenesses, Person, ScoreBook, Session

FIT = "fit"
Embedded: TypeAlias = list[Embedding | None]


@dataclass
class _Faces:
    """One engine's embeddings, in the order of the people."""

    recogniser: Recogniser
    singles: dict[str, Embedded] = field(default_factory=lambda: defaultdict(list))
    sessions: list[list[Embedding]] = field(default_factory=list)


_TABLES = {
    Kind.CARD_NEUTRAL: ("card", "neutral"),
    Kind.CARD_SMILE: ("card", "smile"),
    Kind.CARD_8_SMILE: ("card 8 kB", "smile"),
    Kind.CARD_4_SMILE: ("card 4 kB", "smile"),
    Kind.CARD_2_SMILE: ("card 2 kB", "smile"),
    Kind.NEUTRAL_NEUTRAL: ("neutral", "neutral"),
    Kind.SMILE_SMILE: ("smile", "smile"),
    Kind.NEUTRAL_SMILE: ("neutral", "smile"),
}


def score(people: People, recognisers: Sequence[Recogniser]) -> ScoreBook:
    """Compares everybody with everybody; about 5 s a person with two engines."""
    gate, engines = FaceGate(), [_Faces(recogniser) for recogniser in recognisers]
    acquired: dict[str, Counter[str]] = defaultdict(Counter)
    sizes: dict[str, list[int]] = defaultdict(list)
    for person in people.described:
        for sort, data in _cards(people, person):
            sizes[sort].append(len(data))
            _note(engines, acquired, sort, _card_face(gate, data))
        for mood in ("neutral", "smile"):
            _note(engines, acquired, mood, gate.frame(people.live(mood, person)))
        looks = [gate.frame(jpeg) for jpeg in people.frames(person)]
        acquired["drawn frames"].update(_outcome(look) for look in looks)
        for engine in engines:
            engine.sessions.append([engine.recogniser.embed(look) for look in looks if isinstance(look, Face)])
    return ScoreBook(
        people.described,
        [_compared(engine) for engine in engines],
        acquired,
        {sort: (min(found), max(found)) for sort, found in sizes.items()},
    )


def _cards(people: People, person: Person) -> Iterator[tuple[str, bytes]]:
    yield "card", people.card(person)
    made = people.cards_of_sizes(person)
    yield from ((f"card {size // 1000} kB", made[size]) for size in CARD_BYTES)


def _card_face(gate: FaceGate, data: bytes) -> Face | str:
    try:
        return gate.card(data)
    except ChipPhotoUnreadable:
        return "no face"


def _note(engines: Sequence[_Faces], acquired: dict[str, Counter[str]], sort: str, look: Face | str) -> None:
    acquired[sort][_outcome(look)] += 1
    for engine in engines:
        engine.singles[sort].append(engine.recogniser.embed(look) if isinstance(look, Face) else None)


def _outcome(look: Face | str) -> str:
    return FIT if isinstance(look, Face) else str(look)


def _compared(faces: _Faces) -> EngineScores:
    likeness = faces.recogniser.likeness
    tables = {
        kind: _table(faces.recogniser, faces.singles[first], faces.singles[second])
        for kind, (first, second) in _TABLES.items()
    }
    parts = [_table(faces.recogniser, faces.singles["card"], list(frames)) for frames in faces.sessions]
    tables[Kind.SESSION] = np.column_stack([_medians(part) for part in parts])
    sessions = [
        Session(len(frames), min((likeness(a, b) for a, b in combinations(frames, 2)), default=-1.0))
        for frames in faces.sessions
    ]
    return EngineScores(faces.recogniser.engine, tables, sessions)


def _table(recogniser: Recogniser, rows: Embedded, columns: Embedded) -> Likenesses:
    return np.array(
        [[np.nan if a is None or b is None else recogniser.likeness(a, b) for b in columns] for a in rows]
    ).reshape(len(rows), len(columns))


def _medians(part: Likenesses) -> Likenesses:
    """The median of each row; of no frames there is none."""
    return np.array([median(row) if len(row) else np.nan for row in part.tolist()])
