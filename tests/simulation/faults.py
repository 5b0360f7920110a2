"""Where something may happen, what may happen there, and a schedule: which of it does.

A run passes points, numbered from 0: every touch, command to the card, disk operation, request, pause and crash point. Each offers
its faults. A schedule is a beginning and a few faults by the number of their point, in one line:

    signature/other-second/late:57.torn-after,83.die-1-before
    kind      story        begins shortly before the deadline
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Final, NoReturn, TypeAlias

from services.domain.password import PasswordKind

Fault: TypeAlias = str

NOTHING_ALIKE: Final[Mapping[Fault, str]] = MappingProxyType({})
STORIES: Final = (
    "same-first",
    "same-second",
    "other-first",
    "other-second",
)  # where and with which password they return
_LINE: Final = re.compile(
    rf"(?P<kind>{'|'.join(PasswordKind)})/(?P<story>[a-z-]+)(?P<late>/late)?:(?P<faults>(?:\d+\.[a-z0-9-]+(?:,\d+\.[a-z0-9-]+)*)?)"
)


class Misfit(ValueError):
    """The schedule is for another version of the product: a point of it offers something else now."""


class Dark(BaseException):
    """The terminal's power is cut. Nothing in it catches this, as nothing catches kill -9."""


@dataclass(frozen=True)
class Schedule:
    """One complete run."""

    kind: PasswordKind
    story: str = STORIES[0]
    late: bool = False
    faults: tuple[tuple[int, Fault], ...] = ()

    def __str__(self) -> str:
        faults = ",".join(f"{number}.{fault}" for number, fault in self.faults)
        return f"{self.kind.value}/{self.story}{'/late' if self.late else ''}:{faults}"

    @classmethod
    def parse(cls, line: str) -> "Schedule":
        """Reads the line that a schedule prints.

        Raises:
            ValueError: it is none.
        """
        match = _LINE.fullmatch(line.strip())
        if match is None or match["story"] not in STORIES:
            raise ValueError(f"not a schedule: {line!r}")
        pairs = [part.split(".") for part in match["faults"].split(",") if part]
        faults = tuple((int(number), fault) for number, fault in pairs)
        return cls(PasswordKind(match["kind"]), match["story"], match["late"] is not None, faults)

    @property
    def elsewhere(self) -> bool:
        """Whether the resident returns at the other terminal."""
        return self.story.startswith("other")

    @property
    def again(self) -> str:
        """Which password they return with, `first` or `second`."""
        return self.story.partition("-")[2]


Choice: TypeAlias = Callable[[int, str, Sequence[Fault]], Fault | None]


@dataclass(frozen=True)
class Point:
    """A point that a run has passed."""

    where: str
    offers: tuple[Fault, ...]
    alike: Mapping[Fault, str]  # faults that share this name, here or at another point, lead to the same


class Planned:
    """The faults of a schedule, each at its point."""

    def __init__(self, faults: Sequence[tuple[int, Fault]]) -> None:
        self._faults = dict(faults)

    def __call__(self, number: int, where: str, offers: Sequence[Fault]) -> Fault | None:
        fault = self._faults.get(number)
        if fault is not None and fault not in offers:
            raise Misfit(f"point {number} is {where} and offers {', '.join(offers)}, not {fault}")
        return fault


class Drawn:
    """Up to `most` faults, each point with the same chance; what was drawn can be planned afterwards."""

    def __init__(self, chance: Random, most: int, rate: float) -> None:
        self._chance = chance
        self._most = most
        self._rate = rate
        self.drawn: list[tuple[int, Fault]] = []

    def __call__(self, number: int, where: str, offers: Sequence[Fault]) -> Fault | None:
        if len(self.drawn) == self._most or not offers or self._chance.random() >= self._rate:
            return None
        fault = self._chance.choice(offers)
        self.drawn.append((number, fault))
        return fault


class Points:
    """The points of one run as they are passed, and what happens there."""

    def __init__(self, choose: Choice, watch: Callable[[], None]) -> None:
        self._choose = choose
        self._watch = watch
        self.passed: list[Point] = []
        self.struck: list[tuple[int, Fault]] = []
        self.calm = False
        self.effects = 0  # how many durable effects there were: between two of them, every power cut is the same
        self.busy = False  # something that happens at a point passes no points of its own

    def pass_by(
        self, where: str, offers: tuple[Fault, ...], alike: Mapping[Fault, str] = NOTHING_ALIKE
    ) -> Fault | None:
        """The fault that happens here, if any. Every promise that can be checked here is checked."""
        self._watch()
        if self.calm or self.busy:
            return None
        number = len(self.passed)
        self.passed.append(Point(where, offers, alike))
        fault = self._choose(number, where, offers)
        if fault is not None:
            self.struck.append((number, fault))
        return fault

    def go_dark(self, fault: Fault) -> NoReturn:
        """The power is cut."""
        raise Dark(fault)
