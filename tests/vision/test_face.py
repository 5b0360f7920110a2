"""Every matcher behind the port: the own card, somebody else's, frames that do not count, and pictures that are none."""

from collections.abc import Sequence
from io import BytesIO
from itertools import product
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter

from services.domain.errors import ChipPhotoUnreadable, ImageUnreadable
from services.domain.liveness import Action
from services.domain.verdicts import FaceAnswer
from services.rehearsal.clip import CameraClip
from services.rehearsal.head import Head, Look
from services.rehearsal.portrait import Portrait, card_photo, load_portrait
from services.vision.face import FEWEST_FRAMES, Limits, MedianMatcher, SFaceMatcher, decide
from services.vision.face_dlib import DlibMatcher
from services.vision.face_gate import Face, Unfit
from services.vision.image import decode_picture
from services.vision.models import threshold

models = pytest.mark.models

ROOT = Path(__file__).parents[2]
LONDON = ROOT / ".." / "shared/data/faces/frll"
SUBSET = 9
LIMITS = Limits(match=0.6, ask_again=0.5, same_face=0.4)


@pytest.mark.parametrize(
    ("to_card", "answer"),
    [
        ([0.6] * 5, FaceAnswer.MATCH),
        ([0.1, 0.1, 0.6, 0.9, 0.9], FaceAnswer.MATCH),
        ([0.9, 0.9, 0.59, 0.1, 0.1], FaceAnswer.ASK_AGAIN),
        ([0.5] * 5, FaceAnswer.ASK_AGAIN),
        ([0.9, 0.9, 0.49, 0.49, 0.49], FaceAnswer.NO_MATCH),
        ([0.9] * 4, FaceAnswer.ASK_AGAIN),
        ([0.1] * 4, FaceAnswer.ASK_AGAIN),
        ([], FaceAnswer.ASK_AGAIN),
    ],
)
def test_the_median_of_five_decides(to_card: list[float], answer: FaceAnswer) -> None:
    assert decide(to_card, [0.9], LIMITS) == answer


def test_frames_of_two_people_are_asked_for_again() -> None:
    assert decide([0.9] * 9, [0.9] * 35 + [0.39], LIMITS) == FaceAnswer.ASK_AGAIN


def test_distances_decide_like_likenesses_with_their_sign_turned() -> None:
    assert Limits.of({"match": 0.4, "ask_again": 0.5, "same_face": 0.6}, sign=-1) == Limits(-0.4, -0.5, -0.6)


@pytest.fixture(scope="module")
def sface() -> SFaceMatcher:
    return SFaceMatcher()


@pytest.fixture(scope="module")
def dlib() -> DlibMatcher:
    return DlibMatcher()


@pytest.fixture(params=["sface", "dlib"])
def matcher(request: pytest.FixtureRequest) -> MedianMatcher:
    found: MedianMatcher = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return load_portrait()


@pytest.fixture(scope="module")
def photo(portrait: Portrait) -> bytes:
    return card_photo(portrait)


@pytest.fixture(scope="module")
def frames(portrait: Portrait) -> Sequence[bytes]:
    return CameraClip(portrait, ROOT / "var/rehearsal").frames(Action.FRONT, 8, seed=1)[:6]


def blank(form: str) -> bytes:
    encoded = BytesIO()
    Image.new("L", (240, 320), 128).save(encoded, form)
    return encoded.getvalue()


def jpeg(pixels: np.ndarray) -> bytes:
    encoded = BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


@models
def test_the_second_engine_lets_no_half_picture_pass_for_a_whole_one(
    dlib: DlibMatcher, frames: Sequence[bytes]
) -> None:
    assert dlib.engine
    with pytest.raises(ImageUnreadable):
        decode_picture(frames[0][: len(frames[0]) // 2])


@models
def test_the_own_card_matches(sface: SFaceMatcher, photo: bytes, frames: Sequence[bytes]) -> None:
    assert sface.compare(photo, frames).answer == FaceAnswer.MATCH


@models
def test_the_second_engine_refuses_nobody_their_own_card(
    dlib: DlibMatcher, photo: bytes, frames: Sequence[bytes]
) -> None:
    # Its limit is strict for what it can tell apart: it may ask again.
    assert dlib.compare(photo, frames).answer in {FaceAnswer.MATCH, FaceAnswer.ASK_AGAIN}


@models
def test_the_verdict_names_engine_and_threshold(matcher: MedianMatcher, photo: bytes, frames: Sequence[bytes]) -> None:
    verdict = matcher.compare(photo, frames)
    limits = {"yunet+sface": threshold("sface", "match"), "face_recognition": threshold("dlib-resnet", "match")}
    assert verdict.threshold_milli == round(limits[verdict.engine] * 1000)


@models
def test_four_frames_are_no_ground_for_a_decision(
    matcher: MedianMatcher, photo: bytes, frames: Sequence[bytes]
) -> None:
    assert matcher.compare(photo, frames[: FEWEST_FRAMES - 1]).answer == FaceAnswer.ASK_AGAIN


@models
def test_one_frame_sent_often_counts_once(sface: SFaceMatcher, photo: bytes, frames: Sequence[bytes]) -> None:
    assert sface.compare(photo, [frames[0]] * 12).answer == FaceAnswer.ASK_AGAIN


@models
def test_frames_without_a_face_do_not_count(matcher: MedianMatcher, photo: bytes, frames: Sequence[bytes]) -> None:
    assert matcher.compare(photo, [*frames[:4], *[blank("JPEG")] * 5]).answer == FaceAnswer.ASK_AGAIN


@models
@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 3), (17, 17), (640, 20)])
def test_frames_of_odd_sizes_do_not_count(size: tuple[int, int], sface: SFaceMatcher) -> None:
    encoded = BytesIO()
    Image.effect_noise(size, 60).save(encoded, "PNG")
    assert sface.gate.frame(encoded.getvalue()) == Unfit.NO_FACE


