"""Liveness with its real networks: drawn residents, real clips, and the attacks that must fail."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageSequence

from services.domain.errors import ImageUnreadable
from services.domain.liveness import Action, LiveFrame, LivenessChallenge, Step
from services.domain.verdicts import CaptureFault, FaceAnswer, LivenessFault, LivenessVerdict
from services.rehearsal.attacks import held_picture
from services.rehearsal.clip import CameraClip
from services.rehearsal.portrait import card_photo, load_portrait
from services.vision import liveness_limits as limits
from services.vision import liveness_pace as pace
from services.vision.face import SFaceMatcher
from services.vision.image import Pixels, decode_picture
from services.vision.liveness import MeshLiveness
from services.vision.liveness_actions import action_fault
from services.vision.liveness_baseline import Baseline
from services.vision.liveness_sight import Observer, Sight

pytestmark = pytest.mark.models

FRONT, LEFT, RIGHT, SMILE, UP, NEARER = Action
FRAMES_PER_STEP = 8
ROOT = Path(__file__).parents[2]
FACES = ROOT / ".." / "shared/data/faces"
PASSED = (None, None)


@pytest.fixture(scope="module")
def liveness() -> MeshLiveness:
    return MeshLiveness()


@pytest.fixture(scope="module")
def clip() -> CameraClip:
    return CameraClip(load_portrait(), ROOT / "var/rehearsal")


Film = Callable[..., list[LiveFrame]]


@pytest.fixture(scope="module")
def film(clip: CameraClip) -> Film:
    """What the drawn resident's camera delivers when they do these actions, one a step."""

    def shoot(*actions: Action) -> list[LiveFrame]:
        return as_frames([clip.frames(action, FRAMES_PER_STEP, seed=1) for action in actions])

    return shoot


def as_frames(steps: Sequence[Sequence[bytes]]) -> list[LiveFrame]:
    flat = [(jpeg, step) for step, jpegs in enumerate(steps) for jpeg in jpegs]
    return [LiveFrame(jpeg, step, number * 330) for number, (jpeg, step) in enumerate(flat)]


def challenge(*actions: Action) -> LivenessChallenge:
    return LivenessChallenge(tuple(Step(action, f"nonce-{number}") for number, action in enumerate(actions)))


