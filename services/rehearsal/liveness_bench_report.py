"""The attack bench's report, in the terms of ISO/IEC 30107-3. The same outcomes give the same bytes: no times are in it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.rehearsal import liveness_bench_text as text
from services.rehearsal.attack_people import FILM, TAKES
from services.rehearsal.attack_protocol import TRICKS, Trick
from services.rehearsal.attack_scene import COURSE, FRONT_COURSE
from services.rehearsal.attack_species import KINDS, Species
from services.rehearsal.liveness_bench import LIVE, Answer, Outcome
from services.rehearsal.liveness_bench_plan import GENUINE, Attempt
from services.vision.models import registry
from services.vision.rates import at_most, wilson

_CAUSES: Final = 3
_MODELS: Final = ("yunet", "face-mesh", "sface", "replay")
BPCER_TARGET: Final = 0.03


@dataclass(frozen=True)
class Run:
    """All that a run found out. `people` is how many, `filmed` the real clip's stretches, `tricks` (accepted, code) of each."""

    outcomes: Mapping[Attempt, Outcome]
    people: int
    real: bool
    filmed: Sequence[Outcome]
    tricks: Mapping[Trick, Sequence[tuple[bool, str]]]

    def of(self, species: str) -> list[Outcome]:
        """The outcomes of one species, in the order of their numbers."""
        found = sorted(
            (attempt.number, outcome) for attempt, outcome in self.outcomes.items() if attempt.species == species
        )
        return [outcome for _, outcome in found]

    def findings(self) -> list[Attempt]:
        """The attempts that were accepted and should not have been."""
        stopped = {species.value for species, kind in KINDS.items() if kind.stopped}
        found = (a for a, o in self.outcomes.items() if a.species in stopped and o.answer is Answer.ACCEPTED)
        return sorted(found, key=lambda attempt: (attempt.species, attempt.number))


def report(run: Run) -> Iterator[str]:
    """The lines of the report, Markdown."""
    yield from _head(run)
    yield from _attacks(run)
    yield from _unstopped(run)
    yield from _session(run)
    yield from _genuine(run)
    yield from _limits(run)


def _head(run: Run) -> Iterator[str]:
    yield "# Liveness: the attack bench"
    yield ""
    yield text.HEAD
    yield ""
    yield (text.LONDON if run.real else text.PORTRAITS).format(people=run.people)
    yield text.ATTEMPT.format(front=len(FRONT_COURSE), moves=len(COURSE), takes=TAKES, film=FILM)
    yield ""
    yield "| model | SHA-256 begins |"
    yield "| --- | --- |"
    for name in _MODELS:
        yield f"| {name} | `{registry()[name].sha256[:16]}` |"


def _attacks(run: Run) -> Iterator[str]:
    yield ""
    yield "## Attacks that must be stopped"
    yield ""
    found = run.findings()
    kinds = [species for species, kind in KINDS.items() if kind.stopped and run.of(species.value)]
    tried = sum(len(run.of(species.value)) for species in kinds)
    yield f"Target: none accepted. Found: **{len(found)} accepted of {tried}** in {len(kinds)} species."
    yield ""
    yield from _table(run, kinds)
    yield ""
    yield text.COLUMNS
    if found:
        yield ""
    for attempt in found:
        yield f"- accepted: `{attempt.seed}`, card of {attempt.victim}, other person {attempt.other}"


def _table(run: Run, kinds: Sequence[Species]) -> Iterator[str]:
    yield "| species | attempts | not judged | live | APCER | accepted | at most | control | mostly because |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
    for species in kinds:
        yield _row(species, run.of(species.value))


