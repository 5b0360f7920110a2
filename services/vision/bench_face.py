"""Figures of the face checks: CPU milliseconds of each stage, a small accuracy table for each engine, memory.

`report` is what `pinreset bench face` prints; it takes the pictures to time. Accuracy needs people: a folder laid out like the
London set (`card_jp2/ID.jp2`, `live_neutral/ID.jpg`, `live_smile/ID.jpg`); rates are those of ISO/IEC 19795-1, each comparison an
attempt of its own.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median, quantiles
from typing import Final

import cv2
import numpy as np

from services.domain.liveness import LiveFrame
from services.vision.face import SFaceMatcher
from services.vision.face_dlib import DlibMatcher
from services.vision.face_finder import FaceFinder
from services.vision.face_recogniser import FaceRecogniser
from services.vision.image import decode_chip_photo, decode_picture
from services.vision.liveness_replay import ReplayDetector, surroundings
from services.vision.liveness_sight import Observer
from services.vision.mesh import FaceMesh, five_points, pose
from services.vision.models import threshold
from services.vision.rates import wilson

_ROUNDS: Final = 20


@dataclass(frozen=True)
class Engine:
    """One engine's scores: higher is more alike; `limit` decides."""

    name: str
    genuine: Sequence[float]
    impostor: Sequence[float]
    limit: float


def report(card_photo: bytes, frame: bytes, people: Path | None = None) -> Iterator[str]:
    """The bench's lines. `frame` is a JPEG with the face of the card's photo in it."""
    yield f"{'stage':32} {'median':>8} {'p95':>8}   CPU ms, one thread, {_ROUNDS} rounds"
    for name, stage in _stages(card_photo, frame):
        taken = [_cpu_ms(stage) for _ in range(_ROUNDS)]
        yield f"{name:32} {median(taken):8.1f} {quantiles(taken, n=20)[-1]:8.1f}"
    yield f"memory with both engines loaded: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    if people is None or not (people / "card_jp2").is_dir():
        yield "accuracy: no folder with people's pictures here"
        return
    yield f"{'engine':24} {'limit':>6} {'lowest own':>11} {'highest other':>14}  FNMR and FMR with 95 % Wilson intervals"
    for engine in (_sface_scores(people), _dlib_scores(people)):
        yield _line(engine)


def _stages(card_photo: bytes, frame: bytes) -> Iterator[tuple[str, Callable[[], object]]]:
    finder, mesh, recogniser, replay, observer = (
        FaceFinder(),
        FaceMesh(),
        FaceRecogniser(),
        ReplayDetector(),
        Observer(),
    )
    picture = decode_picture(frame)
    face = finder.find(picture)[0]
    landmarks, _ = mesh.settle(picture, face.outline)
    aligned = recogniser.align(picture, five_points(landmarks))
    around = surroundings(picture, landmarks)
    yield "decode card photo (JPEG 2000)", lambda: decode_chip_photo(card_photo)
    yield "decode frame (JPEG)", lambda: decode_picture(frame)
    yield "find faces (YuNet)", lambda: finder.find(picture)
    yield "landmarks, two looks (mesh)", lambda: mesh.settle(picture, face.outline)
    yield "pose", lambda: pose(landmarks, (picture.shape[0], picture.shape[1]))
    yield "embedding (SFace)", lambda: recogniser.embed(aligned)
    yield "replay score", lambda: replay.score(around)
    yield "one liveness frame, whole", lambda: observer.look(LiveFrame(frame, 0, 0))
    dlib = DlibMatcher()
    yield "one face by face_recognition", lambda: dlib.embedding(picture)


def _cpu_ms(stage: Callable[[], object]) -> float:
    start = time.process_time()
    stage()
    return (time.process_time() - start) * 1000


def _pictures(people: Path) -> tuple[dict[str, bytes], dict[tuple[str, str], bytes]]:
    cards = {path.stem: path.read_bytes() for path in sorted((people / "card_jp2").glob("*.jp2"))}
    moods = ("neutral", "smile")
    live = {
        (mood, person): (people / f"live_{mood}/{person}.jpg").read_bytes() for mood, person in product(moods, cards)
    }
    return cards, live


def _sface_scores(people: Path) -> Engine:
    matcher = SFaceMatcher()
    cards, live = _pictures(people)
    card = {person: matcher.card_embedding(photo) for person, photo in cards.items()}
    faces = {key: found for key, jpeg in live.items() if (found := matcher.frame_embedding(jpeg)) is not None}
    pairs: dict[bool, list[float]] = {True: [], False: []}
    for (key, face), (person, photo) in product(faces.items(), card.items()):
        pairs[key[1] == person].append(float(photo @ face))
    return Engine(matcher.engine, pairs[True], pairs[False], threshold("sface", "match"))


def _dlib_scores(people: Path) -> Engine:
    matcher = DlibMatcher()
    cards, live = _pictures(people)
    grey = {person: cv2.cvtColor(decode_chip_photo(photo), cv2.COLOR_GRAY2RGB) for person, photo in cards.items()}
    card = {p: n for p, picture in grey.items() if (n := matcher.embedding(np.asarray(picture, np.uint8))) is not None}
    faces = {key: n for key, jpeg in live.items() if (n := matcher.embedding(decode_picture(jpeg))) is not None}
    pairs: dict[bool, list[float]] = {True: [], False: []}
    for (key, face), (person, photo) in product(faces.items(), card.items()):
        pairs[key[1] == person].append(-float(np.linalg.norm(photo - face)))
    return Engine(matcher.engine, pairs[True], pairs[False], -threshold("dlib-resnet", "match"))


def _line(engine: Engine) -> str:
    missed = sum(score < engine.limit for score in engine.genuine)
    taken = sum(score >= engine.limit for score in engine.impostor)
    return (
        f"{engine.name:24} {abs(engine.limit):6.2f} {abs(min(engine.genuine)):11.3f} {abs(max(engine.impostor)):14.3f}"
        f"  FNMR {_rate(missed, len(engine.genuine))}  FMR {_rate(taken, len(engine.impostor))}"
    )


def _rate(count: int, total: int) -> str:
    low, high = wilson(count, total)
    return f"{count}/{total} ({100 * low:.3f} to {100 * high:.3f} %)"


def main(arguments: list[str]) -> int:
    """One argument: the folder with people's pictures; the first person's are timed."""
    cv2.setNumThreads(1)
    people = Path(arguments[0])
    person = min((people / "card_jp2").glob("*.jp2"))
    frame = people / f"live_neutral/{person.stem}.jpg"
    for line in report(person.read_bytes(), frame.read_bytes(), people):
        print(line, flush=True)  # noqa: T201  # the bench's output
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
