"""Error rates of a face bench in the terms of ISO/IEC 19795-1, with intervals that say what the counts support.

Comparisons of 54 people are not independent: each person is in many of them. The subject bootstrap draws people, not comparisons
(with everything that they are part of), and so keeps that dependence. Where nobody was missed and nobody let through it has nothing
to vary, and the exact bound on the count says more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.vision.face_scores import SAME_PHOTOGRAPH, SYMMETRIC, EngineScores, Kind

RESAMPLES: Final = 1000
SEED: Final = 19795
TAIL_SHARE: Final = 0.05  # of the impostor scores, the highest: what the tail is fitted to

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Comparisons:
    """Genuine and impostor likenesses, each with the people in it."""

    people: int
    genuine: Numbers
    of: Indices
    impostor: Numbers
    one: Indices
    other: Indices

    @cached_property
    def pairs(self) -> int:
        """Different pairs of people among the impostors."""
        return len(set(zip(np.minimum(self.one, self.other), np.maximum(self.one, self.other), strict=True)))

    def weights(self) -> NDArray[np.int64]:
        """How often each person was drawn, a row for each resample."""
        random = np.random.default_rng(SEED)
        drawn = random.multinomial(self.people, np.full(self.people, 1 / self.people), size=RESAMPLES)
        # Of one person alone there are no impostors; among tens of people that is never drawn.
        return np.asarray(drawn[(drawn > 0).sum(axis=1) > 1])


def comparisons(
    scores: EngineScores,
    kinds: Sequence[Kind],
    chosen: Sequence[int] | None = None,
    *,
    like: NDArray[np.bool_] | None = None,
) -> Comparisons:
    """Those of the tables. `chosen` are the people that stand for the genuine side; `like` says which impostors count."""
    size = len(scores.tables[kinds[0]])
    own = np.arange(size) if chosen is None else np.array(chosen, dtype=np.int64)
    allowed = np.ones((size, size), dtype=np.bool_) if like is None else like
    genuine, of, impostor, one, other = [], [], [], [], []
    for kind in kinds:
        table = scores.tables[kind]
        if kind not in SAME_PHOTOGRAPH:
            seen = own[~np.isnan(table[own, own])]
            genuine.append(table[seen, seen])
            of.append(seen)
        apart = ~np.eye(size, dtype=np.bool_) & ~np.isnan(table) & allowed
        rows, columns = np.nonzero(np.triu(apart) if kind in SYMMETRIC else apart)
        impostor.append(table[rows, columns])
        one.append(rows)
        other.append(columns)
    return Comparisons(
        size,
        np.concatenate([np.zeros(0), *genuine]),
        np.concatenate([np.zeros(0, dtype=np.int64), *of]),
        np.concatenate(impostor),
        np.concatenate(one),
        np.concatenate(other),
    )


@dataclass(frozen=True)
class MissesAt:
    """The false non-matches where the impostors' own scores allow at most this false match rate."""

    limit: float  # a match lies above it
    missed: int
    total: int
    allowed: int  # impostors that the rate allows among those that there are
    interval: tuple[float, float]  # subject bootstrap, 95 %


def misses_at(compared: Comparisons, rate: float) -> MissesAt:
    """FNMR at FMR."""
    falling = np.argsort(-compared.impostor, kind="stable")
    ordered = compared.impostor[falling]
    allowed = int(len(ordered) * rate)
    limit = float(ordered[allowed])
    one, other = compared.one[falling], compared.other[falling]
    shares = []
    for weight in compared.weights():
        reached = np.cumsum(weight[one] * weight[other])
        first = int(np.searchsorted(reached, rate * reached[-1], side="right"))
        own = weight[compared.of]
        shares.append(float(own[compared.genuine <= ordered[min(first, len(ordered) - 1)]].sum() / max(own.sum(), 1)))
    low, high = np.quantile(shares, [0.025, 0.975])
    missed = int((compared.genuine <= limit).sum())
    return MissesAt(limit, missed, len(compared.genuine), allowed, (float(low), float(high)))


@dataclass(frozen=True)
class Passed:
    """Impostors at or above a limit."""

    count: int
    total: int
    pairs: int  # different pairs of people with one that passed
    all_pairs: int
    interval: tuple[float, float]  # subject bootstrap, 95 %


def passed(compared: Comparisons, limit: float) -> Passed:
    """The false matches at a limit."""
    over = compared.impostor >= limit
    shares = []
    for weight in compared.weights():
        drawn = weight[compared.one] * weight[compared.other]
        shares.append(float(drawn[over].sum() / max(drawn.sum(), 1)))
    low, high = np.quantile(shares, [0.025, 0.975])
    pairs = {(min(pair), max(pair)) for pair in zip(compared.one[over], compared.other[over], strict=True)}
    return Passed(int(over.sum()), len(over), len(pairs), compared.pairs, (float(low), float(high)))


@dataclass(frozen=True)
class Tail:
    """The impostors' highest twentieth, continued as an exponential: excesses over a high limit tend to it (Pickands 1975).

    The true tail of a bounded score falls faster, so that this errs towards limits that are too high.
    """

    whole: tuple[float, float, float]  # where it starts, its share of all impostors, its mean excess
    drawn: NDArray[np.float64]  # the same for each resample of people

    def estimate(self, rate: float) -> float:
        """Where the tail reaches a false match rate."""
        return float(_reached(np.array([self.whole]), rate)[0])

    def bound(self, rate: float) -> float:
        """The 95 % upper bound of the same, over people."""
        return float(np.quantile(_reached(self.drawn, rate), 0.95))

    def rate(self, limit: float) -> float:
        """The false match rate at a limit within the tail."""
        start, share, excess = self.whole
        return share * float(np.exp(-(limit - start) / excess))


def _reached(fits: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    start, share, excess = fits.T
    return np.asarray(start + excess * np.log(share / rate))


def tail(compared: Comparisons) -> Tail:
    """Fits it to all, and to each resample."""
    falling = np.argsort(-compared.impostor, kind="stable")
    ordered, one, other = compared.impostor[falling], compared.one[falling], compared.other[falling]
    drawn = [_fitted(ordered, weight[one] * weight[other]) for weight in compared.weights()]
    return Tail(_fitted(ordered, np.ones(len(ordered))), np.array(drawn))


def _fitted(ordered: Numbers, weight: NDArray[Any]) -> tuple[float, float, float]:
    """Where the tail starts, its share of all, and its mean excess."""
    reached = np.cumsum(weight)
    highest = int(np.searchsorted(reached, 0, side="right"))  # a resample may lack the first ones
    start = min(max(highest + 1, int(np.searchsorted(reached, TAIL_SHARE * reached[-1]))), len(ordered) - 1)
    over = weight[:start]
    excess = float((over * (ordered[:start] - ordered[start])).sum() / over.sum())
    return float(ordered[start]), float(reached[start] / reached[-1]), excess


@dataclass(frozen=True)
class DETPoint:
    """Both error rates at one limit; `counted` is false where the false match rate lies below what was counted."""

    false_match: float
    false_non_match: float
    counted: bool


def det(compared: Comparisons) -> list[DETPoint]:
    """A point at each genuine score; where no impostor reaches it, the rate is the continued tail's."""
    falling = -np.sort(-compared.impostor)
    whole = _fitted(falling, np.ones(len(falling)))
    points = []
    for missed, limit in enumerate(np.sort(compared.genuine)):
        over = int((falling >= limit).sum())
        rate = over / len(falling) if over else Tail(whole, np.array([whole])).rate(float(limit))
        points.append(DETPoint(rate, missed / len(compared.genuine), over > 0))
    return points
