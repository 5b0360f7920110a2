"""The thresholds that a bench's scores support, by one stated rule for every engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

from services.vision.face import Limits
from services.vision.face_rates import SEED, comparisons, passed, tail
from services.vision.face_scores import LIVE, SINGLE, EngineScores

MATCH_RATE: Final = 1e-4  # NIST SP 800-63A: false matches, one in ten thousand
ASK_RATE: Final = 1e-3
COMMAND: Final = "pinreset bench face --derive"
RULES: Final = {
    "match": "the smallest hundredth above every impostor score and above where their exponential tail reaches FMR 1e-4",
    "ask_again": "the smallest hundredth above where the same tail reaches FMR 1e-3: between it and match another capture is asked "
    "for",
    "same_face": "the smallest hundredth above where the tail of live against live pictures reaches FMR 1e-3",
}


@dataclass(frozen=True)
class Derived:
    """The limits, and the counts that they stand on."""

    limits: Limits
    counts: Mapping[str, Mapping[str, int]]


def derive(scores: EngineScores) -> Derived:
    """By the rules above, over every honest impostor comparison of single pictures."""
    everything, live = comparisons(scores, SINGLE), comparisons(scores, LIVE)
    continued = tail(everything)
    # The tail itself errs towards limits that are too high. Its 95 % bound on top gave 0.56 instead of 0.53: that keeps out no
    # impostor ever seen, and sends people with photos of years ago home (4.4 % of another set were missed at 0.50 already).
    match = max(continued.estimate(MATCH_RATE), float(everything.impostor.max()) + 1e-4)
    limits = Limits(
        match=_hundredth(match),
        ask_again=_hundredth(continued.estimate(ASK_RATE)),
        same_face=_hundredth(tail(live).estimate(ASK_RATE)),
    )
    shared = {"people": everything.people, "bootstrap_seed": SEED}
    found = passed(everything, limits.match)
    base = shared | {"impostor": found.total, "pairs_of_people": found.all_pairs}
    return Derived(
        limits,
        {
            "match": base | {"impostors_above": found.count},
            "ask_again": base | {"impostors_above": passed(everything, limits.ask_again).count},
            "same_face": shared
            | {"impostor": len(live.impostor), "impostors_above": passed(live, limits.same_face).count},
        },
    )


def entry_text(derived: Derived, *, sign: int, data: str, command: str, own_table: bool) -> str:
    """The lines for a registry entry (`own_table` false: inside `[[model]]`) or for an operator's description."""
    values = {name: sign * getattr(derived.limits, name) for name in RULES}
    numbers = ", ".join(f"{name} = {value:.2f}" for name, value in values.items())
    lines = [f"thresholds = {{ {numbers} }}"]
    for name, rule in RULES.items():
        counts = ", ".join(f"{key} = {count}" for key, count in derived.counts[name].items())
        lines += [
            "",
            f"[{'derived' if own_table else 'model.derived'}.{name}]",
            f'command = "{command}"',
            f'data = "{data}"',
            f"counts = {{ {counts} }}",
            f'rule = "{rule}"',
        ]
    return "\n".join(lines)


def _hundredth(value: float) -> float:
    return ceil(round(value * 100, 6)) / 100
