"""Frames that are unfit, drawn: each is refused for its own reason, and the one they are made from for none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.domain.liveness import Action
from services.domain.verdicts import CaptureFault
from services.rehearsal.clip import CameraClip
from services.rehearsal.coverings import SPOILS
from services.rehearsal.portrait import load_portrait
from services.vision.face_finder import FaceFinder
from services.vision.face_recogniser import FaceRecogniser
from services.vision.image import Pixels, decode_picture
from services.vision.liveness_quality import Quality, quality, quality_fault
from services.vision.mesh import FaceMesh, Points, Pose, five_points, pose

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]
LONDON = ROOT / "../shared/data/faces/frll/live_neutral"
F = CaptureFault
FAULTS = {
    "white mask": F.COVERED_MOUTH,
    "blue mask": F.COVERED_MOUTH,
    "black mask": F.COVERED_MOUTH,
    "black sunglasses": F.COVERED_EYES,
    "brown sunglasses": F.COVERED_EYES,
    "hand over mouth": F.COVERED_MOUTH,
    "hand over eye": F.COVERED_EYES,
    "bright window behind": F.BACK_LIT,
    "window behind": F.BACK_LIT,
    "reflection on cheek": F.GLARE,
    "reflection on forehead": F.GLARE,
    "a quarter of the light": F.TOO_DARK,
    "too much light": F.TOO_BRIGHT,
    "blurred by 3": None,
    "blurred by 5": F.BLURRED,
    "blurred by 8": F.BLURRED,
    "cut off": F.CUT_OFF,
}
assert FAULTS.keys() == SPOILS.keys()
FIT = Quality(
    eyes_apart=100.0,
    outside=0.0,
    brightness=130.0,
    clipped_around=0.05,
    against_around=0.6,
    reflecting=0.0,
    sharpness=35.0,
    eyes=5.0,
    lips=15.0,
)


class Eyes:
    """The networks that a frame's quality needs."""

    def __init__(self) -> None:
        self.finder, self.mesh, self.recogniser = FaceFinder(), FaceMesh(), FaceRecogniser()

    def landmarks(self, picture: Pixels) -> Points:
        found, _ = self.mesh.settle(picture, self.finder.find(picture)[0].outline)
        return found

    def fault(self, picture: Pixels) -> CaptureFault | None:
        landmarks = self.landmarks(picture)
        aligned = self.recogniser.align(picture, five_points(landmarks))
        return quality_fault(quality(picture, landmarks, aligned), pose(landmarks, picture.shape[:2]))


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture(scope="module")
def picture() -> Pixels:
    return decode_picture(CameraClip(load_portrait(), ROOT / "var/rehearsal").frames(Action.FRONT, 8, seed=1)[0])


@pytest.mark.parametrize(("name", "fault"), FAULTS.items())
def test_an_unfit_frame_says_what_to_change(name: str, fault: CaptureFault | None, eyes: Eyes, picture: Pixels) -> None:
    assert eyes.fault(SPOILS[name](picture, eyes.landmarks(picture))) == fault


def people() -> list[Path]:
    return sorted(LONDON.glob("*.jpg"))[1::8]


@pytest.mark.skipif(not LONDON.is_dir(), reason="the London set is not here (../shared/data/faces/frll)")
@pytest.mark.parametrize("name", ["white mask", "black sunglasses", "hand over mouth", "window behind"])
def test_people_of_every_kind_are_judged_alike(name: str, eyes: Eyes) -> None:
    for path in people():
        portrait = decode_picture(path.read_bytes())
        assert eyes.fault(portrait) is None
        assert eyes.fault(SPOILS[name](portrait, eyes.landmarks(portrait))) == FAULTS[name]


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("eyes_apart", 39.0, F.TOO_SMALL),
        ("outside", 0.1, F.CUT_OFF),
        ("brightness", 44.0, F.TOO_DARK),
        ("brightness", 226.0, F.TOO_BRIGHT),
        ("reflecting", 0.06, F.GLARE),
        ("sharpness", 4.0, F.BLURRED),
        ("eyes", 1.0, F.COVERED_EYES),
        ("lips", 6.0, F.COVERED_MOUTH),
    ],
)
def test_each_limit_has_its_fault(name: str, value: float, fault: CaptureFault) -> None:
    ahead = Pose(0.0, 0.0, 0.0)
    assert quality_fault(FIT, ahead) is None
    assert quality_fault(replace(FIT, **{name: value}), ahead) == fault


def test_dark_skin_before_a_white_wall_is_no_back_light() -> None:
    """Brightness per background is as low as with a window behind; only the white share differs."""
    assert quality_fault(replace(FIT, against_around=0.31), Pose(0.0, 0.0, 0.0)) is None


def test_coverings_are_not_judged_on_a_turned_face() -> None:
    turned = Pose(25.0, 0.0, 0.0)
    assert quality_fault(replace(FIT, eyes=0.5, lips=0.5), turned) is None


def test_the_frame_that_all_are_drawn_from_is_fit(eyes: Eyes, picture: Pixels) -> None:
    assert eyes.fault(picture) is None
    assert eyes.fault(np.ascontiguousarray(picture[:, ::-1])) is None
