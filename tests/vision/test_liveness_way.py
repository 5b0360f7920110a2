"""The way to an action: a head passes through what lies between, stills leap."""

from dataclasses import replace

import numpy as np
import pytest
from sights import AIMS, shown, sight

from services.domain.liveness import Action
from services.domain.verdicts import CaptureFault, LivenessFault, LivenessVerdict
from services.vision import liveness_limits as limits
from services.vision.liveness_baseline import Baseline, baseline
from services.vision.liveness_sight import Sight
from services.vision.liveness_way import leap, way, way_fault

pytestmark = pytest.mark.models

FRONT, LEFT, RIGHT, SMILE, UP, NEARER = Action
FOLLOWED = [LEFT, RIGHT, UP, NEARER]


@pytest.fixture
def own() -> Baseline:
    found = baseline(shown(FRONT, step=0))
    assert found is not None
    return found


def stills(*actions: Action, each: int = 3, pause_ms: int = 250) -> list[Sight]:
    """One still of each action, held for a while by a hand."""
    stills_of = [sight(**AIMS.get(action, {}), step=1) for action in actions for _ in range(each)]  # type: ignore[arg-type]  # only floats
    held = [moved_by_hand(frame, number) for number, frame in enumerate(stills_of)]
    return [replace(frame, captured_ms=pause_ms * n) for n, frame in enumerate(held)]


def moved_by_hand(frame: Sight, number: int) -> Sight:
    """The same face, shifted, turned in the picture and a little scaled."""
    angle = np.radians(0.5 * number)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    moved = (frame.landmarks @ turn.T) * (1 + 0.004 * (number % 3)) + np.array([3.0 * (number % 4), 2.0, 0])
    return replace(frame, landmarks=moved.astype(np.float32))


def paced(frames: list[Sight]) -> list[Sight]:
    return [replace(frame, captured_ms=250 * number) for number, frame in enumerate(frames)]


def refused(action: Action) -> LivenessVerdict:
    return LivenessVerdict(fault=LivenessFault.ACTION_NOT_SEEN, action=action.value)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("before", [FRONT, LEFT, RIGHT, UP])
def test_who_moves_there_has_gone_the_way(action: Action, before: Action, own: Baseline) -> None:
    frames = [*shown(before)[::-1], *shown(action)] if before is not action else shown(action)
    assert way_fault(action, own, paced(frames)) is None


@pytest.mark.parametrize("action", FOLLOWED)
def test_a_still_after_the_fronts_still_is_a_leap(action: Action, own: Baseline) -> None:
    assert refused(action) == way_fault(action, own, stills(FRONT, action))


@pytest.mark.parametrize("action", FOLLOWED)
@pytest.mark.parametrize("before", [LEFT, RIGHT, UP, NEARER])
def test_a_still_of_the_action_before_does_not_shorten_the_leap(action: Action, before: Action, own: Baseline) -> None:
    if before is not action:
        assert refused(action) == way_fault(action, own, stills(before, FRONT, action))


@pytest.mark.parametrize("action", FOLLOWED)
def test_a_still_of_the_action_from_the_first_frame_on_has_gone_no_way(action: Action, own: Baseline) -> None:
    assert refused(action) == way_fault(action, own, stills(action, each=8))


@pytest.mark.parametrize(("action", "tilt"), [(LEFT, {"yaw": 40.0}), (RIGHT, {"yaw": -40.0}), (UP, {"pitch": 35.0})])
def test_the_fronts_still_turned_or_tilted_has_not_left_the_front(
    action: Action, tilt: dict[str, float], own: Baseline
) -> None:
    tilted = sight(**tilt, step=1, flat=True)  # type: ignore[arg-type]  # only floats
    assert refused(action) == way_fault(action, own, paced([*stills(FRONT), tilted, *stills(action)]))


@pytest.mark.parametrize(("action", "further"), [(LEFT, {"yaw": 40.0}), (UP, {"pitch": 30.0}), (NEARER, {"near": 1.8})])
def test_a_single_frame_that_goes_further_does_not_lengthen_the_way(
    action: Action, further: dict[str, float], own: Baseline
) -> None:
    last = sight(**further, step=1)  # type: ignore[arg-type]  # only floats
    assert refused(action) == way_fault(action, own, paced([*stills(FRONT, action), last]))


@pytest.mark.parametrize("action", FOLLOWED)
def test_a_leap_while_the_camera_stood_still_is_not_judged(action: Action, own: Baseline) -> None:
    found = way_fault(action, own, stills(FRONT, action, pause_ms=limits.LEAP_JUDGED_MS + 1))
    assert LivenessVerdict(capture_fault=CaptureFault.FRAMES_MISSING) == found


def test_a_sweep_from_the_other_side_is_measured_from_the_front(own: Baseline) -> None:
    """From 28 degrees right to 28 left in 0.8 s, a frame each 240 ms."""
    part = np.clip(np.arange(-1, 6) * 0.3, 0, 1)
    yaw = -28 + 56 * (10 * part**3 - 15 * part**4 + 6 * part**5)
    frames = [sight(yaw=float(angle), step=1, number=n) for n, angle in enumerate(yaw)]
    gone = way(LEFT, own, frames)
    assert min(gone) < -0.7
    assert leap(gone, frames)[0] < limits.LEAP


def test_a_smile_has_no_way_that_can_be_followed(own: Baseline) -> None:
    assert [] == way(SMILE, own, shown(SMILE))
