"""Made-up sights: the canonical head seen through a known camera, doing what it is asked. No network, no image."""

import numpy as np

from services.domain.liveness import Action, LivenessChallenge, Step
from services.vision.liveness_sight import Sight
from services.vision.mesh import Points, Pose, canonical_face

NEUTRAL = 0.4
DISTANCE_CM = 45.0
FOCAL = 640.0
SELF, OTHER = np.eye(128, dtype=np.float32)[:2]
AIMS = {
    Action.LEFT: {"yaw": 28.0},
    Action.RIGHT: {"yaw": -28.0},
    Action.UP: {"pitch": 18.0},
    Action.NEARER: {"near": 1.35},
    Action.SMILE: {"smile": 0.2},
}


def landmarks(*, yaw: float = 0.0, pitch: float = 0.0, near: float = 1.0, flat: bool = False) -> Points:
    """The canonical head's landmarks in pixels; flat ones are turned as a picture of it would be."""
    y, p = np.radians([yaw, pitch])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    points = canonical_face().points * np.array([1, 1, 0 if flat else 1])
    turned = points @ (about_y @ about_x).T * np.array([1, -1, 1])
    depth = DISTANCE_CM / near - turned[:, 2]
    seen = turned[:, :2] * FOCAL / depth[:, None] + np.array([240, 320])
    return np.column_stack([seen, -turned[:, 2] * FOCAL * near / DISTANCE_CM]).astype(np.float32)


def sight(
    *,
    yaw: float = 0.0,
    pitch: float = 0.0,
    near: float = 1.0,
    smile: float = 0.0,
    step: int = 0,
    number: int = 0,
    flat: bool = False,
) -> Sight:
    """A frame with this look; the camera is below and beside, which the baseline has to take away."""
    sway = (number % 3 - 1) * 0.8  # nobody holds still
    tremor = np.array([(number % 5) * 0.7, 0, 0], dtype=np.float32)
    return Sight(
        step=step,
        captured_ms=250 * number,
        digest=bytes([step, number]),
        landmarks=landmarks(yaw=yaw + sway, pitch=pitch, near=near, flat=flat) + tremor,
        presence=25.0,
        pose=Pose(yaw + 2.0, pitch - 8.0, 0.5),
        smile=NEUTRAL + smile,
        fills=0.4,
        embedding=SELF,
        around=np.zeros((128, 128, 3), dtype=np.uint8),
        grain=np.full((4, 4), number + 1, dtype=np.uint32),
    )


def shown(action: Action, *, step: int = 1, count: int = 8, flat: bool = False) -> list[Sight]:
    """A person's frames of one step: front first, then into the action, which is held."""
    aim = AIMS.get(action, {})
    parts = np.clip((np.arange(count) - 1) / 3, 0, 1).tolist()
    return [_part(aim, part, step=step, number=number, flat=flat) for number, part in enumerate(parts)]


def _part(aim: dict[str, float], part: float, *, step: int, number: int, flat: bool) -> Sight:
    looks = {name: value * part for name, value in aim.items() if name != "near"}
    near = 1 + (aim.get("near", 1.0) - 1) * part
    return sight(**looks, near=near, step=step, number=number, flat=flat)  # type: ignore[arg-type]  # only floats


def challenge(*actions: Action) -> LivenessChallenge:
    """These actions, with nonces that nobody looks at."""
    return LivenessChallenge(tuple(Step(action, str(number)) for number, action in enumerate(actions)))