def _row(species: Species, outcomes: Sequence[Outcome]) -> str:
    kind, total = KINDS[species], len(outcomes)
    count = Counter(outcome.answer for outcome in outcomes)
    judged, live = total - count[Answer.NOT_JUDGED], sum(count[answer] for answer in LIVE)
    title = f"{kind.title} ({kind.texture} simulated)" if kind.texture else kind.title
    # A genuine sequence of somebody else is no attack to the liveness check: only the matcher can refuse it.
    apcer = "–" if species is Species.OTHER_CARD or not judged else _rate(live, judged)
    naive = sum(outcome.naive for outcome in outcomes)
    cells = (title, total, count[Answer.NOT_JUDGED], live, apcer, count[Answer.ACCEPTED])
    bound = f"{100 * at_most(count[Answer.ACCEPTED], total):.2f} %"
    return f"| {' | '.join(str(cell) for cell in (*cells, bound, naive, _causes(outcomes)))} |"


def _rate(count: int, total: int) -> str:
    return f"{100 * count / total:.2f} % (≤ {100 * at_most(count, total):.2f})"


def _causes(outcomes: Sequence[Outcome]) -> str:
    why = Counter(outcome.why for outcome in outcomes if outcome.why)
    ordered = sorted(why.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{cause} {count}" for cause, count in ordered[:_CAUSES]]
    rest = sum(count for _, count in ordered[_CAUSES:])
    return ", ".join([*named, *([f"others {rest}"] if rest else [])])


def _unstopped(run: Run) -> Iterator[str]:
    kinds = [species for species, kind in KINDS.items() if not kind.stopped and run.of(species.value)]
    if not kinds:
        return
    yield ""
    yield "## What no check of images stops"
    yield ""
    yield from _table(run, kinds)
    yield ""
    yield text.WHAT_STANDS


def _session(run: Run) -> Iterator[str]:
    if not run.tricks:
        return
    yield ""
    yield "## Attacks on the session"
    yield ""
    yield text.SESSION
    yield ""
    yield "| trick | attempts | accepted | at most | refused with |"
    yield "| --- | ---: | ---: | ---: | --- |"
    for trick, ends in run.tricks.items():
        passed = sum(accepted for accepted, _ in ends)
        codes = ", ".join(sorted({code or "nothing new was judged" for accepted, code in ends if not accepted}))
        bound = f"{100 * at_most(passed, len(ends)):.2f} %"
        yield f"| {TRICKS[trick][0]} | {len(ends)} | {passed} | {bound} | {codes} |"


def _genuine(run: Run) -> Iterator[str]:
    drawn = run.of(GENUINE)
    yield ""
    yield "## Genuine sequences"
    yield ""
    yield f"Target: BPCER at most {BPCER_TARGET:.0%}. Refused costs the person an attempt; filmed again costs nothing but time."
    yield ""
    yield "| sequences | number | filmed again | refused as an attack: BPCER | not matched, or asked again | accepted | because |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
    if drawn:
        yield _genuine_row("drawn, in many lights and hands", drawn, matched=True)
    if run.filmed:
        yield _genuine_row(
            "real clip of a man who looks ahead: the front step only, no card", run.filmed, matched=False
        )
    yield ""
    yield text.GENUINE


def _genuine_row(title: str, outcomes: Sequence[Outcome], *, matched: bool) -> str:
    total = len(outcomes)
    count = Counter(outcome.answer for outcome in outcomes)
    judged = total - count[Answer.NOT_JUDGED]
    again, bpcer = _share(count[Answer.NOT_JUDGED], total), _share(count[Answer.REFUSED], judged)
    unmatched = str(count[Answer.NO_MATCH] + count[Answer.ASK_AGAIN]) if matched else "–"
    cells = (title, total, again, bpcer, unmatched, count[Answer.ACCEPTED], _causes(outcomes) or "–")
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _share(count: int, total: int) -> str:
    low, high = wilson(count, total) if total else (0.0, 1.0)
    return f"{count}: {100 * count / max(total, 1):.2f} % ({100 * low:.2f} to {100 * high:.2f})"


def _limits(run: Run) -> Iterator[str]:
    yield ""
    yield "## Limits"
    yield ""
    yield text.LIMITS.format(people=run.people)
