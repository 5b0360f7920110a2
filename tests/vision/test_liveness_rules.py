"""The rules over all frames together, over made-up sights: no network, no image."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from sights import OTHER, SELF, challenge, shown, sight

from services.domain.liveness import Action
from services.domain.verdicts import CaptureFault, LivenessFault
from services.vision import liveness_rules as rules
from services.vision.liveness_baseline import Baseline, baseline
from services.vision.liveness_sight import Blind, Sight

pytestmark = pytest.mark.models

FRONT, LEFT, RIGHT, SMILE, UP, NEARER = Action


@pytest.fixture
def own() -> Baseline:
    found = baseline(shown(FRONT, step=0))
    assert found is not None
    return found


def test_another_face_for_two_frames_is_noticed(own: Baseline) -> None:
    frames = shown(LEFT)
    similar = np.asarray(0.35 * SELF + np.sqrt(1 - 0.35**2) * OTHER, dtype=np.float32)
    frames[2:4] = [replace(frame, embedding=similar) for frame in frames[2:4]]
    assert rules.face_changed(own, frames)


@pytest.mark.parametrize(
    ("look", "alike"), [({"pitch": 25.0}, 0.35), ({"pitch": 5.0}, 0.52)], ids=["raised", "a double, ahead"]
)
def test_another_face_is_noticed_at_every_angle_that_is_judged(
    look: dict[str, float], alike: float, own: Baseline
) -> None:
    face = np.asarray(alike * SELF + np.sqrt(1 - alike**2) * OTHER, dtype=np.float32)
    frames = [replace(sight(**look, step=1, number=i), embedding=face) for i in range(2)]  # type: ignore[arg-type]  # floats
    assert rules.face_changed(own, frames)


def test_who_looks_down_is_not_somebody_else(own: Baseline) -> None:
    face = np.asarray(0.4 * SELF + np.sqrt(1 - 0.4**2) * OTHER, dtype=np.float32)
    assert not rules.face_changed(own, [replace(sight(pitch=-25.0, number=i), embedding=face) for i in range(3)])


def test_one_frame_just_below_the_limit_is_forgiven(own: Baseline) -> None:
    frames = shown(LEFT)
    similar = np.asarray(0.52 * SELF + np.sqrt(1 - 0.52**2) * OTHER, dtype=np.float32)
    frames[2] = replace(frames[2], embedding=similar)
    assert not rules.face_changed(own, frames)


@pytest.mark.parametrize("action", list(Action))
def test_one_frame_of_somebody_else_is_not_forgiven(action: Action, own: Baseline) -> None:
    frames = shown(action)
    frames[2] = replace(frames[2], embedding=OTHER)
    assert rules.face_changed(own, frames)


def test_a_single_last_frame_of_somebody_else_is_noticed(own: Baseline) -> None:
    face = np.asarray(0.3 * SELF + np.sqrt(1 - 0.3**2) * OTHER, dtype=np.float32)
    frames = shown(NEARER)
    assert rules.face_changed(own, [*frames[:-1], replace(frames[-1], embedding=face)])


def test_two_people_who_share_the_front_step_are_noticed() -> None:
    """Both resemble the mean of the two."""
    front = shown(FRONT, step=0)
    front[:3] = [replace(frame, embedding=OTHER) for frame in front[:3]]
    own = baseline(front)
    assert own is not None
    assert min(own.similarity(frame) for frame in front) > 0.4
    assert rules.face_changed(own, front)


@pytest.mark.parametrize("change", [lambda p: p + np.array([200, 0, 0]), lambda p: p * 1.7], ids=["place", "size"])
def test_a_face_that_jumps_is_a_splice(change: object, own: Baseline) -> None:
    frames = shown(SMILE)
    frames[4:] = [replace(f, landmarks=change(f.landmarks).astype(np.float32)) for f in frames[4:]]  # type: ignore[operator]
    assert rules.face_changed(own, frames)


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


@pytest.mark.parametrize(("last", "fault"), [(NEARER, CaptureFault.TOO_NEAR), (UP, None)])
def test_who_fills_the_picture_is_sent_back_where_coming_nearer_is_asked(
    last: Action, fault: CaptureFault | None
) -> None:
    front = [replace(frame, fills=0.8) for frame in shown(FRONT, step=0)]
    assert rules.capture_fault(challenge(FRONT, last), [*front, *shown(last)]) == fault


def test_the_frames_for_the_match_are_frontal_and_best_first(own: Baseline) -> None:
    seen = [sight(yaw=12.0), sight(), sight(yaw=30.0), sight(yaw=5.0), sight(pitch=18.0)]
    assert rules.frontal(own, seen) == (1, 3, 0)


@pytest.mark.parametrize(
    ("score", "fault", "capture"),
    [
        (-3.0, LivenessFault.REPLAY, None),
        (-2.0, None, CaptureFault.SCREEN_LIKE),
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
