"""What is known about a model: its file, what goes into it, the numbers that decide, and how each number came about.

A number without a derivation is refused here, for our own models as for an operator's: nobody could check it later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

COLOURS: Final = ("RGB", "BGR", "grey")
NO_INPUT: Final = "none"  # a file that is no network: a font, a picture, a table
_HEX_DIGITS: Final = frozenset("0123456789abcdef")


class EntryIncomplete(ValueError):
    """An entry lacks something or contradicts itself; the text says what. For the operator's screen only."""


@dataclass(frozen=True)
class NetworkInput:
    """What a network is fed. A `size` of 0 is free; a pixel of 0 becomes `low` and one of 255 becomes `high`."""

    size: tuple[int, int]  # width, height
    colour: str
    low: float
    high: float


@dataclass(frozen=True)
class Derivation:
    """How a threshold came about: what to run, over which data, how many of each, and the rule that turns scores into it.

    `stricter` says why the threshold is stricter than the rule's, where it is.
    """

    command: str
    data: str
    counts: Mapping[str, int]
    rule: str
    stricter: str = ""


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
    input: NetworkInput | None
    member_sha256: str | None = None
    slice: tuple[int, int] | None = None
    strip_inputs_to: str | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    derived: Mapping[str, Derivation] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        """The name in the models directory."""
        return self.id + Path(self.member).suffix

    @property
    def origin(self) -> tuple[str, str, str]:
        """The package that carries the file; several files may share one."""
        return self.ecosystem, self.package, self.version


def model_of(entry: Mapping[str, Any]) -> Model:
    """An entry of `models.toml`.

    Raises:
        EntryIncomplete: it lacks what every model must have.
    """
    name = str(entry.get("id", "an entry without id"))
    texts = {
        key: text_of(entry, key, name)
        for key in ("id", "ecosystem", "package", "version", "member", "licence", "purpose")
    }
    return Model(
        **texts,
        sha256=sha256_text(entry, name),
        input=input_of(entry, name),
        member_sha256=entry.get("member_sha256"),
        slice=tuple(entry["slice"]) if "slice" in entry else None,
        strip_inputs_to=entry.get("strip_inputs_to"),
        thresholds=thresholds_of(entry, name),
        derived=derivations_of(entry, name),
    )


def text_of(entry: Mapping[str, Any], key: str, name: str) -> str:
    """A text that must be there."""
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise EntryIncomplete(f"{name}: {key} is missing")
    return value


def sha256_text(entry: Mapping[str, Any], name: str) -> str:
    """The SHA-256 that the file must have, in lower-case hexadecimal."""
    value = text_of(entry, "sha256", name)
    if len(value) != 64 or not set(value) <= _HEX_DIGITS:
        raise EntryIncomplete(f"{name}: sha256 is 64 lower-case hexadecimal digits")
    return value


def input_of(entry: Mapping[str, Any], name: str) -> NetworkInput | None:
    """What the network is fed; `None` for a file that is no network, which must say so."""
    given = entry.get("input")
    if given == NO_INPUT:
        return None
    try:
        width, height = (int(side) for side in given["size"])  # type: ignore[index]  # anything else is refused below
        low, high = (float(end) for end in given["range"])  # type: ignore[index]  # likewise
        colour = given["colour"]  # type: ignore[index]  # likewise
    except (TypeError, KeyError, ValueError) as exc:
        raise EntryIncomplete(f"{name}: input needs size = [width, height], colour and range = [low, high]") from exc
    if colour not in COLOURS or low >= high or min(width, height) < 0:
        raise EntryIncomplete(f"{name}: input is no size, colour ({', '.join(COLOURS)}) and rising range")
    return NetworkInput((width, height), colour, low, high)


def thresholds_of(entry: Mapping[str, Any], name: str) -> Mapping[str, float]:
    """The numbers that decide."""
    given = entry.get("thresholds", {})
    if not isinstance(given, Mapping) or not all(isinstance(value, int | float) for value in given.values()):
        raise EntryIncomplete(f"{name}: thresholds are numbers")
    return {key: float(value) for key, value in given.items()}


def derivations_of(entry: Mapping[str, Any], name: str) -> Mapping[str, Derivation]:
    """One for each threshold, and none for anything else."""
    given = entry.get("derived", {})
    names = set(entry.get("thresholds", {}))
    if not isinstance(given, Mapping) or set(given) != names:
        raise EntryIncomplete(f"{name}: each threshold needs its own derived table; thresholds are {sorted(names)}")
    return {key: _derivation(table, f"{name}: derived.{key}") for key, table in given.items()}


def _derivation(table: Any, name: str) -> Derivation:
    if not isinstance(table, Mapping):
        raise EntryIncomplete(f"{name} is a table")
    counts = table.get("counts")
    if not isinstance(counts, Mapping) or not counts or not all(type(count) is int for count in counts.values()):
        raise EntryIncomplete(f"{name}: counts are whole numbers, at least one")
    texts = {key: text_of(table, key, name) for key in ("command", "data", "rule")}
    return Derivation(**texts, counts=dict(counts), stricter=str(table.get("stricter", "")))