def spoilt(frame: bytes, how: str) -> bytes:
    image = Image.open(BytesIO(frame)).convert("RGB")
    pixels = np.asarray(image).astype(np.float64)
    match how:
        case "as it is":
            return frame
        case "blurred":
            return jpeg(np.asarray(image.filter(ImageFilter.GaussianBlur(8))))
        case "dark":
            return jpeg((pixels * 0.1).astype(np.uint8))
        case "bright":
            return jpeg(np.clip(pixels * 1.8, 0, 255).astype(np.uint8))
        case "small":
            far = np.full_like(pixels, 128).astype(np.uint8)
            far[256:384, 192:288] = np.asarray(image.resize((96, 128)))
            return jpeg(far)
        case _:
            return jpeg(cv2.hconcat([np.asarray(image), np.asarray(image)[:, ::-1].copy()]))


@models
@pytest.mark.parametrize(
    ("how", "fault"),
    [
        ("as it is", None),
        ("blurred", Unfit.BLURRED),
        ("dark", Unfit.TOO_DARK),
        ("bright", Unfit.TOO_BRIGHT),
        ("small", Unfit.TOO_SMALL),
        ("twice", Unfit.SEVERAL_FACES),
    ],
)
def test_each_gate_keeps_its_own_fault_out(
    how: str, fault: Unfit | None, sface: SFaceMatcher, frames: Sequence[bytes]
) -> None:
    look = sface.gate.frame(spoilt(frames[0], how))
    assert fault == (None if isinstance(look, Face) else look)


@models
@pytest.mark.parametrize("look", [Look(yaw=32), Look(yaw=-32), Look(pitch=-20)], ids=str)
def test_a_face_that_looks_past_the_camera_does_not_count(look: Look, sface: SFaceMatcher, portrait: Portrait) -> None:
    assert sface.gate.frame(jpeg(Head(portrait).draw(look))) == Unfit.AVERTED


@models
@pytest.mark.parametrize("photo", [blank("JPEG2000"), blank("PNG"), bytes(70_000)], ids=["no face", "PNG", "too large"])
def test_a_card_photo_that_cannot_be_one_is_refused(
    photo: bytes, matcher: MedianMatcher, frames: Sequence[bytes]
) -> None:
    with pytest.raises(ChipPhotoUnreadable):
        matcher.compare(photo, frames)


@pytest.fixture(scope="module")
def people() -> list[str]:
    found = sorted(path.stem for path in LONDON.glob("card_jp2/*.jp2"))
    if not found:
        pytest.skip("the London set is not here (../shared/data/faces/frll)")
    return found[:: len(found) // SUBSET][:SUBSET]


def card_of(person: str) -> bytes:
    return (LONDON / f"card_jp2/{person}.jp2").read_bytes()


def smiling(person: str) -> bytes:
    return (LONDON / f"live_smile/{person}.jpg").read_bytes()


@models
def test_somebody_elses_card_does_not_match(matcher: MedianMatcher, frames: Sequence[bytes], people: list[str]) -> None:
    assert matcher.compare(card_of(people[0]), frames).answer == FaceAnswer.NO_MATCH


@models
def test_frames_of_two_people_match_neither_card(
    sface: SFaceMatcher, photo: bytes, frames: Sequence[bytes], people: list[str]
) -> None:
    mixed = [*frames[:5], smiling(people[0])]
    assert sface.compare(photo, frames[:5]).answer == FaceAnswer.MATCH
    assert sface.compare(photo, mixed).answer == FaceAnswer.ASK_AGAIN


@models
def test_everybody_matches_their_own_card_and_nobody_elses(sface: SFaceMatcher, people: list[str]) -> None:
    cards = {person: sface.recogniser.embed(sface.gate.card(card_of(person))) for person in people}
    faces = {person: sface.embeddings([smiling(person)]) for person in people}
    likeness = {
        (card, person): median(sface.likenesses(cards[card], faces[person]))
        for card, person in product(people, repeat=2)
    }
    matched = {pair for pair, value in likeness.items() if value >= threshold("sface", "match")}
    assert matched == {(person, person) for person in people}
