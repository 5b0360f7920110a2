"""Derives the numbers that decide a card-front reading from development rows: natural pictures, damaged letters, wrong documents.

Rule: of each natural tier's legible pictures that the loosest numbers read, at most the share in `MOST_LOST` may be lost. Within
that, take the fewest wrong rows; of those the numbers furthest along their grids towards strictness, all grids together. So the
coverage that can be spared is spent on headroom in every number: a refusal costs another picture, a wrong field one of ten tries.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.rehearsal.front_ablation import FIELDS
from services.rehearsal.front_bench import Row
from services.rehearsal.front_hand import NATURAL, Tier
from services.rehearsal.front_shards import Plan, version
from services.vision.front_accept import ACCEPTANCE, Acceptance, load_acceptance, stands_whole
from services.vision.front_glyph import Wholeness

# Each grid goes from loose to strict. Engines are never surer than 1 - 1e-6, so margins end at 13.8 nats. The strict ends of the
# supports stay well below clean print in development lettering (0.5 % of it: birth -2.9, expiry -0.35, code -0.01), because real
# lettering will be another.
GRIDS: Final[dict[str, tuple[float, ...]]] = {
    "birth_margin": (2.0, 3.0, 4.0, 4.5, 5.0, 5.5, 6.0, 7.0),
    "expiry_margin": (2.0, 3.0, 4.0, 5.0, 6.0, 7.0),
    "code_margin": (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0),
    "unruled_factor": (1.0, 1.25, 1.5),
    "birth_support": (-8.0, -6.0, -5.0, -4.5, -4.0),
    "expiry_support": (-8.0, -6.0, -4.0, -2.0, -1.5),
    "code_support": (-4.0, -2.0, -1.0, -0.5, -0.2, -0.1),
}
# The targets are 99.5, 97 and 95 % of legible pictures; what the locator and the cutter lose must fit in beside this.
MOST_LOST: Final = {Tier.EASY: 0.0025, Tier.NORMAL: 0.01, Tier.HARD: 0.02}
_Flags = NDArray[np.bool_]
_Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """One combination on the grid, named as in `Acceptance`."""

    birth_margin: float
    expiry_margin: float
    code_margin: float
    unruled_factor: float
    birth_support: float
    expiry_support: float
    code_support: float

    @classmethod
    def of(cls, acceptance: Acceptance) -> "Numbers":
        """Those in force."""
        return cls(**{name: getattr(acceptance, name) for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Counts:
    """What a combination makes of the rows."""

    legible_right: tuple[int, ...]  # easy, normal, hard
    legible: tuple[int, ...]
    damage_right: int
    damage_wrong: int
    damage: int
    natural_wrong: int
    documents_wrong: int
    documents: int

    @property
    def wrong(self) -> int:
        """Wrong rows of any kind."""
        return self.damage_wrong + self.natural_wrong + self.documents_wrong


@dataclass(frozen=True)
class Derived:
    """The numbers, what they make of the rows, and what the others would have."""

    numbers: Numbers
    counts: Counts
    loosest: Counts
    around: tuple[tuple[Numbers, Counts], ...]  # the chosen combination with one number changed

    def lines(self) -> Iterator[str]:
        """For the screen."""
        yield f"{'one number changed':24} {'legible right':>14} {'damage right':>13}  wrong: damage, natural, documents"
        changed = [(name, value) for name, grid in GRIDS.items() for value in grid]
        for (name, value), (numbers, counts) in zip(changed, self.around, strict=True):
            legible = f"{sum(counts.legible_right)}/{sum(counts.legible)}"
            damage = f"{counts.damage_right}/{counts.damage}"
            wrong = f"{counts.damage_wrong}, {counts.natural_wrong}, {counts.documents_wrong}"
            chosen = "  <-" if numbers == self.numbers else ""
            yield f"{name:15} {value:8.2f} {legible:>14} {damage:>13}  {wrong}{chosen}"
        yield f"derived: {self.numbers}"


class Evidence:
    """The rows in columns, so that thousands of combinations are counted in seconds."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._located = [row for row in rows if row.evidence]
        self.natural = self._flags([row.suite == "natural" for row in self._located])
        self.damage = self._flags([row.suite == "damage" for row in self._located])
        self._legible = [self._flags([_legible_in(row, tier) for row in self._located]) for tier in NATURAL]
        self.totals = (
            tuple(sum(_legible_in(row, tier) for row in rows) for tier in NATURAL),
            sum(row.suite == "damage" for row in rows),
            sum(row.suite == "others" for row in rows),
        )
        self._margin, self._support, self._agreed, self._right = (
            {name: np.array([row.evidence[name][place] for row in self._located]) for name in FIELDS}
            for place in range(4)
        )
        acceptance = load_acceptance()
        self._whole = {
            name: self._flags(
                [stands_whole(Wholeness(*row.evidence["whole"][name]), acceptance) for row in self._located]
            )
            for name in FIELDS
        }
        self._ruled, self._contradicted, self._western = (
            self._flags([row.evidence[name] for row in self._located]) for name in ("ruled", "contradicted", "western")
        )

    @staticmethod
    def _flags(values: Sequence[bool]) -> _Flags:
        return np.array(values, bool)

    def said(self, numbers: Numbers) -> tuple[_Flags, _Flags]:
        """Which rows are right and which are wrong under these numbers: the reader's own judgement, over columns."""
        strictness = np.where(self._ruled, 1.0, numbers.unruled_factor)
        consistent = ~self._contradicted & (self._ruled | self._western)
        given = {
            "birth": consistent & self._counts("birth", numbers.birth_margin * strictness, numbers.birth_support),
            "expiry": consistent & self._counts("expiry", numbers.expiry_margin * strictness, numbers.expiry_support),
            "code": self._counts("code", np.full(len(strictness), numbers.code_margin), numbers.code_support),
        }
        wrong = np.logical_or.reduce([flags & ~self._right[name] for name, flags in given.items()])
        return np.logical_and.reduce(list(given.values())) & ~wrong, wrong

    def _counts(self, name: str, margin: _Numbers, support: float) -> _Flags:
        sure = (self._margin[name] >= margin) & (self._support[name] >= support)
        counted: _Flags = self._whole[name] & self._agreed[name] & sure
        return counted

    def counts(self, numbers: Numbers) -> Counts:
        """How many of each."""
        right, wrong = self.said(numbers)
        legible, damage, documents = self.totals
        return Counts(
            legible_right=tuple(int((right & of_tier).sum()) for of_tier in self._legible),
            legible=legible,
            damage_right=int((right & self.damage).sum()),
            damage_wrong=int((wrong & self.damage).sum()),
            damage=damage,
            natural_wrong=int((wrong & self.natural).sum()),
            documents_wrong=int((wrong & ~self.natural & ~self.damage).sum()),
            documents=documents,
        )


