"""The matcher report: it is what the kept scores give, they are what the pictures give, and the product decides by it."""

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from reset_app.commands.bench_face import face
from services.rehearsal.face_people import People
from services.vision.face import SFace
from services.vision.face_derive import RULES, derive
from services.vision.face_gate import Face, FaceGate
from services.vision.face_report import DECIDING_MODEL, MODELS, REPORT, SCORES, documents, shipped_limits
from services.vision.face_scores import Kind, ScoreBook
from services.vision.models import model_path, registry

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LONDON = ROOT / ".." / "shared/data/faces/frll"


@pytest.fixture(scope="module")
def book() -> ScoreBook:
    return ScoreBook.read((DOCS / SCORES).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def written(book: ScoreBook) -> dict[str, str]:
    return dict(documents(book))


def test_the_kept_scores_give_the_published_report_byte_for_byte(written: dict[str, str]) -> None:
    published = {name: (DOCS / name).read_text(encoding="utf-8") for name in written}
    assert published == written


def test_the_report_names_every_model_with_the_hash_that_is_loaded() -> None:
    rows = re.findall(
        r"^\| ([\w-]+) \| .* \| `([0-9a-f]{64})` \|", (DOCS / REPORT).read_text(encoding="utf-8"), re.MULTILINE
    )
    assert dict(rows) == {model_id: registry()[model_id].sha256 for model_id in MODELS}


@pytest.mark.parametrize("name", list(RULES))
def test_a_threshold_that_decides_is_the_rules_or_stricter_and_says_why(book: ScoreBook, name: str) -> None:
    for scores in book.engines:
        entry = registry()[DECIDING_MODEL[scores.engine][0]].derived[name]
        shipped, derived = getattr(shipped_limits()[scores.engine], name), getattr(derive(scores).limits, name)
        assert (shipped > derived) if entry.stricter else (shipped == derived)


def test_the_default_engines_thresholds_are_the_rules() -> None:
    assert not any(entry.stricter for entry in registry()["sface"].derived.values())


def test_the_registry_says_the_counts_and_the_rule_of_the_derivation(book: ScoreBook) -> None:
    for scores in book.engines:
        entries = registry()[DECIDING_MODEL[scores.engine][0]].derived
        assert {name: entry.rule for name, entry in entries.items()} == RULES
        assert {name: dict(entry.counts) for name, entry in entries.items()} == derive(scores).counts


def test_the_pictures_are_whole(written: dict[str, str]) -> None:
    for name in (name for name in written if name.endswith(".svg")):
        assert ET.fromstring(written[name]).tag.endswith("svg")


def test_the_default_engine_meets_its_targets_on_the_shipped_people(book: ScoreBook) -> None:
    scores = next(scores for scores in book.engines if scores.engine == "yunet+sface")
    limit = shipped_limits()["yunet+sface"].match
    missed = [int((np.diag(scores.tables[kind]) < limit).sum()) for kind in Kind]
    assert missed == [0] * len(Kind)
    assert all(set(counts) == {"fit"} for counts in book.acquired.values())


@pytest.fixture(scope="module")
def people() -> People:
    if not LONDON.is_dir():
        pytest.skip("the London set is not here (../shared/data/faces/frll)")
    return People.of(LONDON)


def test_the_book_is_about_the_people_of_the_folder(book: ScoreBook, people: People) -> None:
    assert list(book.people) == list(people.described)


@pytest.mark.models
def test_the_kept_scores_are_what_the_pictures_give(book: ScoreBook, people: People) -> None:
    cv2.setNumThreads(1)
    gate, sface, some = FaceGate(), SFace(), range(0, len(book.people), 11)
    table = next(scores for scores in book.engines if scores.engine == sface.engine).tables[Kind.CARD_SMILE]
    cards = {index: sface.embed(gate.card(people.card(book.people[index]))) for index in some}
    looks = {index: gate.frame(people.live("smile", book.people[index])) for index in some}
    faces = {index: sface.embed(look) for index, look in looks.items() if isinstance(look, Face)}
    found = {(row, column): sface.likeness(cards[row], faces[column]) for row in some for column in some}
    assert found == pytest.approx({pair: float(table[pair]) for pair in found}, abs=2e-3)


def test_the_command_writes_the_same_files_from_the_kept_scores(tmp_path: Path, written: dict[str, str]) -> None:
    done = CliRunner().invoke(face, ["--scores", str(DOCS / SCORES), "--write", str(tmp_path / REPORT), "--derive"])
    assert (done.exit_code, done.exception) == (0, None)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == written
    match = registry()["sface"].thresholds["match"]
    assert f"thresholds = {{ match = {match:.2f}" in done.output


@pytest.fixture
def two_people(people: People, tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    for sort, suffix in (("card_jp2", "jp2"), ("live_neutral", "jpg"), ("live_smile", "jpg")):
        (folder / sort).mkdir(parents=True)
        for person in people.described[:2]:
            shutil.copy(LONDON / sort / f"{person.id}.{suffix}", folder / sort)
    shutil.copy(LONDON / "info.csv", folder)
    return folder


@pytest.mark.models
def test_a_brought_network_is_measured_beside_ours_and_told_its_thresholds(
    two_people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    description = tmp_path / "face.toml"
    shutil.copy(model_path("sface"), tmp_path / "brought.onnx")
    description.write_text(
        f'id = "brought"\nversion = "1"\nfile = "brought.onnx"\nsha256 = "{registry()["sface"].sha256}"\nlicence = "Apache-2.0"\n'
        'input = { size = [112, 112], colour = "RGB", range = [0, 255] }\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(face, ["--people", str(two_people), "--model", str(description), "--rounds", "2"])
    assert (done.exit_code, done.exception) == (0, None)
    assert "embed and compare: file:brought" in done.output
    assert "[derived.match]" in done.output
    assert "pinreset bench face --model face.toml" in done.output


def test_a_description_that_lacks_something_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "face.toml").write_text('id = "brought"\n', encoding="utf-8")
    done = CliRunner().invoke(face, ["--model", str(tmp_path / "face.toml")])
    assert done.exit_code == 1
    assert "version is missing" in done.output
