"""Derives the numbers that decide a card-front reading from development rows: natural pictures, damaged letters, wrong documents.

Rule: the numbers are taken in turn, all later ones at the loose end of their grids. Each becomes the strictest on its grid with
which at most the share `MOST_LOST` of the whole print read before it is lost; whole print is legible natural pictures and
undamaged shots. Then each in turn is given back one step, because real lettering will score lower than ours, unless a wrong row
would come of it; the factor for dates that no rule confirms is not. So nothing is accepted that whole print does not need: a
refusal costs another picture, a wrong field one of ten tries.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.rehearsal.front_ablation import FIELDS
from services.rehearsal.front_bench import Row
from services.rehearsal.front_damage import Damage
from services.rehearsal.front_hand import NATURAL, Tier
from services.rehearsal.front_shards import Plan, version
from services.vision.front_accept import ACCEPTANCE, Acceptance, load_acceptance, stands_whole
from services.vision.front_glyph import Wholeness

# Each grid goes from loose to strict, past what is chosen on both sides. Engines are never surer than 1 - 1e-6, so margins end at
# 13.8 nats. The factor comes last: it means nothing without margins.
GRIDS: Final[dict[str, tuple[float, ...]]] = {
    "digit_likeness": (0.0, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95),
    "digit_oddness": (99.0, 5.0, 4.0, 3.5, 3.0, 2.8, 2.6, 2.4, 2.2, 2.0, 1.8, 1.6, 1.4),
    "pad_ink": (1.0, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15),
    "shine": (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05),
    "birth_margin": (1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 9.0, 10.0),
    "expiry_margin": (1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 9.0, 10.0),
    "code_margin": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0, 11.0),
    "birth_support": (-12.0, -8.0, -6.0, -5.0, -4.5, -4.0, -3.5, -3.0, -2.5, -2.0, -1.0),
    "expiry_support": (-12.0, -8.0, -6.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.7, -0.5, -0.3, -0.2),
    "code_support": (-4.0, -2.0, -1.0, -0.5, -0.2, -0.1, -0.05, -0.02, -0.01, -0.005),
    "unruled_factor": (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2.0),
}
MOST_LOST: Final = 0.0025
_Flags = NDArray[np.bool_]
_Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """What some numbers make of the rows."""

    legible_right: tuple[int, ...]  # easy, normal, hard
    legible: tuple[int, ...]
    undamaged_right: int
    undamaged: int
    damage_right: int
    damage_wrong: int
    damage: int
    natural_wrong: int
    documents_wrong: int
    documents: int

    @property
    def whole_right(self) -> int:
        """Whole print that is read."""
        return sum(self.legible_right) + self.undamaged_right

    @property
    def wrong(self) -> int:
        """Wrong rows of any kind."""
        return self.damage_wrong + self.natural_wrong + self.documents_wrong


@dataclass(frozen=True)
class Derived:
    """The numbers, what they make of the rows, and what the others would have."""

    numbers: Acceptance
    counts: Counts
    loosest: Counts
    around: tuple[tuple[str, float, Counts], ...]  # one number changed

    def lines(self) -> Iterator[str]:
        """For the screen."""
        yield f"{'one number changed':24} {'easy':>8} {'normal':>8} {'hard':>8} {'undamaged':>10} {'damaged':>10}  wrong of all"
        for name, value, counts in self.around:
            legible = " ".join(f"{f'{a}/{b}':>8}" for a, b in zip(counts.legible_right, counts.legible, strict=True))
            damaged = f"{counts.damage_right}/{counts.damage}"
            undamaged = f"{counts.undamaged_right}/{counts.undamaged}"
            chosen = "  <-" if getattr(self.numbers, name) == value else ""
            yield f"{name:15} {value:8.3f} {legible} {undamaged:>10} {damaged:>10}  {counts.wrong}{chosen}"
        yield f"derived: {_chosen(self.numbers)}"


class Evidence:
    """The rows in columns, so that hundreds of numbers are tried in seconds."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._located = [row for row in rows if row.evidence]
        self._natural, self._damage, self._undamaged = (
            np.array([test(row) for row in self._located], bool)
            for test in (lambda row: row.suite == "natural", _damaged, _undamaged)
        )
        self._legible = [np.array([_legible_in(row, tier) for row in self._located], bool) for tier in NATURAL]
        self._legible_total = tuple(sum(_legible_in(row, tier) for row in rows) for tier in NATURAL)
        self._totals = (
            sum(map(_undamaged, rows)),
            sum(map(_damaged, rows)),
            sum(row.suite == "others" for row in rows),
        )
        self._margin, self._support, self._agreed, self._right = (
            {name: np.array([row.evidence[name][place] for row in self._located]) for name in FIELDS}
            for place in range(4)
        )
        self._whole = {name: [Wholeness(*row.evidence["whole"][name]) for row in self._located] for name in FIELDS}
        self._ruled, self._contradicted, self._western = (
            np.array([row.evidence[name] for row in self._located], bool)
            for name in ("ruled", "contradicted", "western")
        )

    def said(self, numbers: Acceptance) -> tuple[_Flags, _Flags]:
        """Which rows are right and which are wrong under these numbers: the reader's own judgement, over columns."""
        strictness = np.where(self._ruled, 1.0, numbers.unruled_factor)
        consistent = ~self._contradicted & (self._ruled | self._western)
        given = {
            "birth": consistent & self._counts("birth", numbers.birth_margin * strictness, numbers),
            "expiry": consistent & self._counts("expiry", numbers.expiry_margin * strictness, numbers),
            "code": self._counts("code", np.full(len(strictness), numbers.code_margin), numbers),
        }
        wrong = np.logical_or.reduce([flags & ~self._right[name] for name, flags in given.items()])
        return np.logical_and.reduce(list(given.values())) & ~wrong, wrong

    def _counts(self, name: str, margin: _Numbers, numbers: Acceptance) -> _Flags:
        sure = (self._margin[name] >= margin) & (self._support[name] >= getattr(numbers, f"{name}_support"))
        whole = np.array([stands_whole(found, numbers) for found in self._whole[name]], bool)
        counted: _Flags = whole & self._agreed[name] & sure
        return counted

    def counts(self, numbers: Acceptance) -> Counts:
        """How many of each."""
        right, wrong = self.said(numbers)
        return Counts(
            legible=self._legible_total,
            undamaged=self._totals[0],
            damage=self._totals[1],
            documents=self._totals[2],
            legible_right=tuple(int((right & of_tier).sum()) for of_tier in self._legible),
            undamaged_right=int((right & self._undamaged).sum()),
            damage_right=int((right & self._damage).sum()),
            damage_wrong=int((wrong & (self._damage | self._undamaged)).sum()),
            natural_wrong=int((wrong & self._natural).sum()),
            documents_wrong=int((wrong & ~(self._natural | self._damage | self._undamaged)).sum()),
        )


