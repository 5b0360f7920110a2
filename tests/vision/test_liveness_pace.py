"""Whether frames are a camera's: order, pace, repetition."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sights import shown, sight

from services.domain.liveness import Action, LiveFrame
from services.domain.verdicts import CaptureFault, LivenessFault, LivenessVerdict
from services.vision import liveness_pace as pace

pytestmark = pytest.mark.models

REPEATED, OUT_OF_TIME = LivenessFault.FRAMES_REPEATED, LivenessFault.FRAMES_OUT_OF_TIME
STOOD_STILL = LivenessVerdict(capture_fault=CaptureFault.FRAMES_MISSING)


def frames_of(*steps: int, pause_ms: int = 250) -> list[LiveFrame]:
    return [LiveFrame(bytes([number]), step, number * pause_ms) for number, step in enumerate(steps)]


def test_frames_in_order_are_a_cameras() -> None:
    frames = frames_of(0, 0, 1, 1, 2)
    assert (pace.frames_fault(frames), pace.pace_fault(frames)) == (None, None)


@given(st.permutations(range(8)))
def test_frames_out_of_order_are_noticed(order: list[int]) -> None:
    frames = frames_of(0, 0, 1, 1, 2, 2, 3, 3)
    found = pace.frames_fault([frames[i] for i in order])
    assert found == (OUT_OF_TIME if any(a > b for a, b in pairwise(order)) else None)


def test_the_same_bytes_twice_are_noticed() -> None:
    frames = frames_of(0, 0, 1, 1)
    assert pace.frames_fault([*frames[:3], replace(frames[3], jpeg=frames[0].jpeg)]) == REPEATED


@pytest.mark.parametrize(
    ("pause_ms", "fault"), [(0, OUT_OF_TIME), (1, OUT_OF_TIME), (99, OUT_OF_TIME), (100, None), (1000, None)]
)
def test_frames_faster_than_the_page_takes_them_are_no_cameras(pause_ms: int, fault: LivenessFault | None) -> None:
    found = pace.frames_fault(frames := frames_of(0, 0, 0, 0, pause_ms=pause_ms)) or _of(pace.pace_fault(frames))
    assert found == fault


def test_a_step_longer_than_its_time_is_no_cameras() -> None:
    assert _of(pace.pace_fault(frames_of(*[0] * 10, pause_ms=900))) == OUT_OF_TIME


def test_who_hurries_after_the_page_stood_still_is_filmed_again_for_nothing() -> None:
    times = [0, 240, 2440, 2455, 2470, 2485, 2500, 2515]
    frames = [replace(frame, captured_ms=at) for frame, at in zip(frames_of(*[0] * 8), times, strict=True)]
    assert (pace.frames_fault(frames), pace.pace_fault(frames)) == (None, STOOD_STILL)


def test_standing_still_does_not_excuse_the_same_bytes_twice() -> None:
    frames = frames_of(0, 0, 0, 0, pause_ms=1500)
    assert pace.frames_fault([*frames[:3], replace(frames[3], jpeg=frames[2].jpeg)]) == REPEATED


def _of(verdict: LivenessVerdict | None) -> LivenessFault | None:
    return verdict and verdict.fault


def test_a_phone_that_catches_up_after_waiting_is_a_camera() -> None:
    times = [0, 300, 1200, 1220, 1240, 1500, 1800, 2100]
    frames = [replace(frame, captured_ms=at) for frame, at in zip(frames_of(*[0] * 8), times, strict=True)]
    assert (pace.frames_fault(frames), pace.pace_fault(frames)) == (None, None)


def test_what_happens_while_the_camera_stands_still_is_not_judged() -> None:
    frames = frames_of(0, 0, 0, 0)
    frames[3] = replace(frames[3], captured_ms=frames[2].captured_ms + 1001)
    assert pace.pace_fault(frames) == STOOD_STILL


def test_the_upload_between_two_steps_is_no_gap() -> None:
    frames = [*frames_of(0, 0, 0), *[replace(f, step=1, captured_ms=f.captured_ms + 5000) for f in frames_of(0, 0, 0)]]
    assert pace.pace_fault(frames) is None


def test_frames_without_a_living_faces_unrest_are_repeated() -> None:
    still = [replace(sight(number=0, step=1), grain=np.full((4, 4), i, dtype=np.uint32)) for i in range(8)]
    assert pace.sights_fault(still) == REPEATED
    assert pace.sights_fault(shown(Action.FRONT)) is None


def test_one_glimpse_sent_three_times_is_repeated() -> None:
    glimpse = shown(Action.LEFT)
    assert pace.still([*glimpse[:-1], glimpse[-1], glimpse[-1], glimpse[-1]])
    assert not pace.still([*glimpse[:-1], glimpse[-1], glimpse[-1]])


def test_a_picture_without_a_sensors_noise_is_repeated() -> None:
    frozen = [replace(s, grain=np.arange(1, 17, dtype=np.uint32).reshape(4, 4)) for s in shown(Action.LEFT)]
    assert pace.sights_fault(frozen) == REPEATED


def test_blocks_without_texture_say_nothing() -> None:
    grain = np.array([[0, 0, 0, 7]], dtype=np.uint32)
    assert (pace.equal_share(grain, grain + np.uint32(0)), pace.equal_share(grain * 0, grain * 0)) == (1.0, 0.0)


@pytest.mark.parametrize("action", list(Action))
def test_a_movement_in_its_order_goes_one_way(action: Action) -> None:
    assert not pace.to_and_fro(shown(action, count=11))


@pytest.mark.parametrize("action", [Action.LEFT, Action.RIGHT, Action.UP])
def test_frames_of_a_movement_in_another_order_go_to_and_fro(action: Action) -> None:
    frames = shown(action)
    assert pace.sights_fault([frames[i] for i in (5, 0, 6, 1, 4, 2, 7, 3)]) == OUT_OF_TIME


@pytest.mark.parametrize(
    ("angles", "count"),
    [([0, 1, -1, 2, 0], 0), ([0, 10, 20, 30, 25, 28], 0), ([-27, 0, 27, 28], 0), ([0, 30, 0, 30, 0], 3)],
)
def test_a_reversal_is_more_than_sway(angles: list[float], count: int) -> None:
    assert pace.reversals(angles) == count
