"""Attacks with paper are geometry first: what a flat sheet can show and what it cannot."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from attack_builders import plain_scene

from services.domain.liveness import Action
from services.rehearsal import attack_prints as prints
from services.rehearsal.attack_people import Subject, people_of
from services.rehearsal.attack_sheet import Sheet, imitating, plane_view, seen
from services.rehearsal.attack_surface import Gaze, Screen, printed, through_eye_holes, through_mouth_hole
from services.vision.image import Pixels, decode_picture

DOTS = np.array([(x, y) for y in range(160, 500, 40) for x in range(120, 380, 40)], dtype=np.float64)


def dotted() -> Pixels:
    """White, each dot with a grey of its own, so that it is known again."""
    picture = np.full((640, 480, 3), 255, np.uint8)
    for number, (x, y) in enumerate(DOTS.astype(int).tolist()):
        cv2.circle(picture, (x, y), 7, (number * 2, 0, 0), -1)
    return picture


def found(view: Pixels) -> dict[int, np.ndarray]:
    """Where each dot is seen; the grey in its middle says which one it is."""
    count, _, stats, centres = cv2.connectedComponentsWithStats((view[..., 1] < 100).astype(np.uint8))
    whole = [n for n in range(1, count) if stats[n, cv2.CC_STAT_AREA] > 30]
    named = {int(view[round(centres[n][1]), round(centres[n][0]), 0]) // 2: centres[n] for n in whole}
    assert len(named) == len(whole)
    return named


def off_a_plane(sheet: Sheet) -> float:
    """The largest distance, in pixels, from what the best homography says."""
    places = found(seen(dotted(), sheet))
    assert len(places) > 20
    on_sheet, in_view = DOTS[list(places)], np.array(list(places.values()))
    plane, _ = cv2.findHomography(on_sheet, in_view)
    moved = cv2.perspectiveTransform(on_sheet[None], plane)[0]
    return float(np.linalg.norm(moved - in_view, axis=1).max())


@pytest.mark.parametrize(
    "sheet", [Sheet(turn=50), Sheet(tilt=-45), Sheet(turn=30, tilt=20), Sheet(scale=1.3, right=20, down=-10)]
)
def test_a_flat_sheet_is_seen_through_a_homography(sheet: Sheet) -> None:
    assert off_a_plane(sheet) < 1.0


@pytest.mark.parametrize("sheet", [Sheet(turn=35, arc=75), Sheet(tilt=-35, arc=-75)])
def test_a_bent_sheet_is_no_plane(sheet: Sheet) -> None:
    assert off_a_plane(sheet) > 3.0


def test_the_plane_s_view_leaves_the_middle_where_it_is() -> None:
    middle = plane_view(Sheet(turn=40, tilt=10), (640, 480)) @ np.array([240, 320, 1])
    assert (240, 320) == pytest.approx(tuple(middle[:2] / middle[2]))


def test_the_sheet_is_held_opposite_ways_for_left_and_right() -> None:
    left, right = (imitating(action, steepness_deg=40, arc=0, nearness=1.5) for action in (Action.LEFT, Action.RIGHT))
    assert (left.turn, left.scale) == (-right.turn, 1.0)
    assert imitating(Action.NEARER, steepness_deg=40, arc=0, nearness=1.5).scale == 1.5


def test_a_still_photo_differs_from_frame_to_frame_by_noise_only() -> None:
    frames = [decode_picture(frame.jpeg).astype(float) for frame in prints.still(plain_scene(1))]
    means = np.array([frame.mean(axis=(0, 1)) for frame in frames])
    assert means.std(axis=0).max() < 3


@pytest.fixture(scope="module")
def portrait() -> Subject:
    return people_of(None, Path(__file__).parents[2] / "var/rehearsal", takes=1).subject("astronaut")


@pytest.mark.models
def test_living_eyes_show_in_their_holes_and_nowhere_else(portrait: Subject) -> None:
    paper = np.full((640, 480, 3), 200, np.uint8)
    view = through_eye_holes(paper, portrait, portrait, Gaze(0.0, 0.0, 0.0))
    changed = (view != paper).any(axis=2)
    assert 0.005 < changed.mean() < 0.03
    rows = np.nonzero(changed)[0]
    assert 230 < rows.min() < rows.max() < 285


@pytest.mark.models
def test_closed_eyes_differ_from_open_ones(portrait: Subject) -> None:
    paper = np.full((640, 480, 3), 200, np.uint8)
    views = [through_eye_holes(paper, portrait, portrait, Gaze(closed, 0.0, 0.0)) for closed in (0.0, 1.0)]
    assert abs(views[0].astype(int) - views[1]).max() > 40


@pytest.mark.models
def test_a_living_mouth_shows_in_its_hole_and_nowhere_else(portrait: Subject) -> None:
    paper = np.full((640, 480, 3), 200, np.uint8)
    changed = (through_mouth_hole(paper, portrait, portrait) != paper).any(axis=2)
    assert 0.005 < changed.mean() < 0.05
    assert np.nonzero(changed)[0].min() > 300


def test_paper_has_less_contrast_than_what_is_printed_on_it() -> None:
    picture = np.tile(np.linspace(0, 255, 480)[None, :, None], (640, 1, 3)).astype(np.uint8)
    assert printed(picture, np.random.default_rng(1)).std() < 0.85 * picture.std()


def test_a_screen_has_no_black_and_flickers_between_frames() -> None:
    chance = np.random.default_rng(1)
    screen = Screen.any(chance, (640, 480))
    dark = np.full((640, 480, 3), 90, np.uint8)
    one, two = screen.show(dark, chance), screen.show(dark, chance)
    assert screen.show(np.zeros_like(dark), chance)[200:400, 150:330].mean() > 4
    assert abs(one.astype(int) - two).max() > 5
