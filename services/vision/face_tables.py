"""The matcher report's tables, row by row, in Markdown."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.domain.verdicts import FaceAnswer
from services.vision.face import Limits, decide
from services.vision.face_rates import Comparisons, MissesAt, comparisons, misses_at, passed, tail
from services.vision.face_scores import SAME_PHOTOGRAPH, SINGLE, EngineScores, Kind, ScoreBook
from services.vision.rates import at_most, wilson

NAMES: Final = {
    Kind.CARD_NEUTRAL: "card, as given (4 kB) × neutral (the same photograph)",
    Kind.CARD_SMILE: "card, as given (4 kB) × smiling",
    Kind.CARD_8_SMILE: "card of 8 kB × smiling",
    Kind.CARD_4_SMILE: "card of 4 kB × smiling",
    Kind.CARD_2_SMILE: "card of 2 kB × smiling",
    Kind.NEUTRAL_NEUTRAL: "neutral × neutral, different people only",
    Kind.SMILE_SMILE: "smiling × smiling, different people only",
    Kind.NEUTRAL_SMILE: "neutral × smiling",
    Kind.SESSION: "session: card × median of drawn frames",
}

Shipped = Mapping[str, Limits]


def row(*cells: object) -> str:
    """One line of a table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def head(*names: str) -> Iterator[str]:
    """The first two lines of a table."""
    yield row(*names)
    yield "|" + "---|" * len(names)


def share(count: int, total: int) -> str:
    """A counted rate with its Wilson interval."""
    if not total:
        return "–"
    low, high = wilson(count, total)
    return f"{count}/{total} ({100 * low:.2f}–{100 * high:.2f} %)"


def percent(interval: tuple[float, float]) -> str:
    """An interval of rates."""
    return f"{100 * interval[0]:.2f}–{100 * interval[1]:.2f} %"


def single_pictures(book: ScoreBook) -> Iterator[str]:
    """FNMR at two false match rates, for each engine and sort of pictures."""
    yield from head(
        "engine",
        "compared",
        "lowest own",
        "highest other",
        "FNMR at FMR 1e-3 (Wilson)",
        "subject bootstrap",
        "FNMR at FMR 1e-4 (Wilson)",
        "subject bootstrap",
    )
    for scores, kind in product(book.engines, (kind for kind in Kind if kind not in SAME_PHOTOGRAPH)):
        compared = comparisons(scores, [kind])
        yield row(
            scores.engine,
            NAMES[kind],
            f"{abs(compared.genuine.min()):.3f}",
            f"{abs(compared.impostor.max()):.3f}",
            *_missed(misses_at(compared, 1e-3)),
            *_missed(misses_at(compared, 1e-4)),
        )


def _missed(found: MissesAt) -> tuple[str, str]:
    return share(found.missed, found.total), percent(found.interval)


def false_matches(book: ScoreBook, shipped: Shipped) -> Iterator[str]:
    """What the shipped threshold lets through, and what the counts allow to say."""
    yield from head(
        "engine",
        "compared",
        "false matches",
        "subject bootstrap",
        "at most, were comparisons independent",
        "pairs of people",
        "at most, by pairs",
        "by the continued tail",
    )
    for scores in book.engines:
        for name, kinds in (
            ("card as given × both moods", (Kind.CARD_NEUTRAL, Kind.CARD_SMILE)),
            ("every single picture", SINGLE),
            ("sessions", (Kind.SESSION,)),
        ):
            compared, limit = comparisons(scores, kinds), shipped[scores.engine].match
            found = passed(compared, limit)
            yield row(
                scores.engine,
                name,
                f"{found.count}/{found.total}",
                percent(found.interval),
                f"{at_most(found.count, found.total):.1e}",
                f"{found.pairs}/{found.all_pairs}",
                f"{at_most(found.pairs, found.all_pairs):.1e}",
                continued_to(compared, limit),
            )


def continued_to(compared: Comparisons, limit: float) -> str:
    """The smallest of 1, 2 and 5 times a power of ten at which the continued tail's bound still lies below the limit."""
    continued = tail(compared)
    rates = [step * 10.0**power for power in range(-3, -9, -1) for step in (5, 2, 1)]
    held = [rate for rate in rates if continued.bound(rate) <= limit]
    return f"≤ {min(held):.0e}" if held else "> 5e-03"


def sessions(book: ScoreBook, shipped: Shipped) -> Iterator[str]:
    """The answers of whole decisions: genuine on the diagonal, everybody else's card beside it."""
    yield from head("engine", "whose card", "decisions", "match", "ask again", "no match")
    for scores in book.engines:
        answers = answers_of(scores, shipped[scores.engine])
        own = np.eye(len(answers), dtype=np.bool_)
        for whose, chosen in (("own", answers[own]), ("somebody else's", answers[~own])):
            counts = [
                int((chosen == answer).sum())
                for answer in (FaceAnswer.MATCH, FaceAnswer.ASK_AGAIN, FaceAnswer.NO_MATCH)
            ]
            yield row(scores.engine, whose, len(chosen), *(share(count, len(chosen)) for count in counts))


def answers_of(scores: EngineScores, limits: Limits) -> NDArray[np.object_]:
    """Each card's answer to each person's frames, by the rule that decides in the product."""
    medians = scores.tables[Kind.SESSION]
    return np.array(
        [
            [
                decide([value] * seen.fit, [seen.least_alike], limits)
                for value, seen in zip(line, scores.sessions, strict=True)
            ]
            for line in medians.tolist()
        ],
        dtype=object,
    )


def acquisition(book: ScoreBook) -> Iterator[str]:
    """Failure to enrol and to acquire."""
    yield from head("picture", "file size in bytes", "taken", "fit", "not fit", "failure rate (Wilson)")
    for sort, counts in sorted(book.acquired.items()):
        taken, fit = sum(counts.values()), counts.get("fit", 0)
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()) if reason != "fit") or "–"
        sizes = "–".join(str(size) for size in book.card_bytes.get(sort, ())) or "–"
        yield row(sort, sizes, taken, fit, reasons, share(taken - fit, taken))