def jpeg(picture: Pixels, *, noise_seed: int | None = None, quality: int = 88) -> bytes:
    noise = np.random.default_rng(noise_seed).normal(0, 2, picture.shape) if noise_seed is not None else 0
    encoded = BytesIO()
    noisy = np.clip(picture + noise, 0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(encoded, "JPEG", quality=quality)
    return encoded.getvalue()


def answer(verdict: LivenessVerdict) -> tuple[CaptureFault | None, LivenessFault | None]:
    return verdict.capture_fault, verdict.fault


# Every move in every place.
@pytest.mark.parametrize(
    "moves",
    [(LEFT, RIGHT, SMILE), (UP, LEFT, NEARER), (SMILE, UP, RIGHT), (RIGHT, NEARER, UP), (NEARER, SMILE, LEFT)],
    ids="-".join,
)
def test_a_person_who_follows_passes(moves: tuple[Action, ...], liveness: MeshLiveness, film: Film) -> None:
    verdict = liveness.judge(challenge(FRONT, *moves), film(FRONT, *moves))
    assert answer(verdict) == PASSED
    assert len(verdict.frontal) >= limits.REPLAY_FRAMES


def test_the_frontal_frames_match_the_own_card(liveness: MeshLiveness, film: Film) -> None:
    frames = film(FRONT, LEFT, SMILE, RIGHT)
    verdict = liveness.judge(challenge(FRONT, LEFT, SMILE, RIGHT), frames)
    photo = card_photo(load_portrait())
    matched = SFaceMatcher().compare(photo, [frames[index].jpeg for index in verdict.frontal])
    assert matched.answer == FaceAnswer.MATCH


@pytest.mark.parametrize(
    "shown",
    [(LEFT, SMILE, RIGHT), (RIGHT, LEFT, SMILE), (SMILE, LEFT, RIGHT), (LEFT, UP, SMILE), (LEFT, RIGHT, NEARER)],
    ids="-".join,
)
def test_a_recording_of_another_order_fails(shown: list[Action], liveness: MeshLiveness, film: Film) -> None:
    verdict = liveness.judge(challenge(FRONT, LEFT, RIGHT, SMILE), film(FRONT, *shown))
    assert answer(verdict) == (None, LivenessFault.ACTION_NOT_SEEN)


def test_a_mirrored_camera_shows_the_wrong_side(liveness: MeshLiveness, film: Film) -> None:
    frames = film(FRONT, LEFT, RIGHT, SMILE)
    mirrored = [
        LiveFrame(jpeg(np.ascontiguousarray(decode_picture(f.jpeg)[:, ::-1])), f.step, f.captured_ms) for f in frames
    ]
    verdict = liveness.judge(challenge(FRONT, LEFT, RIGHT, SMILE), mirrored)
    assert (verdict.fault, verdict.action) == (LivenessFault.ACTION_NOT_SEEN, "left")


def held(liveness: MeshLiveness, picture: Pixels, *, turn: float, bend: float) -> LivenessVerdict:
    """A picture in front of the camera, never quite still, turned as the challenge asks."""
    sway = np.random.default_rng(7)
    steps = []
    for action, sign in ((FRONT, 0), (LEFT, 1), (RIGHT, -1), (SMILE, 0)):
        angles = turn * sign * np.clip((np.arange(FRAMES_PER_STEP) - 1) / 5, 0, 1) + sway.normal(0, 1, FRAMES_PER_STEP)
        views = [held_picture(picture, turn_deg=a, bend_deg=bend, roll_deg=sway.normal(0, 1)) for a in angles.tolist()]
        steps.append([jpeg(view, noise_seed=len(steps) * 100 + i) for i, view in enumerate(views)])
        assert action in Action
    return liveness.judge(challenge(FRONT, LEFT, RIGHT, SMILE), as_frames(steps))


@pytest.mark.parametrize(("turn", "bend"), [(0.0, 0.0), (50.0, 0.0), (50.0, 60.0)])
def test_a_held_picture_fails(turn: float, bend: float, liveness: MeshLiveness, clip: CameraClip) -> None:
    picture = decode_picture(clip.frames(FRONT, FRAMES_PER_STEP, seed=1)[0])
    verdict = held(liveness, picture, turn=turn, bend=bend)
    assert verdict.fault in {LivenessFault.ACTION_NOT_SEEN, LivenessFault.FLAT}


def test_one_picture_encoded_again_and_again_is_refused(liveness: MeshLiveness, film: Film) -> None:
    frames = film(FRONT, LEFT, RIGHT, SMILE)
    picture = decode_picture(frames[0].jpeg)
    still = [LiveFrame(jpeg(picture, quality=70 + i), 0, 330 * i) for i in range(FRAMES_PER_STEP)]
    verdict = liveness.judge(challenge(FRONT, LEFT, RIGHT, SMILE), [*still, *frames[FRAMES_PER_STEP:]])
    assert answer(verdict) == (None, LivenessFault.FRAMES_REPEATED)


def test_a_frame_sent_twice_is_refused(liveness: MeshLiveness, film: Film) -> None:
    frames = film(FRONT, LEFT, RIGHT, SMILE)
    frames[5] = LiveFrame(frames[4].jpeg, frames[5].step, frames[5].captured_ms)
    verdict = liveness.judge(challenge(FRONT, LEFT, RIGHT, SMILE), frames)
    assert answer(verdict) == (None, LivenessFault.FRAMES_REPEATED)


@pytest.fixture(scope="module")
def london() -> Path:
    if not (FACES / "frll/live_neutral").is_dir():
        pytest.skip("the London set is not here (../shared/data/faces/frll)")
    return FACES / "frll"


def test_another_person_in_the_middle_is_noticed(liveness: MeshLiveness, film: Film, london: Path) -> None:
    frames = film(FRONT, LEFT, RIGHT, SMILE)
    other = decode_picture((london / "live_smile/001.jpg").read_bytes())
    for number in range(3 * FRAMES_PER_STEP, 4 * FRAMES_PER_STEP):
        frames[number] = LiveFrame(jpeg(other, noise_seed=number), 3, frames[number].captured_ms)
    verdict = liveness.judge(challenge(FRONT, LEFT, RIGHT, SMILE), frames)
    assert verdict.fault in {LivenessFault.FACE_CHANGED, LivenessFault.FRAMES_REPEATED}


def darker(picture: Pixels) -> Pixels:
    return (picture * 0.2).astype(np.uint8)


def brighter(picture: Pixels) -> Pixels:
    return np.clip(picture * 0.3 + 190.0, 0, 255).astype(np.uint8)


def smaller(picture: Pixels) -> Pixels:
    return np.pad(picture[::6, ::6], ((200, 200), (200, 200), (0, 0)))


def blurred(picture: Pixels) -> Pixels:
    return np.array(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(8)), dtype=np.uint8)


