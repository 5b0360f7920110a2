"""The limits of liveness, measured anew: for each number, the two sides that it has to keep apart.

Measured on the development half of the people only (places 1, 3, 5 … of the sorted ids, counted from 0); the attack bench reports
on the other half. Nothing is set automatically: a limit is a choice between two kinds of error, and a reader shall see both sides.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image

from services.domain.liveness import Action, LiveFrame
from services.rehearsal.clip import CameraClip
from services.rehearsal.coverings import SPOILS
from services.rehearsal.portrait import Portrait, load_portrait
from services.vision import liveness_limits as limits
from services.vision import liveness_pace as pace
from services.vision.face_recogniser import FaceRecogniser
from services.vision.image import Pixels, decode_picture
from services.vision.liveness_baseline import Baseline, baseline
from services.vision.liveness_quality import Quality, quality
from services.vision.liveness_replay import ReplayDetector
from services.vision.liveness_sight import Observer, Sight
from services.vision.mesh import five_points, parallax
from services.vision.mesh_depth import depth_motion

FRAMES: Final = 12  # a step, as the page takes them
DRAWN_PEOPLE: Final = 8  # a person's six actions take about 25 s to draw
_HELD: Final = [(turn, tilt, near) for turn in (-50, 0, 50) for tilt in (-50, -30, 0, 30) for near in (1.0, 1.35)]
_SIDES: Final = {
    "brightness": ("a quarter of the light", "too much light"),
    "clipped_around": ("bright window behind", "window behind"),
    "against_around": ("bright window behind", "window behind"),
    "reflecting": ("reflection on cheek", "reflection on forehead"),
    "sharpness": ("blurred by 3", "blurred by 5", "blurred by 8"),
    "eyes": ("black sunglasses", "brown sunglasses", "hand over eye"),
    "lips": ("white mask", "blue mask", "black mask", "hand over mouth"),
}


@dataclass(frozen=True)
class Side:
    """One side of a limit: what was measured, on what."""

    name: str
    values: Sequence[float]

    def __str__(self) -> str:
        if not self.values:
            return f"{self.name}: none"
        low, middle, high = np.quantile(self.values, (0, 0.5, 1))
        return f"{self.name}: {low:.4g} to {high:.4g}, median {middle:.4g} ({len(self.values)})"


def derive(people: Path) -> Iterator[str]:
    """A line for each limit, as it is measured. `people` is the London set's folder; takes about 8 minutes on an idle core."""
    portraits = [load_portrait(path) for path in development(people / "live_neutral")]
    smiling = [load_portrait(path) for path in development(people / "live_smile")]
    yield f"development people: {len(portraits)}, of whom {min(DRAWN_PEOPLE, len(portraits))} are drawn in motion"
    yield from _quality_lines([*portraits, *smiling])
    scenes = [Scene(portrait) for portrait in portraits[:DRAWN_PEOPLE]]
    yield from _motion_lines(scenes)
    yield from _pace_lines(scenes)
    yield from _passive_lines(portraits)


def development(folder: Path) -> list[Path]:
    """The pictures of the development half."""
    return sorted(folder.glob("*.jpg"))[1::2]


def _line(name: str, limit: object, sides: Iterable[Side]) -> str:
    return f"{name:18} limit {limit}; " + "; ".join(map(str, sides))


def _quality_lines(portraits: Sequence[Portrait]) -> Iterator[str]:
    recogniser = FaceRecogniser()

    def measured(spoil: Callable[[Pixels, np.ndarray], Pixels]) -> list[Quality]:
        found = []
        for portrait in portraits:
            picture = spoil(portrait.pixels, portrait.landmarks)
            aligned = recogniser.align(picture, five_points(portrait.landmarks))
            found.append(quality(picture, portrait.landmarks, aligned))
        return found

    fit = measured(lambda picture, _: picture)
    spoilt = {name: measured(SPOILS[name]) for names in _SIDES.values() for name in names}
    for field, limit in _QUALITY_LIMITS.items():
        sides = {"fit": fit, **{name: spoilt[name] for name in _SIDES[field]}}
        yield _line(field, limit, [Side(name, [getattr(q, field) for q in found]) for name, found in sides.items()])


