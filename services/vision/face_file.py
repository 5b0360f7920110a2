"""A face recogniser that an operator brings as an ONNX file, described by a TOML file beside it.

The description has what our own registry demands: SHA-256, licence, what the network is fed, thresholds, and how each was derived
(`pinreset bench face --model face.toml` prints those that its data support). Whatever is missing or differs is refused.
"""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services.vision.model_entry import (
    Derivation,
    EntryIncomplete,
    NetworkInput,
    derivations_of,
    input_of,
    sha256_text,
    text_of,
    thresholds_of,
)

LARGEST_FILE: Final = 512 * 1024**2  # bytes; published face networks have 1 to 250 MB, and a worker has 4 GB
SIDES: Final = (32, 512)
DECIDING: Final = ("match", "ask_again", "same_face")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")  # it goes into the audit


@dataclass(frozen=True)
class FaceModelFile:
    """The description, checked. `thresholds` are cosine similarities; empty where they are still to be derived."""

    id: str
    version: str
    licence: str
    path: Path
    sha256: str
    input: NetworkInput
    thresholds: Mapping[str, float]
    derived: Mapping[str, Derivation]

    def content(self) -> bytes:
        """The network, read once, so that what is loaded is what was checked.

        Raises:
            EntryIncomplete: absent, too large, or not the one that is described.
        """
        try:
            if self.path.stat().st_size > LARGEST_FILE:
                raise EntryIncomplete(f"{self.id}: {self.path.name} is larger than {LARGEST_FILE} bytes")
            content = self.path.read_bytes()
        except OSError as exc:
            raise EntryIncomplete(f"{self.id}: {self.path.name} cannot be read ({type(exc).__name__})") from exc
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            raise EntryIncomplete(f"{self.id}: {self.path.name} has SHA-256 {found} instead of {self.sha256}")
        return content


def face_model_setting(path: Path | None) -> Path | None:
    """The setting's own check, made where settings are read: the description is whole and the file is the described one.

    Raises:
        EntryIncomplete: says what is missing or differs.
    """
    if path is not None:
        read_face_model(path).content()
    return path


def read_face_model(path: Path, *, underived: bool = False) -> FaceModelFile:
    """The description. `underived` allows one without thresholds, which only a bench may load.

    Raises:
        EntryIncomplete: it cannot be read, or lacks what a model must have.
    """
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise EntryIncomplete(f"{path.name} cannot be read: {exc}") from exc
    name = text_of(entry, "id", path.name)
    if not _ID.fullmatch(name):
        raise EntryIncomplete(f"{path.name}: id is up to 40 of a-z, 0-9, dot, underscore and hyphen")
    return FaceModelFile(
        id=name,
        version=text_of(entry, "version", name),
        licence=text_of(entry, "licence", name),
        path=path.parent / text_of(entry, "file", name),
        sha256=sha256_text(entry, name),
        input=_square_input(entry, name),
        thresholds=_deciding(entry, name, underived=underived),
        derived=derivations_of(entry, name),
    )


def _square_input(entry: Mapping[str, Any], name: str) -> NetworkInput:
    fed = input_of(entry, name)
    low, high = SIDES
    if fed is None or fed.size[0] != fed.size[1] or not low <= fed.size[0] <= high:
        raise EntryIncomplete(f"{name}: input is a square of {low} to {high} pixels")
    return fed


def _deciding(entry: Mapping[str, Any], name: str, *, underived: bool) -> Mapping[str, float]:
    thresholds = thresholds_of(entry, name)
    if underived and not thresholds:
        return {}
    if set(thresholds) != set(DECIDING):
        raise EntryIncomplete(f"{name}: thresholds are {', '.join(DECIDING)}")
    if not -1 < thresholds["ask_again"] <= thresholds["match"] < 1 or not -1 < thresholds["same_face"] < 1:
        raise EntryIncomplete(f"{name}: thresholds are cosines below 1, ask_again not above match")
    return thresholds