def doubled(picture: Pixels) -> Pixels:
    return np.hstack([picture, picture[:, ::-1]])


def empty(picture: Pixels) -> Pixels:
    return np.full_like(picture, 127)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (darker, CaptureFault.TOO_DARK),
        (brighter, CaptureFault.TOO_BRIGHT),
        (smaller, CaptureFault.TOO_SMALL),
        (blurred, CaptureFault.BLURRED),
        (doubled, CaptureFault.SEVERAL_FACES),
        (empty, CaptureFault.NO_FACE),
    ],
)
def test_frames_that_cannot_be_judged_say_why(
    spoil: Callable[[Pixels], Pixels], fault: CaptureFault, liveness: MeshLiveness, film: Film
) -> None:
    frames = [replace(f, jpeg=jpeg(spoil(decode_picture(f.jpeg)), noise_seed=i)) for i, f in enumerate(film(FRONT)[:6])]
    assert answer(liveness.judge(challenge(FRONT), frames)) == (fault, None)


def test_a_frame_that_is_no_picture_is_unreadable(liveness: MeshLiveness) -> None:
    with pytest.raises(ImageUnreadable):
        liveness.judge(challenge(FRONT), [LiveFrame(b"not a picture", 0, 0)])


@pytest.fixture(scope="module")
def real_turn() -> list[Sight]:
    """A real head that turns from the own right to the own left, filmed."""
    path = FACES / "head_turns/head-pose-face-detection-female.gif"
    if not path.is_file():
        pytest.skip("the real clips are not here (../shared/data/faces/head_turns)")
    observer = Observer()
    with Image.open(path) as film:
        pictures = [np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(film)]
    looks = [observer.look(LiveFrame(jpeg(picture, quality=95), 1, n)) for n, picture in enumerate(pictures)]
    return [look for look in looks if isinstance(look, Sight)]


@pytest.mark.parametrize(("action", "sign"), [(LEFT, 1), (RIGHT, -1)])
def test_a_real_head_that_turns_is_seen_and_solid(action: Action, sign: int, real_turn: list[Sight]) -> None:
    front = min(real_turn, key=lambda sight: abs(sight.pose.yaw))
    own = Baseline(front, front.pose.yaw, front.pose.pitch, front.smile, front.eyes_apart, front.embedding)
    step = [sight for sight in real_turn if own.turn(sight) * sign >= -10]
    assert action_fault(action, FRONT, own, step) is None
    assert not any(own.foreign(sight) for sight in real_turn)
    assert pace.sights_fault(real_turn) is None
