"""Attacks with paper: a still photo, moved, tilted, bent, with holes for living eyes, with a hole for a living mouth."""

from collections.abc import Callable
from typing import Final

from services.domain.liveness import Action, LiveFrame
from services.rehearsal.attack_camera import Hand
from services.rehearsal.attack_scene import Acted, Scene, delivered
from services.rehearsal.attack_sheet import STEEPEST_DEG, Sheet, imitating, printed_of, seen
from services.rehearsal.attack_surface import Gaze, printed, through_eye_holes, through_mouth_hole
from services.vision.image import Pixels

_WAY: Final = (0.1, 0.5, 0.85, 0.95, 1.0)  # how far each frame of an action is on its way
_FRONT_FRAMES: Final = 6
_LEAST_DEG: Final = 20.0
_ARCS_DEG: Final = (-120.0, -75.0, -40.0, 40.0, 75.0, 120.0)
_NEARNESS: Final = (1.25, 1.9)
_BLINKS: Final = 0.2  # of the frames

Paper = Callable[[Action, float], Pixels]


def still(scene: Scene) -> list[LiveFrame]:
    """One photo, not moved at all: only the sensor's noise and the encoder differ."""
    photo = scene.victim.still
    return delivered([[photo] * _frames(action) for action in scene.asked], scene.chance)


def moved(scene: Scene) -> list[LiveFrame]:
    """One photo, moved in its plane as far as the action would move a face, and brought nearer."""
    reach, nearness = scene.between(0, 70), scene.between(*_NEARNESS)
    ends = {
        Action.LEFT: Sheet(right=reach),
        Action.RIGHT: Sheet(right=-reach),
        Action.UP: Sheet(down=-reach),
        Action.NEARER: Sheet(scale=nearness),
    }
    return _held(scene, lambda _, __: scene.victim.still, lambda action: ends.get(action, Sheet()))


def tilted(scene: Scene) -> list[LiveFrame]:
    """Two photos, neutral and smiling, turned and tilted by up to 65 degrees as each action asks."""
    return _held(scene, lambda action, _: printed_of(scene.victim, action), _turning(scene, 0.0))


def bent(scene: Scene) -> list[LiveFrame]:
    """The same, bent into an arc of a cylinder either way."""
    arc = _ARCS_DEG[scene.one_of(len(_ARCS_DEG))]
    return _held(scene, lambda action, _: printed_of(scene.victim, action), _turning(scene, arc))


def eye_holes(scene: Scene) -> list[LiveFrame]:
    """A print with the attacker's own blinking, moving eyes in it, turned and bent a little. Simulated."""
    papers = _papers(scene)

    def paper(action: Action, turned: float) -> Pixels:
        closed = float(scene.chance.uniform(0.5, 1.0)) if scene.chance.uniform() < _BLINKS else 0.0
        gaze = Gaze(closed, float(scene.chance.normal(0, 2.5)), turned)
        return through_eye_holes(papers[action], scene.victim, scene.other, gaze)

    return _held(scene, paper, _turning(scene, scene.between(-60, 60)))


def mouth_hole(scene: Scene) -> list[LiveFrame]:
    """A print with a hole through which the attacker smiles, when a smile is asked for. Simulated."""
    neutral = printed(scene.victim.still, scene.chance)
    smiling = through_mouth_hole(neutral, scene.victim, scene.other)

    def paper(action: Action, _: float) -> Pixels:
        return smiling if action is Action.SMILE else neutral

    return _held(scene, paper, _turning(scene, scene.between(-60, 60)))


def _papers(scene: Scene) -> dict[Action, Pixels]:
    return {action: printed(printed_of(scene.victim, action), scene.chance) for action in scene.asked}


def _turning(scene: Scene, arc: float) -> Callable[[Action], Sheet]:
    steepness, nearness = scene.between(_LEAST_DEG, STEEPEST_DEG), scene.between(*_NEARNESS)
    return lambda action: imitating(action, steepness_deg=steepness, arc=arc, nearness=nearness)


def _held(scene: Scene, paper: Paper, end: Callable[[Action], Sheet]) -> list[LiveFrame]:
    """Each step's frames: the sheet on its way to how the action wants it held, in a hand that is never still."""
    hand = Hand(scene.chance)
    steps: Acted = []
    for action in scene.asked:
        way = (0.0,) * _FRONT_FRAMES if action is Action.FRONT else _WAY
        sheets = [end(action).partly(part) for part in way]
        pictures = [seen(paper(action, sheet.turn / STEEPEST_DEG), sheet) for sheet in sheets]
        steps.append([hand.hold(picture) for picture in pictures])
    return delivered(steps, scene.chance)


def _frames(action: Action) -> int:
    return _FRONT_FRAMES if action is Action.FRONT else len(_WAY)