def derived(rows: Sequence[Row]) -> Derived:
    """The numbers that the rule above picks."""
    evidence = Evidence(rows)
    numbers = load_acceptance()
    for name, grid in GRIDS.items():
        numbers = _with(numbers, name, grid[0])
    loosest = numbers
    for name, grid in GRIDS.items():
        least = (1 - MOST_LOST) * evidence.counts(numbers).whole_right
        tried = (_with(numbers, name, value) for value in reversed(grid))
        numbers = next(one for one in tried if evidence.counts(one).whole_right >= least)
    for name, grid in list(GRIDS.items())[:-1]:
        step = max(grid.index(getattr(numbers, name)) - 1, 0)
        looser = _with(numbers, name, grid[step])
        if evidence.counts(looser).wrong <= evidence.counts(numbers).wrong:
            numbers = looser
    around = tuple(
        (name, value, evidence.counts(_with(numbers, name, value))) for name, grid in GRIDS.items() for value in grid
    )
    return Derived(numbers, evidence.counts(numbers), evidence.counts(loosest), around)


def written(found: Derived, plan: Plan, path: Path = ACCEPTANCE) -> Path:
    """Puts the numbers and where they come from into the reader's data; what the sweep does not cover stays."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    options = f"--cards {plan.cards} --damage {plan.damage} --others {plan.others} --seed {plan.seed}"
    data |= _chosen(found.numbers)
    data["version"] = f"derived-{version(with_acceptance=False)}"
    data["derived"] = {
        "command": f"pinreset bench ocr --derive {options}",
        "rule": " ".join((__doc__ or "").split("Rule: ")[-1].split()),
        "most_lost": MOST_LOST,
        "counts": asdict(found.counts),
        "loosest": asdict(found.loosest),
        "not_swept": "strange_support names a refusal only",
    }
    path.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def _with(numbers: Acceptance, name: str, value: float) -> Acceptance:
    changed: dict[str, Any] = {name: value}
    return replace(numbers, **changed)


def _chosen(numbers: Acceptance) -> dict[str, float]:
    return {name: getattr(numbers, name) for name in GRIDS}


def _legible_in(row: Row, tier: Tier) -> bool:
    return row.suite == "natural" and row.legible and row.kind == tier


def _damaged(row: Row) -> bool:
    return row.suite == "damage" and row.kind != Damage.NONE


def _undamaged(row: Row) -> bool:
    """An undamaged shot with an expiry that the reader knows."""
    return row.suite == "damage" and row.kind == Damage.NONE and row.legible
