"""The limits of liveness, measured anew: for each number, the two sides that it has to keep apart.

Measured on the development half of the people only (places 1, 3, 5 … of the sorted ids, counted from 0); the attack bench reports
on the other half. Nothing is set automatically: a limit is a choice between two kinds of error, and a reader shall see both sides.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from services.domain.liveness import Action
from services.rehearsal.attack_genuine import clip_pictures
from services.rehearsal.attack_surface import Screen
from services.rehearsal.coverings import SPOILS
from services.rehearsal.liveness_derive_scene import Scene, Side, jpeg_of, line, sights_of
from services.rehearsal.liveness_origins import origin_lines
from services.rehearsal.portrait import Portrait, load_portrait
from services.vision import liveness_limits as limits
from services.vision import liveness_pace as pace
from services.vision.face_recogniser import FaceRecogniser
from services.vision.image import Pixels
from services.vision.liveness_baseline import Baseline
from services.vision.liveness_quality import Quality, quality
from services.vision.liveness_replay import ReplayDetector
from services.vision.liveness_sight import Observer, Sight
from services.vision.liveness_way import leap, way
from services.vision.mesh import five_points, narrowing, parallax
from services.vision.mesh_depth import depth_motion
from services.vision.models import threshold

DRAWN_PEOPLE: Final = 8  # a person's six actions take about 25 s to draw
QUICK_CLIP: Final = "head_turns/head-pose-face-detection-female.gif"
_CLIP_MS: Final = 80
_THERE: Final = 15  # frames of the clip to the left; the rest goes back
_SIDES: Final = {
    "brightness": ("a quarter of the light", "too much light"),
    "clipped_around": ("bright window behind", "window behind"),
    "against_around": ("bright window behind", "window behind"),
    "reflecting": ("reflection on cheek", "reflection on forehead"),
    "sharpness": ("blurred by 3", "blurred by 5", "blurred by 8"),
    "eyes": ("black sunglasses", "brown sunglasses", "hand over eye"),
    "lips": ("white mask", "blue mask", "black mask", "hand over mouth"),
}


def derive(people: Path) -> Iterator[str]:
    """A line for each limit, as it is measured. `people` is the London set's folder; takes about 8 minutes on an idle core."""
    portraits = [load_portrait(path) for path in development(people / "live_neutral")]
    smiling = [load_portrait(path) for path in development(people / "live_smile")]
    yield f"development people: {len(portraits)}, of whom {min(DRAWN_PEOPLE, len(portraits))} are drawn in motion"
    yield from _quality_lines([*portraits, *smiling])
    scenes = [Scene(portrait) for portrait in portraits[:DRAWN_PEOPLE]]
    yield from _motion_lines(scenes)
    yield from _pace_lines(scenes)
    yield from _way_lines(scenes)
    yield from _clip_lines(people.parent)
    yield from _passive_lines(portraits)
    yield "where each limit comes from:"
    yield from origin_lines()


def development(folder: Path) -> list[Path]:
    """The pictures of the development half."""
    return sorted(folder.glob("*.jpg"))[1::2]


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
        yield line(field, limit, [Side(name, [getattr(q, field) for q in found]) for name, found in sides.items()])


_QUALITY_LIMITS: Final[Mapping[str, object]] = {
    "brightness": (limits.DARKEST, limits.BRIGHTEST),
    "clipped_around": limits.CLIPPED_AROUND,
    "against_around": limits.AGAINST_AROUND,
    "reflecting": limits.REFLECTING_SHARE,
    "sharpness": limits.SHARPNESS,
    "eyes": limits.EYE_CONTRAST,
    "lips": limits.LIP_CONTRAST,
}


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
        return line(name, limit, [Side("drawn", drawn), Side("held", held)])

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
    yield line("smile", limits.SMILE_RISE, [Side("drawn", rises), Side("not smiling", rest)])
    turned_own = [v for scene in scenes for a in (*sides, *up) for v in scene.of(a, _similarity)]
    ahead_own = [v for scene in scenes for a in (Action.FRONT, Action.SMILE, *nearer) for v in scene.of(a, _similarity)]
    yield line("own face, ahead", limits.ALIKE_AHEAD, [Side("own", ahead_own), Side("somebody else", _others(scenes))])
    away = "own face, away"
    yield line(away, (limits.BREAK_AT_ONCE, threshold("sface", "same_face")), [Side("own", turned_own)])
    yield both(
        "presence", limits.PRESENCE_TURNED, sides, lambda _, s: s.presence, lambda o, s: abs(o.turn(s)) >= turned
    )
    yield both("narrower", limits.NARROWER_THAN_TURN, sides, _narrower, lambda o, s: abs(o.turn(s)) >= turned)


