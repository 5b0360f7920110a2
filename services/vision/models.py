"""The registry of model files: where each comes from, and the proof that it is the one.

`models.toml` beside this module is the list. A file is used only when its SHA-256 is the listed one; it is put into place by
`python -m services.vision.models fetch` (see `model_fetch`).
"""

import hashlib
import importlib.util
import os
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from services.domain.errors import ModelMissing
from services.vision.model_entry import Model, model_of

REGISTRY: Final = Path(__file__).with_name("models.toml")
DIRECTORY_VARIABLE: Final = "PINRESET_MODELS"
DEFAULT_DIRECTORY: Final = Path("var/models")


@cache
def registry(path: Path = REGISTRY) -> Mapping[str, Model]:
    """Every entry by its id.

    Raises:
        EntryIncomplete: an entry lacks what every model must have.
    """
    models = [model_of(entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["model"]]
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
    if not in_place(model, directory):
        raise ModelMissing(model=model_id)
    return _place(model, directory)


def in_place(model: Model, directory: Path) -> bool:
    """Whether the listed file is there, and is the listed one."""
    return (path := _place(model, directory)).is_file() and sha256_of(path) == model.sha256


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


def main(arguments: list[str]) -> int:
    """`fetch [ID…]` brings the files; `check` verifies them; `list` prints the registry."""
    from services.vision.model_fetch import FetchFailed, fetch  # noqa: PLC0415  # set-up only; it reads this module

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
            absent = [model.id for model in listed.values() if not in_place(model, models_directory())]
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
