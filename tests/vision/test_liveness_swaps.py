"""Two real people, drawn in motion: one takes the other's place at every step's boundary and inside every step."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.domain.liveness import Action, LiveFrame, challenge_of
from services.domain.verdicts import CaptureFault, LivenessFault
from services.rehearsal.clip import CameraClip
from services.rehearsal.liveness_bench import RememberingObserver
from services.rehearsal.portrait import load_portrait
from services.vision.image import decode_picture
from services.vision.liveness import MeshLiveness

ROOT = Path(__file__).parents[2]
LONDON = ROOT / "../shared/data/faces/frll/live_neutral"
pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(not LONDON.is_dir(), reason="the London set is not here (../shared/data/faces/frll)"),
]
ACTIONS = [Action.FRONT, Action.LEFT, Action.UP, Action.SMILE]
CHALLENGE = challenge_of(ACTIONS, ["a", "b", "c", "d"])
COUNT = 8


@pytest.fixture(scope="module")
def liveness() -> MeshLiveness:
    """The tests cut the same frames together in many ways; each is looked at once."""
    return MeshLiveness(RememberingObserver())


@pytest.fixture(scope="module")
def films() -> tuple[list[bytes], list[bytes]]:
    """The same actions by two people of the development half, who are of one sex and age."""
    return film("003.jpg"), film("006.jpg")


def film(name: str) -> list[bytes]:
    clip = CameraClip(load_portrait(LONDON / name), ROOT / "var/rehearsal")
    return [jpeg for action in ACTIONS for jpeg in clip.frames(action, COUNT, seed=1)]


def judged(liveness: MeshLiveness, jpegs: list[bytes]) -> tuple[CaptureFault | None, LivenessFault | None]:
    frames = [LiveFrame(jpeg, number // COUNT, number * 300) for number, jpeg in enumerate(jpegs)]
    verdict = liveness.judge(CHALLENGE, frames)
    return verdict.capture_fault, verdict.fault


def test_each_of_them_passes_alone(liveness: MeshLiveness, films: tuple[list[bytes], list[bytes]]) -> None:
    assert [judged(liveness, jpegs) for jpegs in films] == [(None, None), (None, None)]


@pytest.mark.parametrize("start", range(3, 4 * COUNT - 2, 4))
def test_a_swap_anywhere_is_noticed(start: int, liveness: MeshLiveness, films: tuple[list[bytes], list[bytes]]) -> None:
    one, other = films
    assert judged(liveness, one[:start] + other[start:]) == (None, LivenessFault.FACE_CHANGED)


@pytest.mark.parametrize("step", range(1, 4))
def test_somebody_who_does_one_step_for_another_is_noticed(
    step: int, liveness: MeshLiveness, films: tuple[list[bytes], list[bytes]]
) -> None:
    one, other = films
    cut = slice(step * COUNT, (step + 1) * COUNT)
    assert judged(liveness, one[: cut.start] + other[cut] + one[cut.stop :]) == (None, LivenessFault.FACE_CHANGED)


@pytest.mark.parametrize("at", [10, 18, 26])
def test_somebody_who_appears_for_two_frames_is_noticed(
    at: int, liveness: MeshLiveness, films: tuple[list[bytes], list[bytes]]
) -> None:
    one, other = films
    assert judged(liveness, one[:at] + other[at : at + 2] + one[at + 2 :]) == (None, LivenessFault.FACE_CHANGED)


def side_by_side(one: bytes, other: bytes) -> bytes:
    joined = BytesIO()
    Image.fromarray(np.hstack([decode_picture(one), decode_picture(other)])).save(joined, "JPEG", quality=88)
    return joined.getvalue()


def test_two_people_side_by_side_are_asked_to_come_one_by_one(
    liveness: MeshLiveness, films: tuple[list[bytes], list[bytes]]
) -> None:
    together = [side_by_side(a, b) for a, b in zip(*films, strict=True)]
    assert judged(liveness, together) == (CaptureFault.SEVERAL_FACES, None)
