"""The rules of liveness over made-up sights: no network, no image."""

from dataclasses import replace
from itertools import pairwise, permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.liveness import Action, LiveFrame, LivenessChallenge, Step
from services.domain.verdicts import CaptureFault, LivenessFault
from services.vision import liveness_rules as rules
from services.vision.liveness_sight import Blind, Sight
from services.vision.mesh import Points, Pose

FRONT, LEFT, RIGHT, SMILE = Action
SAME_FACE = 0.40
NEUTRAL = 0.4
HEAD = np.random.default_rng(1).uniform(-1, 1, (468, 3)) * [60, 80, 40]  # any solid cloud of points serves as a head
HEAD[[33, 263]] = [[-45, -30, 10], [45, -30, 10]]
HEAD[[168, 152]] = [[0, -30, 20], [0, 90, 20]]
SELF, OTHER = np.eye(128, dtype=np.float32)[:2]


def landmarks(yaw: float, *, flat: bool = False, tremor: float = 0.0) -> Points:
    turn = np.radians(yaw)
    depth = 0 if flat else HEAD[:, 2] * np.sin(turn)
    across = HEAD[:, 0] * np.cos(turn) + depth + tremor
    return np.column_stack([across + 240, HEAD[:, 1] + 320, HEAD[:, 2] - HEAD[:, 0] * np.sin(turn)]).astype(np.float32)


def sight(yaw: float = 0.0, *, step: int = 0, number: int = 0, smiling: bool = False, flat: bool = False) -> Sight:
    return Sight(
        step=step,
        digest=bytes([step, number]),
        landmarks=landmarks(yaw, flat=flat, tremor=(number % 5) * 0.7),
        presence=25.0,
        pose=Pose(yaw + 2.0, -8.0, 0.5),  # a camera below and beside: the baseline has to take it away
        smile=NEUTRAL + 0.2 * smiling,
        sharpness=400.0,
        embedding=SELF,
        aligned=np.zeros((112, 112, 3), dtype=np.uint8),
        around=np.zeros((128, 128, 3), dtype=np.uint8),
    )


def shown(action: Action, step: int = 1, count: int = 8) -> list[Sight]:
    """A person's frames of one step: front first, then into the action."""
    part = np.clip((np.arange(count) - 1) / 3, 0, 1)
    turn = {LEFT: 28.0, RIGHT: -28.0}.get(action, 0.0)
    return [
        sight(turn * p, step=step, number=i, smiling=action is SMILE and p > 0.5) for i, p in enumerate(part.tolist())
    ]


@pytest.fixture
def own() -> rules.Baseline:
    found = rules.baseline(shown(FRONT, step=0))
    assert found is not None
    return found


def challenge(*actions: Action) -> LivenessChallenge:
    return LivenessChallenge(tuple(Step(action, str(number)) for number, action in enumerate(actions)))


@pytest.mark.parametrize("action", list(Action))
def test_a_step_that_shows_its_action_passes(action: Action, own: rules.Baseline) -> None:
    assert rules.action_fault(action, FRONT, own, shown(action)) is None


# Who smiles at the camera still looks ahead, so that pair is left out.
@pytest.mark.parametrize(("asked", "seen"), sorted(set(permutations(Action, 2)) - {(FRONT, SMILE)}))
def test_a_step_that_shows_another_action_fails(asked: Action, seen: Action, own: rules.Baseline) -> None:
    assert rules.action_fault(asked, FRONT, own, shown(seen)) == LivenessFault.ACTION_NOT_SEEN


@pytest.mark.parametrize(("asked", "first"), [(LEFT, RIGHT), (RIGHT, LEFT), (SMILE, LEFT), (SMILE, RIGHT)])
def test_another_turn_before_the_asked_action_fails(asked: Action, first: Action, own: rules.Baseline) -> None:
    frames = [*shown(first), *shown(asked)]
    assert rules.action_fault(asked, FRONT, own, frames) == LivenessFault.ACTION_NOT_SEEN


