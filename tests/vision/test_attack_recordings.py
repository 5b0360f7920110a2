"""Attacks with recordings are what they say: told by people whose frames are plain colours."""

from itertools import pairwise

import numpy as np
import pytest
from attack_builders import BLUE_OF_OTHER, BLUE_OF_VICTIM, plain_scene, told

from services.domain.liveness import Action
from services.rehearsal import attack_recordings as recordings
from services.rehearsal.attack_camera import develop
from services.rehearsal.attack_people import FILM
from services.rehearsal.attack_species import KINDS, Species
from services.vision.image import decode_picture

SEEDS = range(4)


@pytest.mark.parametrize("species", [Species.TILTED, Species.SCREEN_WRONG_ORDER, Species.SWAPPED], ids=str)
def test_the_same_seed_gives_the_same_frames(species: Species) -> None:
    draw = KINDS[species].draw
    first, again, other = (draw(plain_scene(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("species", [Species.BENT, Species.TWO_PEOPLE, Species.DROPPED, Species.SLOWED], ids=str)
def test_an_attempt_has_a_page_s_few_frames_of_every_step(species: Species) -> None:
    frames = KINDS[species].draw(plain_scene(3))
    assert {0, 1, 2, 3} == {frame.step for frame in frames}
    assert len(frames) <= 4 * FILM


def test_a_replayed_session_is_the_recorded_order_under_new_steps() -> None:
    scene = plain_scene(1)
    frames = recordings.replayed(scene)
    assert [scene.shown[frame.step] for frame in frames] == [told(frame.jpeg)[1] for frame in frames]


def test_an_injected_rendering_and_an_edited_recording_show_what_is_asked() -> None:
    for draw in (recordings.edited, recordings.injected):
        scene = plain_scene(1)
        frames = draw(scene)
        assert [(scene.asked[f.step], "victim") for f in frames] == [told(f.jpeg)[1:] for f in frames]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_swap_shows_both_people_doing_what_is_asked(seed: int) -> None:
    scene = plain_scene(seed)
    frames = [(f.step, *told(f.jpeg)) for f in recordings.swapped(scene)]
    assert {"victim", "other"} == {whose for *_, whose in frames}
    assert [scene.asked[step] for step, *_ in frames] == [action for _, _, action, _ in frames]
    changes = sum(a[3] != b[3] for a, b in pairwise(frames))
    assert changes in {1, 2}


def test_swaps_come_at_the_boundaries_of_steps_and_within_them() -> None:
    places = set()
    for seed in range(8):
        frames = [(f.step, told(f.jpeg)[2]) for f in recordings.swapped(plain_scene(seed))]
        places |= {b[0] != a[0] for a, b in pairwise(frames) if a[1] != b[1]}
    assert {True, False} == places


def test_two_people_are_in_the_picture() -> None:
    for frame in recordings.two_people(plain_scene(4)):
        blue = decode_picture(frame.jpeg)[320, :, 2]
        assert (abs(blue.astype(int) - BLUE_OF_VICTIM) < 15).sum() > 60
        assert (abs(blue.astype(int) - BLUE_OF_OTHER) < 15).sum() > 60


def test_dropped_frames_are_those_that_show_the_wrong_action_and_times_stay() -> None:
    scene = plain_scene(1)
    frames = recordings.dropped(scene)
    for frame in frames:
        index, action, _ = told(frame.jpeg)
        assert action is scene.asked[frame.step] or index <= 2
    gaps = [b.captured_ms - a.captured_ms for a, b in pairwise(frames)]
    assert max(gaps) > 1000


def test_repeated_frames_are_one_picture_sent_three_times() -> None:
    kinds = set()
    for seed in SEEDS:
        step = [frame for frame in recordings.repeated(plain_scene(seed)) if frame.step == 1]
        assert 1 == len({told(frame.jpeg) for frame in step[2:]})
        kinds.add(len({frame.jpeg for frame in step[2:]}))
    assert {1, 3} == kinds


def test_an_album_has_one_picture_an_action() -> None:
    frames = recordings.album(plain_scene(1))
    assert 4 == len({told(frame.jpeg) for frame in frames})
    assert len(frames) == len({frame.jpeg for frame in frames})


@pytest.mark.parametrize("seed", SEEDS)
def test_reordered_frames_are_not_in_their_order(seed: int) -> None:
    scene = plain_scene(seed)
    frames = recordings.reordered(scene)
    in_time = all(a.captured_ms < b.captured_ms and a.step <= b.step for a, b in pairwise(frames))
    in_order = [scene.asked[frame.step] for frame in frames] == [told(frame.jpeg)[1] for frame in frames]
    assert not (in_time and in_order)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_slowed_recording_lags_behind_what_is_asked(seed: int) -> None:
    frames = recordings.slowed(plain_scene(seed))
    assert {Action.FRONT} == {told(frame.jpeg)[1] for frame in frames if frame.step == 1} - {Action.LEFT}
    assert Action.SMILE not in {told(frame.jpeg)[1] for frame in frames}


def test_somebody_else_s_card_comes_with_the_other_person_only() -> None:
    assert {"other"} == {told(frame.jpeg)[2] for frame in recordings.other_card(plain_scene(1))}


def test_a_camera_delivers_the_same_picture_with_other_noise() -> None:
    picture, chance = np.full((640, 480, 3), 120, np.uint8), np.random.default_rng(1)
    one, two = develop(picture, chance), develop(picture, chance)
    assert one != two
    assert 120 == pytest.approx(decode_picture(one).mean(), abs=4)
