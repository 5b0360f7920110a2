"""A recogniser that an operator brings: what is refused before it decides anything, and that a real one works like ours."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from face_networks import blind_network, custom_network, map_network, short_vector, two_outputs, vector_network
from onnx import numpy_helper
from pydantic import ValidationError

from services.bootstrap import open_eyes
from services.domain.liveness import Action
from services.domain.verdicts import FaceAnswer
from services.rehearsal.clip import CameraClip
from services.rehearsal.portrait import card_photo, load_portrait
from services.settings import Settings
from services.vision import face_file
from services.vision.face import SFace
from services.vision.face_file import read_face_model
from services.vision.face_gate import Face, FaceGate
from services.vision.face_onnx import FileMatcher, FileRecogniser
from services.vision.model_entry import EntryIncomplete
from services.vision.models import model_path

models = pytest.mark.models

ROOT = Path(__file__).parents[2]
DERIVED = """
[derived.{name}]
command = "pinreset bench face --model face.toml"
data = "people of this test"
counts = {{ people = 2 }}
rule = "a test's"
"""
THRESHOLDS = "thresholds = { match = 0.6, ask_again = 0.5, same_face = 0.4 }\n"

Describe = Callable[..., Path]


@pytest.fixture
def describe(tmp_path: Path) -> Describe:
    def write(
        content: bytes, *, thresholds: str = THRESHOLDS, derived: Sequence[str] = face_file.DECIDING, **changes: str
    ) -> Path:
        (tmp_path / "face.onnx").write_bytes(content)
        lines = {
            "id": '"town-a"',
            "version": '"1"',
            "file": '"face.onnx"',
            "sha256": f'"{hashlib.sha256(content).hexdigest()}"',
            "licence": '"Apache-2.0"',
            "input": '{ size = [112, 112], colour = "RGB", range = [0, 255] }',
        } | changes
        text = "".join(f"{key} = {value}\n" for key, value in lines.items() if value)
        path = tmp_path / "face.toml"
        path.write_text(text + thresholds + "".join(DERIVED.format(name=name) for name in derived), encoding="utf-8")
        return path

    return write


def test_a_whole_description_is_read(describe: Describe) -> None:
    model = read_face_model(describe(b"network"))
    assert (model.id, model.content(), model.input.size, model.thresholds["match"]) == (
        "town-a",
        b"network",
        (112, 112),
        0.6,
    )


@pytest.mark.parametrize("lacking", ["id", "version", "file", "sha256", "licence", "input"])
def test_a_description_that_lacks_something_is_refused(lacking: str, describe: Describe) -> None:
    with pytest.raises(EntryIncomplete, match=lacking):
        read_face_model(describe(b"network", **{lacking: ""}))


@pytest.mark.parametrize(
    "thresholds",
    [
        "",
        "thresholds = { match = 0.6 }\n",
        "thresholds = { match = 0.5, ask_again = 0.6, same_face = 0.4 }\n",
        "thresholds = { match = 1.5, ask_again = 0.6, same_face = 0.4 }\n",
        'thresholds = { match = "high", ask_again = 0.6, same_face = 0.4 }\n',
    ],
)
def test_thresholds_that_decide_nothing_sensible_are_refused(thresholds: str, describe: Describe) -> None:
    names = [name for name in face_file.DECIDING if name in thresholds]
    with pytest.raises(EntryIncomplete, match="thresholds"):
        read_face_model(describe(b"network", thresholds=thresholds, derived=names))


def test_a_threshold_without_derivation_is_refused(describe: Describe) -> None:
    with pytest.raises(EntryIncomplete, match="derived"):
        read_face_model(describe(b"network", derived=["match", "ask_again"]))


def test_only_a_bench_may_load_one_without_thresholds(describe: Describe) -> None:
    path = describe(b"network", thresholds="", derived=[])
    assert read_face_model(path, underived=True).thresholds == {}
    with pytest.raises(EntryIncomplete, match="thresholds"):
        read_face_model(path)


@pytest.mark.parametrize(
    "fed",
    [
        '"none"',
        '{ size = [112, 96], colour = "RGB", range = [0, 1] }',
        '{ size = [16, 16], colour = "RGB", range = [0, 1] }',
        '{ size = [4096, 4096], colour = "RGB", range = [0, 1] }',
    ],
)
def test_an_input_that_is_no_usable_square_is_refused(fed: str, describe: Describe) -> None:
    with pytest.raises(EntryIncomplete, match="square"):
        read_face_model(describe(b"network", input=fed))


def test_an_id_that_would_spoil_the_audit_is_refused(describe: Describe) -> None:
    with pytest.raises(EntryIncomplete, match="id is"):
        read_face_model(describe(b"network", id='"Town A, model 1"'))


def test_a_file_that_differs_or_is_absent_is_refused(describe: Describe, tmp_path: Path) -> None:
    model = read_face_model(describe(b"network"))
    (tmp_path / "face.onnx").write_bytes(b"netw0rk")
    with pytest.raises(EntryIncomplete, match="instead of"):
        model.content()
    (tmp_path / "face.onnx").unlink()
    with pytest.raises(EntryIncomplete, match="cannot be read"):
        model.content()


def test_a_file_beyond_the_limit_is_refused_unread(describe: Describe, tmp_path: Path) -> None:
    model = read_face_model(describe(b"network"))
    with (tmp_path / "face.onnx").open("wb") as file:
        file.truncate(face_file.LARGEST_FILE + 1)
    with pytest.raises(EntryIncomplete, match="larger"):
        model.content()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no network", "refuses"),
        (vector_network()[:-4000], "refuses"),
        (custom_network(), "refuses"),
        (two_outputs(), "2 outputs"),
        (map_network(), "not one vector"),
        (short_vector(), "not one vector"),
        (blind_network(), "same vector"),
    ],
    ids=["not onnx", "truncated", "custom op", "two outputs", "a map", "too short", "blind"],
)
def test_a_network_that_makes_no_vector_of_a_face_is_refused(content: bytes, reason: str, describe: Describe) -> None:
    model = read_face_model(describe(content))
    with pytest.raises(EntryIncomplete, match=reason):
        FileRecogniser(model)


@pytest.mark.parametrize(
    "fed",
    [
        '{ size = [112, 112], colour = "grey", range = [0, 1] }',
        '{ size = [64, 64], colour = "RGB", range = [0, 1] }',
        '{ size = [224, 224], colour = "RGB", range = [0, 1] }',
    ],
)
def test_a_network_that_is_fed_with_something_else_is_refused(fed: str, describe: Describe) -> None:
    model = read_face_model(describe(vector_network(), input=fed))
    with pytest.raises(EntryIncomplete, match="is fed with"):
        FileRecogniser(model)


@pytest.mark.parametrize(
    ("colour", "shown"), [("RGB", (0.0, 0.5, 1.0)), ("BGR", (1.0, 0.5, 0.0)), ("grey", (0.408, 0.408, 0.408))]
)
def test_the_network_is_fed_what_the_description_says(
    colour: str, shown: tuple[float, float, float], describe: Describe
) -> None:
    content = vector_network()
    if colour == "grey":
        loaded = onnx.load_from_string(content)
        loaded.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1
        kept = numpy_helper.to_array(loaded.graph.initializer[0])[:, :1]
        loaded.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(kept), "weights"))
        content = loaded.SerializeToString()
    fed = f'{{ size = [112, 112], colour = "{colour}", range = [-1, 3] }}'
    recogniser = FileRecogniser(read_face_model(describe(content, input=fed)))
    picture = np.broadcast_to(np.array([0, 127.5, 255]), (112, 112, 3)).astype(np.uint8)
    blob = np.asarray(recogniser._fed(picture))[0, :, 0, 0]
    assert blob == pytest.approx([-1 + 4 * value for value in shown[: len(blob)]], abs=0.02)


@pytest.fixture(scope="module")
def photo() -> bytes:
    return card_photo(load_portrait())


@pytest.fixture(scope="module")
def frames() -> Sequence[bytes]:
    return CameraClip(load_portrait(), ROOT / "var/rehearsal").frames(Action.FRONT, 8, seed=1)[:6]


@models
def test_sfaces_own_file_brought_by_an_operator_sees_what_ours_sees(
    describe: Describe, photo: bytes, frames: Sequence[bytes]
) -> None:
    recogniser = FileRecogniser(read_face_model(describe(model_path("sface").read_bytes())))
    gate, ours = FaceGate(), SFace()
    card, live = gate.card(photo), gate.frame(frames[0])
    assert isinstance(live, Face)
    expected = ours.likeness(ours.embed(card), ours.embed(live))
    assert expected == pytest.approx(recogniser.likeness(recogniser.embed(card), recogniser.embed(live)), abs=0.005)


@models
def test_a_brought_network_decides_behind_the_same_port(
    describe: Describe, photo: bytes, frames: Sequence[bytes]
) -> None:
    verdict = FileMatcher(read_face_model(describe(model_path("sface").read_bytes()))).compare(photo, frames)
    assert (verdict.answer, verdict.engine, verdict.threshold_milli) == (FaceAnswer.MATCH, "file:town-a", 600)


@models
def test_a_network_without_thresholds_matches_nobody(describe: Describe, photo: bytes, frames: Sequence[bytes]) -> None:
    path = describe(model_path("sface").read_bytes(), thresholds="", derived=[])
    matcher = FileMatcher(read_face_model(path, underived=True))
    assert matcher.compare(photo, frames).answer == FaceAnswer.ASK_AGAIN


KEYS = {"fingerprint_key": "00" * 32, "evidence_key": "11" * 32}


@models
def test_the_setting_brings_the_network_into_the_worker(describe: Describe) -> None:
    settings = Settings(face_model=describe(model_path("sface").read_bytes()), **KEYS)  # type: ignore[arg-type]
    assert open_eyes(settings).matcher.engine == "file:town-a"


def test_a_server_does_not_start_with_a_file_that_differs(describe: Describe, tmp_path: Path) -> None:
    path = describe(b"network")
    (tmp_path / "face.onnx").write_bytes(b"netw0rk")
    with pytest.raises(ValidationError, match="instead of"):
        Settings(face_model=path, **KEYS)  # type: ignore[arg-type]