@pytest.mark.parametrize(("asked", "first"), [(LEFT, RIGHT), (RIGHT, LEFT), (SMILE, LEFT), (SMILE, RIGHT)])
def test_the_way_back_from_the_action_before_is_passed_over(asked: Action, first: Action, own: rules.Baseline) -> None:
    frames = [*shown(first)[-3:], *shown(asked)]
    assert rules.action_fault(asked, first, own, frames) is None


def test_a_step_that_repeats_the_action_before_in_its_middle_fails(own: rules.Baseline) -> None:
    frames = [*shown(FRONT), *shown(LEFT), *shown(RIGHT)]
    assert rules.action_fault(RIGHT, LEFT, own, frames) == LivenessFault.ACTION_NOT_SEEN


def test_two_frames_of_the_turn_are_too_few(own: rules.Baseline) -> None:
    assert rules.action_fault(LEFT, FRONT, own, shown(LEFT)[:5]) == LivenessFault.ACTION_NOT_SEEN


def test_a_turn_beyond_what_can_be_judged_does_not_count(own: rules.Baseline) -> None:
    far = [sight(50.0, step=1, number=i) for i in range(8)]
    assert rules.action_fault(LEFT, FRONT, own, far) == LivenessFault.ACTION_NOT_SEEN


def test_a_turn_without_parallax_is_flat(own: rules.Baseline) -> None:
    frames = [*shown(FRONT)[:2], *(sight(28.0, step=1, number=i, flat=True) for i in range(6))]
    assert rules.action_fault(LEFT, FRONT, own, frames) == LivenessFault.FLAT


def test_a_turn_that_the_mesh_hardly_believes_is_flat(own: rules.Baseline) -> None:
    frames = [replace(frame, presence=5.0) for frame in shown(LEFT)]
    assert rules.action_fault(LEFT, FRONT, own, frames) == LivenessFault.FLAT


def test_a_turn_that_is_too_narrow_is_flat(own: rules.Baseline) -> None:
    squeezed = [replace(f, landmarks=f.landmarks * np.array([0.8, 1, 1], dtype=np.float32)) for f in shown(LEFT)]
    assert rules.action_fault(LEFT, FRONT, own, squeezed) == LivenessFault.FLAT


def test_who_smiles_from_the_beginning_has_no_rise() -> None:
    smiling = rules.baseline([replace(frame, smile=NEUTRAL + 0.2) for frame in shown(FRONT, step=0)])
    assert smiling is not None
    assert rules.action_fault(SMILE, FRONT, smiling, shown(SMILE)) == LivenessFault.ACTION_NOT_SEEN


def test_there_is_no_baseline_for_who_turns_in_the_front_step() -> None:
    assert rules.baseline(shown(LEFT, step=0, count=12)[:9]) is None


def test_there_is_no_baseline_for_who_never_faces_the_camera() -> None:
    assert rules.baseline([sight(35.0, number=i) for i in range(8)]) is None


def test_another_face_for_two_frames_is_noticed(own: rules.Baseline) -> None:
    frames = shown(LEFT)
    similar = np.asarray(0.35 * SELF + np.sqrt(1 - 0.35**2) * OTHER, dtype=np.float32)
    frames[2:4] = [replace(frame, embedding=similar) for frame in frames[2:4]]
    assert rules.face_changed(own, frames, SAME_FACE)


def test_one_frame_just_below_the_limit_is_forgiven(own: rules.Baseline) -> None:
    frames = shown(LEFT)
    similar = np.asarray(0.35 * SELF + np.sqrt(1 - 0.35**2) * OTHER, dtype=np.float32)
    frames[2] = replace(frames[2], embedding=similar)
    assert not rules.face_changed(own, frames, SAME_FACE)


def test_one_frame_of_somebody_else_is_not_forgiven(own: rules.Baseline) -> None:
    frames = shown(LEFT)
    frames[2] = replace(frames[2], embedding=OTHER)
    assert rules.face_changed(own, frames, SAME_FACE)


