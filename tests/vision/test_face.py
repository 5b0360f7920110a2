"""Both matchers behind their port: the own card, somebody else's, and pictures that are none."""

from collections.abc import Sequence
from io import BytesIO
from itertools import product
from pathlib import Path
from statistics import median

import pytest
from PIL import Image

from services.domain.errors import ImageTooLarge, ImageUnreadable
from services.domain.liveness import Action
from services.domain.verdicts import FaceAnswer
from services.ports import FaceMatcher
from services.rehearsal.clip import CameraClip
from services.rehearsal.portrait import card_photo, load_portrait
from services.vision.face import SFaceMatcher
from services.vision.face_dlib import DlibMatcher
from services.vision.image import decode_picture
from services.vision.models import threshold

pytestmark = pytest.mark.models

ROOT = Path(__file__).parents[2]
LONDON = ROOT / ".." / "shared/data/faces/frll"
SUBSET = 9


@pytest.fixture(scope="module")
def sface() -> SFaceMatcher:
    return SFaceMatcher()


@pytest.fixture(scope="module")
def dlib() -> DlibMatcher:
    return DlibMatcher()


def test_the_second_engine_lets_no_half_picture_pass_for_a_whole_one(
    dlib: DlibMatcher, frames: Sequence[bytes]
) -> None:
    assert dlib.engine
    with pytest.raises(ImageUnreadable):
        decode_picture(frames[0][: len(frames[0]) // 2])


@pytest.fixture(params=["sface", "dlib"])
def matcher(request: pytest.FixtureRequest) -> FaceMatcher:
    found: FaceMatcher = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def photo() -> bytes:
    return card_photo(load_portrait())


@pytest.fixture(scope="module")
def frames() -> Sequence[bytes]:
    return CameraClip(load_portrait(), ROOT / "var/rehearsal").frames(Action.FRONT, 8, seed=1)[:5]


def blank(form: str) -> bytes:
    encoded = BytesIO()
    Image.new("L", (240, 320), 128).save(encoded, form)
    return encoded.getvalue()


def test_the_own_card_matches(matcher: FaceMatcher, photo: bytes, frames: Sequence[bytes]) -> None:
    assert matcher.compare(photo, frames).answer == FaceAnswer.MATCH


def test_the_verdict_names_engine_and_threshold(matcher: FaceMatcher, photo: bytes, frames: Sequence[bytes]) -> None:
    verdict = matcher.compare(photo, frames)
    limits = {"yunet+sface": threshold("sface", "match"), "face_recognition": threshold("dlib-resnet", "match")}
    assert verdict.threshold_milli == round(limits[verdict.engine] * 1000)


def test_two_frames_are_no_ground_for_a_decision(matcher: FaceMatcher, photo: bytes, frames: Sequence[bytes]) -> None:
    assert matcher.compare(photo, frames[:2]).answer == FaceAnswer.ASK_AGAIN


def test_frames_without_a_face_do_not_count(matcher: FaceMatcher, photo: bytes, frames: Sequence[bytes]) -> None:
    assert matcher.compare(photo, [*frames[:2], *[blank("JPEG")] * 5]).answer == FaceAnswer.ASK_AGAIN


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 3), (17, 17), (640, 20)])
def test_frames_of_odd_sizes_do_not_count(size: tuple[int, int], sface: SFaceMatcher, photo: bytes) -> None:
    encoded = BytesIO()
    Image.effect_noise(size, 60).save(encoded, "PNG")
    assert sface.compare(photo, [encoded.getvalue()] * 3).answer == FaceAnswer.ASK_AGAIN


def test_a_card_photo_without_a_face_is_unreadable(matcher: FaceMatcher, frames: Sequence[bytes]) -> None:
    with pytest.raises(ImageUnreadable):
        matcher.compare(blank("JPEG2000"), frames)


def test_a_card_photo_beyond_the_chips_size_is_refused(matcher: FaceMatcher, frames: Sequence[bytes]) -> None:
    with pytest.raises(ImageTooLarge):
        matcher.compare(bytes(70_000), frames)


def test_a_card_photo_in_another_format_is_refused(matcher: FaceMatcher, frames: Sequence[bytes]) -> None:
    with pytest.raises(ImageUnreadable):
        matcher.compare(blank("PNG"), frames)


@pytest.fixture(scope="module")
def people() -> list[str]:
    found = sorted(path.stem for path in LONDON.glob("card_jp2/*.jp2"))
    if not found:
        pytest.skip("the London set is not here (../shared/data/faces/frll)")
    return found[:: len(found) // SUBSET][:SUBSET]


def card_of(person: str) -> bytes:
    return (LONDON / f"card_jp2/{person}.jp2").read_bytes()


def live(person: str) -> list[bytes]:
    return [(LONDON / f"live_{mood}/{person}.jpg").read_bytes() for mood in ("neutral", "smile", "neutral")]


def test_somebody_elses_card_does_not_match(matcher: FaceMatcher, frames: Sequence[bytes], people: list[str]) -> None:
    assert matcher.compare(card_of(people[0]), frames).answer == FaceAnswer.NO_MATCH


def test_everybody_matches_their_own_card_and_nobody_elses(sface: SFaceMatcher, people: list[str]) -> None:
    cards = {person: sface.card_embedding(card_of(person)) for person in people}
    faces = {person: [sface.frame_embedding(frame) for frame in live(person)] for person in people}
    similarity = {
        (card, person): median(float(cards[card] @ face) for face in faces[person] if face is not None)
        for card, person in product(people, repeat=2)
    }
    matched = {pair for pair, value in similarity.items() if value >= threshold("sface", "match")}
    assert matched == {(person, person) for person in people}