def derived(rows: Sequence[Row]) -> Derived:
    """The numbers that the rule above picks."""
    evidence = Evidence(rows)
    grid = [
        (numbers, evidence.counts(numbers)) for numbers in (Numbers(*chosen) for chosen in product(*GRIDS.values()))
    ]
    loosest = max((counts for _, counts in grid), key=lambda counts: sum(counts.legible_right))
    numbers, counts = min(
        ((numbers, counts) for numbers, counts in grid if _reads_enough(counts, loosest)),
        key=lambda found: (found[1].wrong, -_strictness(found[0])),
    )
    around = tuple((other, evidence.counts(other)) for other in _around(numbers))
    return Derived(numbers, counts, loosest, around)


def _reads_enough(counts: Counts, loosest: Counts) -> bool:
    of_tiers = zip(NATURAL, counts.legible_right, loosest.legible_right, strict=True)
    return all(right >= (1 - MOST_LOST[tier]) * most for tier, right, most in of_tiers)


def _around(numbers: Numbers) -> Iterator[Numbers]:
    """The numbers with each one in turn anywhere on its grid."""
    for name, grid in GRIDS.items():
        yield from (replace(numbers, **{name: value}) for value in grid)


def _strictness(numbers: Numbers) -> float:
    """How far along their grids the numbers are, all together."""
    return sum(grid.index(getattr(numbers, name)) / (len(grid) - 1) for name, grid in GRIDS.items())


def written(found: Derived, plan: Plan, path: Path = ACCEPTANCE) -> Path:
    """Puts the numbers and where they come from into the reader's data; what the sweep does not cover stays."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    options = f"--cards {plan.cards} --damage {plan.damage} --others {plan.others} --seed {plan.seed}"
    data |= vars(found.numbers)
    data["version"] = f"derived-{version(with_acceptance=False)}"
    data["derived"] = {
        "command": f"pinreset bench ocr --derive {options}",
        "rule": " ".join((__doc__ or "").split("Rule: ")[-1].split()),
        "most_lost": {str(tier): share for tier, share in MOST_LOST.items()},
        "counts": vars(found.counts),
        "loosest": vars(found.loosest),
        "not_swept": "strange_support names a refusal only; the numbers of whole digits stand, the sweep rests on them",
    }
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def _legible_in(row: Row, tier: Tier) -> bool:
    return row.suite == "natural" and row.legible and row.kind == tier
