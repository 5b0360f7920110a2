"""Derives the numbers that decide a card-front reading from development rows: natural pictures, damaged letters, wrong documents.

Rule: every card is judged as if its letterings were unknown: digits are drawn again without the families that it is printed in.
The numbers are taken in turn, all later ones at the loose end of their grids. Each becomes the strictest on its grid with which
whole print, that is legible natural pictures and undamaged shots, loses at most the share `MOST_LOST` of what was read before:
for drawn digits every lettering, for margins and supports all print together. Then each in turn is given back one step, because
real lettering is a stranger still, unless a wrong row would come of it, with the lettering known or unknown; the margin of the
code, which no other print confirms, and the factor for dates that no rule confirms are not. So nothing is accepted that whole
print does not need.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.rehearsal.front_ablation import FIELDS
from services.rehearsal.front_bench import Row
from services.rehearsal.front_damage import ARTS, Damage
from services.rehearsal.front_hand import NATURAL, Tier
from services.rehearsal.front_picture import letterings
from services.rehearsal.front_shards import Plan, version
from services.vision.front_accept import ACCEPTANCE, Acceptance, load_acceptance, stands_whole
from services.vision.front_glyph import Wholeness

# Each grid goes from loose to strict, past what is chosen on both sides. Engines are never surer than 1 - 1e-6, so margins end at
# 13.8 nats. The factor comes last: it means nothing without margins.
GRIDS: Final[dict[str, tuple[float, ...]]] = {
    "digit_likeness": (0.0, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95),
    "digit_oddness": (99.0, 5.0, 4.0, 3.5, 3.0, 2.8, 2.6, 2.4, 2.2, 2.0, 1.8, 1.6, 1.4),
    "pad_ink": (1.0, 0.7, 0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15),
    "shine": (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05),
    "digit_lead": (-1.0, -0.3, -0.2, -0.1, -0.05, -0.02, 0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1),
    "blot": (99.0, 3.0, 2.0, 1.8, 1.6, 1.5, 1.4, 1.35, 1.3, 1.25, 1.2, 1.15, 1.1, 1.05),
    "birth_margin": (1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 9.0, 10.0),
    "expiry_margin": (1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5, 7.0, 7.5, 8.0, 9.0, 10.0),
    "code_margin": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0, 11.0),
    "birth_support": (-12.0, -8.0, -6.0, -5.0, -4.5, -4.0, -3.5, -3.0, -2.5, -2.0, -1.0),
    "expiry_support": (-12.0, -8.0, -6.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.7, -0.5, -0.3, -0.2),
    "code_support": (-4.0, -2.0, -1.0, -0.5, -0.2, -0.1, -0.05, -0.02, -0.01, -0.005),
    "unruled_factor": (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2.0),
}
DRAWN: Final = tuple(GRIDS)[:6]  # what decides on digits drawn again, and depends on whose lettering they are in
KEPT_STRICT: Final = {"code_margin", "unruled_factor"}
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
    counts: Counts  # every lettering unknown, as are those of real cards
    known: Counts  # as the reader is
    loosest: Counts
    letterings: dict[str, tuple[int, int]]  # whole print of each, read while it was unknown, and all of it
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
        yield from (f"unknown {name:22} {right}/{whole}" for name, (right, whole) in self.letterings.items())
        yield f"letterings known: {self.known}"
        yield f"derived: {_chosen(self.numbers)}"


class Evidence:
    """The rows in columns, so that hundreds of numbers are tried in seconds."""

    def __init__(self, rows: Sequence[Row], *, unknown: bool) -> None:
        self._located = [row for row in rows if row.evidence]
        self._natural = np.array([row.suite == "natural" for row in self._located], bool)
        self._damage, self._undamaged = (np.array([*map(test, self._located)], bool) for test in (_damaged, _undamaged))
        self._legible = [np.array([_legible_in(row, tier) for row in self._located], bool) for tier in NATURAL]
        self._legible_total = tuple(sum(_legible_in(row, tier) for row in rows) for tier in NATURAL)
        self._totals = sum(map(_undamaged, rows)), sum(map(_damaged, rows)), sum(row.suite == "others" for row in rows)
        self._margin, self._support, self._agreed, self._right = (
            {name: np.array([row.evidence[name][place] for row in self._located]) for name in FIELDS}
            for place in range(4)
        )
        looks = [(unknown and row.evidence["unknown"]) or row.evidence["whole"] for row in self._located]
        self._whole = {name: [Wholeness(*look[name]) for look in looks] for name in FIELDS}
        self._lettered = Counter(name for row in rows for name in _letterings(row))
        names = [_letterings(row) for row in self._located]
        self._letterings = {name: np.array([name in each for each in names], bool) for name in sorted(self._lettered)}
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

    def by_lettering(self, numbers: Acceptance) -> dict[str, tuple[int, int]]:
        """How much whole print of each lettering is right, and how much there is."""
        right, _ = self.said(numbers)
        return {name: (int((right & flags).sum()), self._lettered[name]) for name, flags in self._letterings.items()}

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


def derived(rows: Sequence[Row], names: Sequence[str] = tuple(GRIDS)) -> Derived:
    """The numbers that the rule above picks; those not named stay."""
    unknown, known = Evidence(rows, unknown=True), Evidence(rows, unknown=False)
    numbers = load_acceptance()
    grids = {name: GRIDS[name] for name in names}
    for name, grid in grids.items():
        numbers = _with(numbers, name, grid[0])
    loosest = numbers
    for name, grid in grids.items():
        tried = (_with(numbers, name, value) for value in reversed(grid))
        numbers = next(one for one in tried if _bears(unknown, one, numbers, each_lettering=name in DRAWN))
    for name, grid in [step for step in grids.items() if step[0] not in KEPT_STRICT]:
        step = max(grid.index(getattr(numbers, name)) - 1, 0)
        looser = _with(numbers, name, grid[step])
        if all(each.counts(looser).wrong <= each.counts(numbers).wrong for each in (unknown, known)):
            numbers = looser
    around = tuple(
        (name, value, unknown.counts(_with(numbers, name, value))) for name, grid in GRIDS.items() for value in grid
    )
    counts = (unknown.counts(numbers), known.counts(numbers), unknown.counts(loosest))
    return Derived(numbers, *counts, unknown.by_lettering(numbers), around)


def _bears(evidence: Evidence, numbers: Acceptance, before: Acceptance, *, each_lettering: bool) -> bool:
    """Whether whole print loses no more than it may."""
    if not each_lettering:
        return evidence.counts(numbers).whole_right >= (1 - MOST_LOST) * evidence.counts(before).whole_right
    after = evidence.by_lettering(numbers)
    return all(after[name][0] >= (1 - MOST_LOST) * right for name, (right, _) in evidence.by_lettering(before).items())


def written(found: Derived, plan: Plan, path: Path = ACCEPTANCE, *, only_digits: bool = False) -> Path:
    """Puts the numbers and where they come from into the reader's data; what the sweep does not cover stays."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    before = data["derived"]
    earlier = {"margins_and_supports": before.get("margins_and_supports", before)} if only_digits else {}
    asked = f"--cards {plan.cards} --damage {plan.damage} --others {plan.others} --seed {plan.seed}"
    data |= _chosen(found.numbers)
    data["version"] = f"derived-{version(with_acceptance=False)}"
    data["derived"] = {
        "command": f"pinreset bench ocr --derive {asked}{' --only-digits' * only_digits}",
        "rule": " ".join((__doc__ or "").split("Rule: ")[-1].split()),
        "most_lost": MOST_LOST,
        "counts": asdict(found.counts),
        "counts_with_letterings_known": asdict(found.known),
        "whole_print_read_by_unknown_lettering": found.letterings,
        "loosest": asdict(found.loosest),
        "not_swept": "strange_support names a refusal only",
        **earlier,
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


def _letterings(row: Row) -> tuple[str, ...]:
    """What a development row's whole print is lettered with; nothing where it shows none."""
    whole = _undamaged(row) or any(_legible_in(row, tier) for tier in NATURAL)
    fields = zip(("dates", "code"), letterings(row.seed, row.seed % ARTS), strict=True)
    return tuple(f"{field} {name}" for field, name in fields) if whole else ()


def _damaged(row: Row) -> bool:
    return row.suite == "damage" and row.kind != Damage.NONE


def _undamaged(row: Row) -> bool:
    """An undamaged shot with an expiry that the reader knows."""
    return row.suite == "damage" and row.kind == Damage.NONE and row.legible
