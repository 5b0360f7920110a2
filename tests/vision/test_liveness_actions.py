"""Which frames show an action: made-up sights of a head with true geometry."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from sights import NEUTRAL, OTHER, shown, sight

from services.domain.liveness import MOVES, Action
from services.domain.verdicts import LivenessFault
from services.vision.liveness_actions import action_fault
from services.vision.liveness_baseline import Baseline, baseline

pytestmark = pytest.mark.models

FRONT, LEFT, RIGHT, SMILE, UP, NEARER = Action
NOT_SEEN = LivenessFault.ACTION_NOT_SEEN


@pytest.fixture
def own() -> Baseline:
    found = baseline(shown(FRONT, step=0))
    assert found is not None
    return found


@pytest.mark.parametrize("action", list(Action))
def test_a_step_that_shows_its_action_passes(action: Action, own: Baseline) -> None:
    assert action_fault(action, FRONT, own, shown(action)) is None


# Who smiles at the camera still looks ahead, so that pair is left out.
@pytest.mark.parametrize(("asked", "seen"), sorted(set(permutations(Action, 2)) - {(FRONT, SMILE)}))
def test_a_step_that_shows_another_action_fails(asked: Action, seen: Action, own: Baseline) -> None:
    assert NOT_SEEN == action_fault(asked, FRONT, own, shown(seen))


# A smile beside it is forgiven, and who leans to the camera sees it at another angle: those pairs are left out.
@pytest.mark.parametrize(
    ("asked", "first"), [pair for pair in permutations(MOVES, 2) if pair[1] is not SMILE and pair != (NEARER, UP)]
)
def test_another_movement_before_the_asked_action_fails(asked: Action, first: Action, own: Baseline) -> None:
    frames = [*shown(first), *shown(asked)]
    assert NOT_SEEN == action_fault(asked, FRONT, own, frames)


@pytest.mark.parametrize(("asked", "before"), list(permutations(MOVES, 2)))
def test_the_way_back_from_the_action_before_is_passed_over(asked: Action, before: Action, own: Baseline) -> None:
    frames = [*shown(before)[-2:], *shown(asked)]
    assert action_fault(asked, before, own, frames) is None


@pytest.mark.parametrize("asked", [LEFT, RIGHT, SMILE, UP])
def test_who_stays_near_after_coming_nearer_may_go_on(asked: Action, own: Baseline) -> None:
    frames = [replace(s, landmarks=s.landmarks * np.float32(1.3)) for s in shown(asked)]
    assert action_fault(asked, NEARER, own, frames) is None


def test_a_step_that_repeats_the_action_before_in_its_middle_fails(own: Baseline) -> None:
    frames = [*shown(FRONT), *shown(LEFT), *shown(RIGHT)]
    assert NOT_SEEN == action_fault(RIGHT, LEFT, own, frames)


@pytest.mark.parametrize("action", MOVES)
def test_two_frames_of_the_action_are_too_few(action: Action, own: Baseline) -> None:
    assert NOT_SEEN == action_fault(action, FRONT, own, [*shown(FRONT)[:3], *shown(action)[-2:]])


@pytest.mark.parametrize(("action", "look"), [(LEFT, {"yaw": 50.0}), (UP, {"pitch": 35.0})])
def test_a_movement_beyond_what_can_be_judged_does_not_count(
    action: Action, look: dict[str, float], own: Baseline
) -> None:
    far = [sight(**look, step=1, number=i) for i in range(8)]  # type: ignore[arg-type]  # only floats
    assert NOT_SEEN == action_fault(action, FRONT, own, far)


@pytest.mark.parametrize("action", [LEFT, RIGHT, UP, NEARER])
def test_a_movement_without_depth_is_flat(action: Action) -> None:
    own = baseline(shown(FRONT, step=0, flat=True))
    assert own is not None
    assert action_fault(action, FRONT, own, shown(action, flat=True)) == LivenessFault.FLAT


def test_parallax_is_not_multiplied_by_coming_nearer(own: Baseline) -> None:
    """A residual of two thirds of what is needed, at half the distance, is still two thirds."""
    frames = []
    for frame in shown(LEFT):
        flatter = frame.landmarks.copy()
        flatter[:, :2] = 0.35 * flatter[:, :2] + 0.65 * own.sight.landmarks[:, :2]
        frames.append(replace(frame, landmarks=flatter * np.float32(2)))
    assert action_fault(LEFT, NEARER, own, frames) == LivenessFault.FLAT


def test_a_turn_that_the_mesh_hardly_believes_is_flat(own: Baseline) -> None:
    frames = [replace(frame, presence=5.0) for frame in shown(LEFT)]
    assert action_fault(LEFT, FRONT, own, frames) == LivenessFault.FLAT


def test_a_turn_that_is_too_narrow_is_flat(own: Baseline) -> None:
    squeezed = [replace(f, landmarks=f.landmarks * np.array([0.8, 1, 1], dtype=np.float32)) for f in shown(LEFT)]
    assert action_fault(LEFT, FRONT, own, squeezed) == LivenessFault.FLAT


def test_who_smiles_from_the_beginning_has_no_rise() -> None:
    smiling = baseline([replace(frame, smile=NEUTRAL + 0.2) for frame in shown(FRONT, step=0)])
    assert smiling is not None
    assert NOT_SEEN == action_fault(SMILE, FRONT, smiling, shown(SMILE))


def test_who_sits_nearer_from_the_steps_beginning_has_not_come_nearer(own: Baseline) -> None:
    near = [sight(near=1.35, step=1, number=i) for i in range(8)]
    assert NOT_SEEN == action_fault(NEARER, FRONT, own, near)


def test_there_is_no_baseline_for_who_turns_in_the_front_step() -> None:
    assert baseline(shown(LEFT, step=0, count=12)[:9]) is None


def test_there_is_no_baseline_for_who_never_faces_the_camera() -> None:
    assert baseline([sight(yaw=35.0, number=i) for i in range(8)]) is None


@pytest.mark.parametrize("action", list(Action))
def test_the_action_counts_only_with_the_own_face(action: Action, own: Baseline) -> None:
    frames = [replace(frame, embedding=OTHER) for frame in shown(action)]
    assert action_fault(action, FRONT, own, frames) == LivenessFault.FACE_CHANGED


def test_the_own_face_and_the_solid_head_must_be_in_the_same_frames(own: Baseline) -> None:
    """Three flat frames of the right person beside three of somebody who turns."""
    turned = shown(LEFT, count=12)[-6:]
    frames = [replace(f, presence=5.0) if n < 3 else replace(f, embedding=OTHER) for n, f in enumerate(turned)]
    assert action_fault(LEFT, FRONT, own, frames) == LivenessFault.FLAT
