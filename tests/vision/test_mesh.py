"""The face mesh's geometry, checked on the canonical head seen through a known camera."""

import cv2
import numpy as np
import pytest

from services.vision.mesh import (
    CHIN,
    LANDMARKS,
    NOSE_TIP,
    Points,
    canonical_face,
    eye_distance,
    five_points,
    narrowing,
    parallax,
    pose,
    smile,
)

pytestmark = pytest.mark.models

SIZE = (640, 480)
DISTANCE_CM = 45.0


def seen(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> Points:
    """The canonical head through a pinhole camera; angles as `mesh.Pose` has them."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    # x to the person's left is the picture's right; y goes down in pictures, roll is counted there.
    turned = canonical_face().points @ (about_y @ about_x).T * np.array([1, -1, 1]) @ about_z.T
    depth = DISTANCE_CM - turned[:, 2]
    focal = max(SIZE)
    flat = turned[:, :2] * focal / depth[:, None] + np.array([SIZE[1] / 2, SIZE[0] / 2])
    return np.column_stack([flat, -turned[:, 2] * focal / DISTANCE_CM]).astype(np.float32)


def test_the_canonical_face_has_every_landmark_and_is_closed_by_triangles() -> None:
    face = canonical_face()
    assert face.points.shape == (LANDMARKS, 3)
    assert set(face.triangles.ravel().tolist()) == set(range(LANDMARKS))


@pytest.mark.parametrize("yaw", [-40, -20, 0, 20, 40])
def test_the_pose_is_found_again(yaw: float) -> None:
    found = pose(seen(yaw=yaw), SIZE)
    assert (found.yaw, found.pitch, found.roll) == pytest.approx((yaw, 0, 0), abs=0.5)


def test_a_turn_to_the_persons_own_left_moves_the_nose_to_the_pictures_right() -> None:
    assert seen(yaw=25)[NOSE_TIP, 0] > seen()[NOSE_TIP, 0]
    assert pose(seen(yaw=25), SIZE).yaw > 20


def test_looking_up_is_a_positive_pitch() -> None:
    up = seen(pitch=15)
    assert up[NOSE_TIP, 1] < seen()[NOSE_TIP, 1]
    assert pose(up, SIZE).pitch == pytest.approx(15, abs=0.5)


def test_a_turned_head_has_parallax_and_a_tilted_picture_of_it_has_none() -> None:
    plane = np.array([[0.8, 0.02, 30], [-0.05, 1.0, 10], [-4e-4, 1e-5, 1]])
    tilted = seen().copy()
    tilted[:, :2] = cv2.perspectiveTransform(tilted[None, :, :2].astype(np.float64), plane)[0]
    assert parallax(seen(), seen(yaw=25)) > 0.085
    assert parallax(seen(), tilted) < 0.001


def test_a_head_narrows_with_the_cosine_of_its_turn() -> None:
    assert narrowing(seen(), seen(yaw=30)) == pytest.approx(np.cos(np.radians(30)), abs=0.06)


def test_eye_distance_holds_for_a_turned_head() -> None:
    assert eye_distance(seen(yaw=30)) == pytest.approx(eye_distance(seen()), rel=0.05)


def test_mouth_corners_drawn_outwards_and_up_are_a_smile() -> None:
    smiling = seen()
    smiling[[61, 291], :2] += np.array([[-8, -6], [8, -6]])
    assert smile(smiling) > smile(seen()) + 0.05


def test_the_five_points_are_right_eye_left_eye_nose_and_mouth_corners() -> None:
    right, left, nose, mouth_right, mouth_left = five_points(seen())
    assert right[0] < nose[0] < left[0]
    assert mouth_right[0] < nose[0] < mouth_left[0]
    assert right[1] < nose[1] < mouth_right[1] < seen()[CHIN, 1]
