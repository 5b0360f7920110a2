"""What the face checks cost: CPU milliseconds of each stage, and the memory of each engine. Accuracy is `face_report`'s."""

import os
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median, quantiles

from services.domain.errors import ImageUnreadable
from services.domain.liveness import LiveFrame
from services.vision.face import Recogniser
from services.vision.face_finder import FaceFinder
from services.vision.face_gate import Face, FaceGate
from services.vision.face_recogniser import Embedding
from services.vision.image import decode_chip_photo, decode_picture
from services.vision.liveness_replay import ReplayDetector, surroundings
from services.vision.liveness_sight import Observer
from services.vision.mesh import FaceMesh, pose

Loaders = Mapping[str, Callable[[], Recogniser]]


def costs(card_photo: bytes, frame: bytes, engines: Loaders, *, rounds: int) -> Iterator[str]:
    """The lines. `frame` is a JPEG with the face of the card's photo in it; engines are loaded here: their memory shows."""
    yield f"{'stage':44} {'p50':>7} {'p95':>7}   CPU ms, one thread, {rounds} rounds"
    gate = FaceGate()
    card, live = gate.card(card_photo), gate.frame(frame)
    if not isinstance(live, Face):
        raise ImageUnreadable(picture="frame")
    for name, load in engines.items():
        before = _resident_mb()
        recogniser = load()
        reference = recogniser.embed(card)
        yield _timed(f"embed and compare: {name}", _comparison(recogniser, live, reference), rounds)
        yield f"{'memory that it adds: ' + name:44} {_resident_mb() - before:7.0f} MB"
    for name, stage in _stages(card_photo, frame, gate):
        yield _timed(name, stage, rounds)
    yield f"{'memory of this process at its peak':44} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.0f} MB"


def _comparison(recogniser: Recogniser, live: Face, card: Embedding) -> Callable[[], object]:
    return lambda: recogniser.likeness(recogniser.embed(live), card)


def _stages(card_photo: bytes, frame: bytes, gate: FaceGate) -> Iterator[tuple[str, Callable[[], object]]]:
    finder, mesh, replay, observer = FaceFinder(), FaceMesh(), ReplayDetector(), Observer()
    picture = decode_picture(frame)
    face = finder.find(picture)[0]
    landmarks, _ = mesh.settle(picture, face.outline)
    around = surroundings(picture, landmarks)
    yield "decode card photo (JPEG 2000)", lambda: decode_chip_photo(card_photo)
    yield "decode frame (JPEG)", lambda: decode_picture(frame)
    yield "find faces (YuNet)", lambda: finder.find(picture)
    yield "landmarks, two looks (mesh)", lambda: mesh.settle(picture, face.outline)
    yield "pose", lambda: pose(landmarks, (picture.shape[0], picture.shape[1]))
    yield "the matcher's gates, one frame", lambda: gate.frame(frame)
    yield "replay score", lambda: replay.score(around)
    yield "one liveness frame, whole", lambda: observer.look(LiveFrame(frame, 0, 0))


def _timed(name: str, stage: Callable[[], object], rounds: int) -> str:
    stage()
    taken = [_cpu_ms(stage) for _ in range(rounds)]
    return f"{name:44} {median(taken):7.1f} {quantiles(taken, n=20)[-1]:7.1f}"


def _cpu_ms(stage: Callable[[], object]) -> float:
    start = time.process_time()
    stage()
    return (time.process_time() - start) * 1000


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