@pytest.mark.parametrize("change", [lambda p: p + np.array([150, 0, 0]), lambda p: p * 1.7], ids=["place", "size"])
def test_a_face_that_jumps_is_a_splice(change: object, own: rules.Baseline) -> None:
    frames = shown(SMILE)
    frames[4:] = [replace(f, landmarks=change(f.landmarks).astype(np.float32)) for f in frames[4:]]  # type: ignore[operator]
    assert rules.face_changed(own, frames, SAME_FACE)


def test_frames_without_a_living_faces_unrest_are_repeated() -> None:
    still = [replace(sight(number=0, step=1), digest=bytes([i])) for i in range(8)]
    assert rules.repeated(still)
    assert not rules.repeated(shown(FRONT))


def frames_of(*steps: int) -> list[LiveFrame]:
    return [LiveFrame(bytes([number]), step, number * 250) for number, step in enumerate(steps)]


def test_frames_in_order_are_not_tampered_with() -> None:
    assert not rules.tampered(frames_of(0, 0, 1, 1, 2))


@given(st.permutations(range(8)))
def test_frames_out_of_order_are_noticed(order: list[int]) -> None:
    frames = frames_of(0, 0, 1, 1, 2, 2, 3, 3)
    assert rules.tampered([frames[i] for i in order]) == any(a > b for a, b in pairwise(order))


def test_the_same_bytes_twice_are_noticed() -> None:
    frames = frames_of(0, 0, 1, 1)
    assert rules.tampered([*frames[:3], replace(frames[3], jpeg=frames[0].jpeg)])


def looks(blind: dict[int, CaptureFault], count: int = 8) -> list[Sight | Blind]:
    return [Blind(0, bytes([i]), blind[i]) if i in blind else sight(number=i) for i in range(count)]


def test_enough_usable_frames_are_judged() -> None:
    assert rules.capture_fault(challenge(FRONT), looks({0: CaptureFault.BLURRED})) is None


def test_the_commonest_fault_is_told() -> None:
    faults = {0: CaptureFault.BLURRED, 1: CaptureFault.TOO_DARK, 2: CaptureFault.TOO_DARK, 3: CaptureFault.NO_FACE}
    assert rules.capture_fault(challenge(FRONT), looks(faults)) == CaptureFault.TOO_DARK


def test_a_step_without_frames_has_too_few() -> None:
    assert rules.capture_fault(challenge(FRONT, LEFT), looks({})) == CaptureFault.TOO_FEW_FRAMES


def test_a_swap_cannot_hide_among_unusable_frames() -> None:
    faults = dict.fromkeys(range(6), CaptureFault.NO_FACE)
    assert rules.capture_fault(challenge(FRONT), looks(faults, count=14)) == CaptureFault.NO_FACE


def test_the_frames_for_the_match_are_frontal_and_best_first(own: rules.Baseline) -> None:
    turns = [12.0, 0.0, 30.0, 5.0]
    seen = [sight(turn, number=i) for i, turn in enumerate(turns)]
    assert rules.frontal(own, seen, SAME_FACE) == (1, 3, 0)


@pytest.mark.parametrize(
    ("score", "fault", "capture"),
    [
        (-3.0, LivenessFault.REPLAY, None),
        (-2.0, None, CaptureFault.TOO_DARK),
        (0.0, None, None),
    ],
)
def test_the_passive_check_decides_by_the_median(
    score: float, fault: LivenessFault | None, capture: CaptureFault | None
) -> None:
    scores = [score] * 7 + [-9.0, 9.0]
    Random(1).shuffle(scores)
    verdict = rules.replay_verdict(scores, (1, 2), reject=-2.5, accept=-1.0)
    assert (verdict.fault, verdict.capture_fault) == (fault, capture)


def test_the_passive_check_needs_eight_frontal_frames() -> None:
    verdict = rules.replay_verdict([5.0] * 7, (1,), reject=-2.5, accept=-1.0)
    assert verdict.capture_fault == CaptureFault.TOO_FEW_FRAMES