def _others(scenes: Sequence[Scene]) -> list[float]:
    """Each person's frames against the own front of the neighbours in the list."""
    return [
        a.own.similarity(x)
        for a, b in [*pairwise(scenes), *pairwise(scenes[::-1])]
        if a.own
        for step in b.steps.values()
        for x in step
    ]


def _similarity(own: Baseline, sight: Sight) -> float:
    return own.similarity(sight)


def _narrower(own: Baseline, sight: Sight) -> float:
    return float(np.cos(np.radians(own.turn(sight)))) - narrowing(own.sight.landmarks, sight.landmarks)


def _parallax(own: Baseline, sight: Sight) -> float:
    return parallax(own.sight.landmarks, sight.landmarks) / max(own.growth(sight), 1.0)


def _up(own: Baseline, sight: Sight) -> float:
    return depth_motion(own.sight.landmarks, sight.landmarks).up


def _nearer(own: Baseline, sight: Sight) -> float:
    return depth_motion(own.sight.landmarks, sight.landmarks).nearer


def _rise(own: Baseline, sight: Sight) -> float:
    return sight.smile - own.smile


def _pace_lines(scenes: Sequence[Scene]) -> Iterator[str]:
    pairs = [(a, b) for scene in scenes for step in scene.steps.values() for a, b in pairwise(step)]
    quiet = [pace.quietest(step) for scene in scenes for step in scene.steps.values()]
    equal = [pace.equal_share(a.grain, b.grain) for a, b in pairs]
    jumps = [float(np.linalg.norm(a.centre - b.centre)) / a.eyes_apart for a, b in pairs]
    yield line("quietest three frames", limits.NEARLY_SAME, [Side("drawn", quiet)])
    yield line("equal blocks", limits.FROZEN_SHARE, [Side("drawn", equal)])
    yield line("jump", limits.JUMP, [Side("drawn", jumps)])
    yield line("growth at once", limits.GROWTH, [Side("drawn", [b.eyes_apart / a.eyes_apart for a, b in pairs])])


def _way_lines(scenes: Sequence[Scene]) -> Iterator[str]:
    moves = (Action.LEFT, Action.RIGHT, Action.UP, Action.NEARER)
    known = [(scene, scene.own) for scene in scenes if scene.own]
    for action in moves:
        drawn = [(way(action, own, scene.steps[action]), scene.steps[action]) for scene, own in known]
        slides = [(way(action, own, scene.slides(action)), scene.slides(action)) for scene, own in known]
        still = [way(action, own, scene.album[action]) for scene, own in known]
        name = action.value
        sides = [
            Side("drawn", [min(gone) for gone, _ in drawn if gone]),
            Side("one still", [min(g) for g in still if g]),
        ]
        yield line(f"way begins, {name}", limits.WAY_BEGINS, sides)
        leaps = {"drawn": drawn, "stills": slides}
        found = [Side(what, [leap(g, step)[0] for g, step in ways if g]) for what, ways in leaps.items()]
        yield line(f"leap, {name}", limits.LEAP, found)


def _clip_lines(folder: Path) -> Iterator[str]:
    """The real clip's woman throws her head from one side to the other and back: quicker than anybody who is asked to turn."""
    if not (folder / QUICK_CLIP).is_file():
        return
    sights = sights_of(Observer(), [jpeg_of(p, n) for n, p in enumerate(clip_pictures(folder / QUICK_CLIP))])
    # She does not rest at the front long enough for a baseline: the one frame that is most frontal serves.
    front = min(sights, key=lambda sight: abs(sight.pose.yaw))
    own = Baseline(front, front.pose.yaw, front.pose.pitch, front.smile, front.eyes_apart, front.embedding)
    for every in (2, 3, 4):
        leaps = []
        for action, sweep in ((Action.LEFT, sights[:_THERE]), (Action.RIGHT, sights[_THERE - 2 :])):
            films = [sweep[first::every] for first in range(every)]
            leaps += [leap(gone, film)[0] for film in films if (gone := way(action, own, film))]
        yield line(f"leap, {every * _CLIP_MS} ms", limits.LEAP, [Side("real clip, from the other side", leaps)])


def _passive_lines(portraits: Sequence[Portrait]) -> Iterator[str]:
    detector, observer = ReplayDetector(), Observer()
    screens = np.random.default_rng(7)
    pictures = [portrait.pixels for portrait in portraits]
    shown = [Screen.any(screens, (p.shape[0], p.shape[1])).show(p, screens) for p in pictures]
    sides = {"people": pictures, "simulated screens": shown}
    looks = {name: sights_of(observer, [jpeg_of(p, n) for n, p in enumerate(seen)]) for name, seen in sides.items()}
    scores = [Side(name, [detector.score(sight.around) for sight in seen]) for name, seen in looks.items()]
    yield line("replay, log-odds", (threshold("replay", "reject"), threshold("replay", "accept")), scores)
