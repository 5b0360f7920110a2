"""The rehearsal's pictures: a chip photo and camera frames out of one portrait."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.domain.errors import ImageUnreadable
from services.domain.liveness import Action, LiveFrame
from services.rehearsal import clip as drawing
from services.rehearsal.clip import COMMENT, CameraClip
from services.rehearsal.portrait import Portrait, card_photo, load_portrait
from services.vision.image import decode_chip_photo, decode_picture
from services.vision.liveness_sight import Observer, Sight

pytestmark = pytest.mark.models

KEPT = Path(__file__).parents[2] / "var/rehearsal"
COUNT = 8


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return load_portrait()


@pytest.fixture(scope="module")
def clip(portrait: Portrait) -> CameraClip:
    return CameraClip(portrait, KEPT)


def test_the_card_photo_is_a_grey_jpeg_2000_of_about_four_kilobytes(portrait: Portrait) -> None:
    photo = card_photo(portrait)
    assert decode_chip_photo(photo).shape == (320, 240)
    assert 3500 < len(photo) < 4500


def test_frames_are_upright_phone_pictures_that_say_what_they_are(clip: CameraClip) -> None:
    frames = clip.frames(Action.FRONT, COUNT, seed=1)
    assert len(frames) == COUNT
    for frame in frames:
        assert decode_picture(frame).shape == (640, 480, 3)
        assert Image.open(BytesIO(frame)).info["comment"] == COMMENT


def test_no_two_frames_are_the_same(clip: CameraClip) -> None:
    frames = [frame for action in Action for frame in clip.frames(action, COUNT, seed=1)]
    assert len(set(frames)) == len(Action) * COUNT


def looked_at(frames: list[bytes]) -> list[Sight]:
    observer = Observer()
    looks = [observer.look(LiveFrame(frame, 0, number)) for number, frame in enumerate(frames)]
    assert all(isinstance(look, Sight) for look in looks)
    return [look for look in looks if isinstance(look, Sight)]


@pytest.mark.parametrize(("action", "sign"), [(Action.LEFT, 1), (Action.RIGHT, -1)])
def test_a_turn_starts_at_the_front_and_ends_at_the_asked_side(action: Action, sign: int, clip: CameraClip) -> None:
    sights = looked_at(clip.frames(action, COUNT, seed=1))
    turns = [sign * (sight.pose.yaw - sights[0].pose.yaw) for sight in sights]
    assert turns[1] == pytest.approx(0, abs=4)
    assert turns[-1] == pytest.approx(27, abs=7)


def test_a_smile_rises_over_the_own_neutral_face(clip: CameraClip) -> None:
    sights = looked_at(clip.frames(Action.SMILE, COUNT, seed=1))
    assert sights[-1].smile - sights[0].smile > 0.1


def test_drawn_frames_are_kept_and_come_out_the_same_again(portrait: Portrait, tmp_path: Path) -> None:
    drawn = CameraClip(portrait, tmp_path).frames(Action.SMILE, 2, seed=3)
    assert len(list(tmp_path.glob("*/*.jpg"))) == 2
    assert CameraClip(portrait, tmp_path).frames(Action.SMILE, 2, seed=3) == drawn
    assert CameraClip(portrait).frames(Action.SMILE, 2, seed=3) == drawn


def test_another_seed_gives_another_recording(portrait: Portrait) -> None:
    clip = CameraClip(portrait)
    assert clip.frames(Action.FRONT, 1, seed=1) != clip.frames(Action.FRONT, 1, seed=2)


def test_the_film_for_a_fake_camera_is_a_row_of_jpegs(portrait: Portrait, tmp_path: Path) -> None:
    film = tmp_path / "camera.mjpeg"
    CameraClip(portrait).write_film(film, [Action.FRONT], seed=1, per_action=3)
    assert film.read_bytes().count(COMMENT) == 4


def test_the_mark_does_not_touch_the_face(portrait: Portrait) -> None:
    frame = decode_picture(CameraClip(portrait).frames(Action.FRONT, 1, seed=1)[0]).astype(int)
    plain = drawing.Head(portrait).draw(drawing.Look()).astype(int)
    marked = np.abs(frame - plain)[600:636, 4:60]
    assert marked.max() > 100
    assert np.median(np.abs(frame - plain)[100:500]) < 12


def test_a_portrait_without_a_face_is_unreadable(tmp_path: Path) -> None:
    Image.new("RGB", (400, 400), "grey").save(tmp_path / "wall.png")
    with pytest.raises(ImageUnreadable):
        load_portrait(tmp_path / "wall.png")