_QUALITY_LIMITS: Final[Mapping[str, object]] = {
    "brightness": (limits.DARKEST, limits.BRIGHTEST),
    "clipped_around": limits.CLIPPED_AROUND,
    "against_around": limits.AGAINST_AROUND,
    "reflecting": limits.REFLECTING_SHARE,
    "sharpness": limits.SHARPNESS,
    "eyes": limits.EYE_CONTRAST,
    "lips": limits.LIP_CONTRAST,
}


class Scene:
    """One person in motion, and the same person's picture held before the camera."""

    def __init__(self, portrait: Portrait) -> None:
        observer = Observer()
        clip = CameraClip(portrait)
        frames = {action: clip.frames(action, FRAMES, seed=0) for action in Action}
        self.steps = {action: _sights(observer, step) for action, step in frames.items()}
        self.own: Baseline | None = baseline(self.steps[Action.FRONT])
        front = decode_picture(frames[Action.FRONT][0])
        held = [_jpeg(_held(front, *how), number) for number, how in enumerate(_HELD)]
        self.held = _sights(observer, held)
        last = {action: decode_picture(step[-1]) for action, step in frames.items()}
        self.album = [_sights(observer, _moved_by_hand(picture, FRAMES)) for picture in last.values()]

    def of(self, action: Action, value: Callable[[Baseline, Sight], float]) -> list[float]:
        """The value over the last third of the action, when it is held."""
        return [value(self.own, sight) for sight in self.steps[action][-FRAMES // 3 :]] if self.own else []

    def of_held(
        self, like: Callable[[Baseline, Sight], bool], value: Callable[[Baseline, Sight], float]
    ) -> list[float]:
        """The value over those held pictures that pass for the action."""
        return [value(self.own, sight) for sight in self.held if like(self.own, sight)] if self.own else []


def _motion_lines(scenes: Sequence[Scene]) -> Iterator[str]:
    def both(
        name: str,
        limit: object,
        actions: Sequence[Action],
        value: Callable[[Baseline, Sight], float],
        like: Callable[[Baseline, Sight], bool],
    ) -> str:
        drawn = [v for scene in scenes for action in actions for v in scene.of(action, value)]
        held = [v for scene in scenes for v in scene.of_held(like, value)]
        return _line(name, limit, [Side("drawn", drawn), Side("held", held)])

    sides, up, nearer = [Action.LEFT, Action.RIGHT], [Action.UP], [Action.NEARER]
    turned, raised, near = limits.TURNED_DEG[0], limits.RAISED_DEG[0], limits.NEARER_BY
    yield both("turn, degrees", limits.TURNED_DEG, sides, lambda o, s: abs(o.turn(s)), lambda *_: True)
    yield both("raise, degrees", limits.RAISED_DEG, up, lambda o, s: o.rise(s), lambda *_: True)
    yield both("growth", limits.NEARER_BY, nearer, lambda o, s: o.growth(s), lambda *_: True)
    yield both("parallax", limits.PARALLAX, sides, _parallax, lambda o, s: abs(o.turn(s)) >= turned)
    yield both("depth, up", limits.RAISED_BY_DEPTH, up, _up, lambda o, s: o.rise(s) >= raised)
    yield both("depth, any tilt", limits.RAISED_BY_DEPTH, up, _up, lambda *_: True)
    yield both("depth, nearer", limits.NEARER_BY_DEPTH, nearer, _nearer, lambda o, s: o.growth(s) >= near)
    rises = [v for scene in scenes for v in scene.of(Action.SMILE, _rise)]
    rest = [v for s in scenes for a in (Action.FRONT, Action.UP, *sides) for v in s.of(a, _rise)]
    yield _line("smile", limits.SMILE_RISE, [Side("drawn", rises), Side("not smiling", rest)])
    own = [v for s in scenes for a in Action for v in s.of(a, lambda o, x: o.similarity(x))]
    others = [
        a.own.similarity(x)
        for a, b in [*pairwise(scenes), *pairwise(scenes[::-1])]
        if a.own
        for step in b.steps.values()
        for x in step
    ]
    yield _line("same face", limits.BREAK_AT_ONCE, [Side("own", own), Side("somebody else", others)])


def _parallax(own: Baseline, sight: Sight) -> float:
    return parallax(own.sight.landmarks, sight.landmarks) / max(own.growth(sight), 1.0)


def _up(own: Baseline, sight: Sight) -> float:
    return depth_motion(own.sight.landmarks, sight.landmarks).up


def _nearer(own: Baseline, sight: Sight) -> float:
    return depth_motion(own.sight.landmarks, sight.landmarks).nearer


def _rise(own: Baseline, sight: Sight) -> float:
    return sight.smile - own.smile


def _pace_lines(scenes: Sequence[Scene]) -> Iterator[str]:
    turns = (Action.LEFT, Action.RIGHT)
    drawn = [pace.reshaping(step) for scene in scenes for action, step in scene.steps.items() if action in turns]
    album = [pace.reshaping(step) for scene in scenes for step in scene.album]
    yield _line("a turn's change of shape", limits.TURN_RESHAPES, [Side("drawn", drawn), Side("album", album)])
    pairs = [(a, b) for scene in scenes for step in scene.steps.values() for a, b in pairwise(step)]
    quiet = [pace.quietest(step) for scene in scenes for step in scene.steps.values()]
    equal = [pace.equal_share(a.grain, b.grain) for a, b in pairs]
    yield _line("quietest three frames", limits.NEARLY_SAME, [Side("drawn", quiet)])
    yield _line("equal blocks", limits.FROZEN_SHARE, [Side("drawn", equal)])


def _passive_lines(portraits: Sequence[Portrait]) -> Iterator[str]:
    detector, observer = ReplayDetector(), Observer()
    sights = _sights(observer, [_jpeg(portrait.pixels, number) for number, portrait in enumerate(portraits)])
    yield _line("replay, log-odds", "in models.toml", [Side("people", [detector.score(s.around) for s in sights])])


def _sights(observer: Observer, frames: Sequence[bytes]) -> list[Sight]:
    looks = (observer.look(LiveFrame(jpeg, 0, number)) for number, jpeg in enumerate(frames))
    return [look for look in looks if isinstance(look, Sight)]


def _held(picture: Pixels, turn: float, tilt: float, near: float) -> Pixels:
    """The picture as a flat sheet, turned about its upright axis, tilted about its level one, and moved nearer."""
    height, width = picture.shape[:2]
    focal = float(max(height, width))
    t, u = np.radians([turn, tilt])
    about_y = np.array([[np.cos(t), 0, np.sin(t)], [0, 1, 0], [-np.sin(t), 0, np.cos(t)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(u), -np.sin(u)], [0, np.sin(u), np.cos(u)]])
    rotation = about_x @ about_y
    camera = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    sheet = np.column_stack([rotation[:, 0], rotation[:, 1], [0, 0, focal / near]])
    view = camera @ sheet @ np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, 1]])
    return np.asarray(cv2.warpPerspective(picture, view, (width, height), borderValue=(128, 128, 128)), dtype=np.uint8)


def _moved_by_hand(picture: Pixels, count: int) -> list[bytes]:
    """One still, shaken as by a hand: shifted by pixels, turned and scaled a little, with a sensor's noise."""
    random = np.random.default_rng(3)
    height, width = picture.shape[:2]
    frames = []
    for number in range(count):
        move = cv2.getRotationMatrix2D((width / 2, height / 2), random.normal(0, 0.35), 1 + random.normal(0, 0.004))
        shift = np.column_stack([np.zeros((2, 2)), random.normal(0, 1.5, 2)])
        shaken = cv2.warpAffine(picture, np.asarray(move) + shift, (width, height), borderMode=cv2.BORDER_REFLECT)
        frames.append(_jpeg(np.asarray(shaken, dtype=np.uint8), number))
    return frames


def _jpeg(picture: Pixels, seed: int) -> bytes:
    noisy = picture + np.random.default_rng(seed).normal(0, 2, picture.shape)
    encoded = BytesIO()
    Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8)).save(encoded, "JPEG", quality=88)
    return encoded.getvalue()
