"""Measures the card-front reader on drawn cards: `python -m services.rehearsal.front_bench [CARDS [FIRST_SEED]]`.

Every picture has its own person, fonts, ink, table, light and pose; two of three are drawn over a guilloche that the reader's
template does not have. All of it is synthetic: real cards will do worse until measured.
"""

import resource
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter, process_time
from typing import Final

import cv2
import numpy as np

from services.clock import ManualClock
from services.domain.card import CardFront
from services.domain.verdicts import FrontReading
from services.rehearsal.front_capture import Tier, photograph
from services.rehearsal.front_people import someone
from services.rehearsal.front_picture import render_front
from services.vision.front import CardFrontByTemplate

TODAY: Final = datetime(2026, 6, 1, tzinfo=UTC)
ARTS: Final = 3


@dataclass(frozen=True)
class Shot:
    """One picture read: what came of it and what it took."""

    tier: Tier
    outcome: str  # "right", "wrong", or why it was refused
    wall_ms: float
    cpu_ms: float


def shots(reader: CardFrontByTemplate, cards: int, first_seed: int = 0) -> Iterator[Shot]:
    """Reads each card once in every tier."""
    for seed in range(first_seed, first_seed + cards):
        fields = someone(seed, TODAY.date())
        card = render_front(fields, seed=seed, art=seed % ARTS)
        for number, tier in enumerate(Tier):
            picture = photograph(card, seed=seed * len(Tier) + number, tier=tier)
            wall, cpu = perf_counter(), process_time()
            reading = reader.read(picture)
            took = perf_counter() - wall, process_time() - cpu
            yield Shot(tier, outcome(reading, fields.front), took[0] * 1000, took[1] * 1000)


def outcome(reading: FrontReading, truth: CardFront) -> str:
    """`right`, `wrong`, or the first reason for refusal. One wrong field that carries a value is wrong, accepted or not."""
    fields = (reading.birth, reading.expiry, reading.security_code)
    expected = (truth.birth.isoformat(), truth.expiry.isoformat(), truth.security_code)
    for field, value in zip(fields, expected, strict=True):
        if field is not None and field.value not in {None, value}:
            return "wrong"
    birth = reading.birth
    if birth is not None and birth.printed is not None and birth.printed[0].isdigit() is not truth.western_birth_year:
        return "wrong"
    if reading.accepted:
        return "right"
    return next(str(fault) for fault in (reading.fault, *(field.fault for field in fields if field)) if fault)


def report(taken: list[Shot]) -> Iterator[str]:
    """The lines to print."""
    for tier in Tier:
        counts = Counter(shot.outcome for shot in taken if shot.tier is tier)
        total = counts.total()
        reasons = ", ".join(f"{name} {count}" for name, count in counts.most_common() if name not in {"right", "wrong"})
        share = counts["right"] / total
        yield f"{tier:7} right {counts['right']:4}/{total} ({share:.1%})  wrong {counts['wrong']}  refused: {reasons or '-'}"
    accepted = [shot for shot in taken if shot.outcome in {"right", "wrong"}]
    if accepted and all(shot.outcome == "right" for shot in accepted):
        # With no error in n, the exact 95 % bound (Clopper and Pearson) is 1 - 0.05^(1/n).
        yield f"no wrong field in {len(accepted)} accepted: below {1 - 0.05 ** (1 / len(accepted)):.2%} with 95 % confidence"
    for name, values in (("wall", [shot.wall_ms for shot in taken]), ("CPU", [shot.cpu_ms for shot in taken])):
        p50, p95 = np.percentile(values, (50, 95))
        yield f"{name:5} ms a picture: p50 {p50:.0f}, p95 {p95:.0f}"
    yield f"peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB (drawing included)"


def main(arguments: list[str]) -> int:
    """Prints the report; fails when a wrong value was given."""
    cv2.setNumThreads(1)
    numbers = [int(text) for text in arguments]
    taken = list(shots(CardFrontByTemplate(ManualClock(TODAY)), *(numbers or [40])))
    print("\n".join(report(taken)))  # noqa: T201  # a command's output
    return int(any(shot.outcome == "wrong" for shot in taken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
