"""Every single fault and every pair, without running the same twice; then chance.

Three things keep the pairs few, and lose none. Faults that a point declares alike (a tear at the third or the fourth byte read of
one visit to the card) stand for each other. With one fault left, a run that comes to where an earlier one was, with one fault left
or none needed, goes on like it, whatever strikes next: its second faults from there on are that one's. With no fault left, a run
that comes to where an earlier one was ends there.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from services.domain.password import PasswordKind

from .faults import STORIES, Drawn, Fault, Point, Schedule
from .run import Result, run
from .world import Looking, Stage


@dataclass
class Tally:
    """What was run."""

    singles: int = 0
    pairs: int = 0
    joined: int = 0  # of the pairs: ended where an earlier run had been
    alike: int = 0  # pairs that another schedule stands for
    drawn: int = 0
    seconds: float = 0.0
    violations: list[tuple[str, str]] = field(default_factory=list)

    @property
    def schedules(self) -> int:
        """How many were run."""
        return self.singles + self.pairs + self.drawn

    def add(self, other: "Tally") -> None:
        """Sums up."""
        for name in ("singles", "pairs", "joined", "alike", "drawn", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.violations += other.violations


def singles(stage: Stage, beginning: Schedule, tally: Tally) -> dict[tuple[int, Fault], Result]:
    """Every fault at every point, each run to its end."""
    found: dict[tuple[int, Fault], Result] = {}
    for first in every_fault(run(stage, beginning).points):
        result = found[first] = run(stage, replace(beginning, faults=(first,)), looking=Looking.ALWAYS)
        _note(tally, result)
        tally.singles += 1
    return found


def every_fault(points: list[Point]) -> list[tuple[int, Fault]]:
    """Of every point each of its faults."""
    return [(number, fault) for number, point in enumerate(points) for fault in point.offers]


def disagreements(found: dict[tuple[int, Fault], Result]) -> list[str]:
    """Faults that are declared alike and are not."""
    led_to = defaultdict(set)
    for (number, fault), result in found.items():
        name = result.points[number].alike.get(fault)
        if name is not None:
            led_to[name].add(result.after_last)
    return [name for name, states in led_to.items() if len(states) > 1]


def pairs(stage: Stage, beginning: Schedule, tally: Tally) -> None:
    """Every pair of faults, once for each state that the first can lead to."""
    plain = run(stage, beginning, looking=Looking.ALWAYS)
    firsts = singles(stage, beginning, tally)
    been_there = {state for result in firsts.values() for _, state in result.trail}
    # From where the run without a fault was, a second fault is the only one: those were all run.
    one_left = {state for _, state in plain.trail}
    begun: set[str] = set()
    for first, result in firsts.items():
        offered = sum(len(point.offers) for point in result.points[first[0] + 1 :])
        name = result.points[first[0]].alike.get(first[1])
        seconds = [] if name in begun else list(_seconds(result, first, one_left, late=beginning.late))
        tally.alike += offered - len(seconds)
        begun |= {name} if name else set()
        for second in seconds:
            schedule = replace(beginning, faults=(first, second))
            pair = run(stage, schedule, looking=Looking.NOW_AND_THEN, been_there=been_there)
            _note(tally, pair)
            tally.pairs += 1
            tally.joined += pair.joined
            been_there.update(state for _, state in pair.trail)


def _seconds(
    result: Result, first: tuple[int, Fault], one_left: set[bytes], *, late: bool
) -> Iterator[tuple[int, Fault]]:
    """What can strike after this first fault, as far as this run goes its own way.

    Of faults that are alike, one. Shortly before the deadline, only pairs in which it passes are new.
    """
    end = len(result.points)
    few = late and "deadline" not in first[1]
    for passed, state in result.trail:
        if state in one_left:
            end = passed
            break
        if not few:
            one_left.add(state)
    seen = set()
    for number, point in enumerate(result.points[first[0] + 1 : end], first[0] + 1):
        for fault in point.offers:
            name = point.alike.get(fault)
            if name in seen or (few and "deadline" not in fault):
                continue
            if name is not None:
                seen.add(name)
            yield number, fault


def hunt(stage: Stage, beginning: Schedule) -> Schedule | None:
    """The first schedule found to break a promise: none of its faults, one, or two. The last points come first."""
    plain = run(stage, beginning)
    if plain.violation is not None:
        return plain.schedule
    firsts: dict[tuple[int, Fault], Result] = {}
    for first in reversed(every_fault(plain.points)):
        result = firsts[first] = run(stage, replace(beginning, faults=(first,)), looking=Looking.ALWAYS)
        if result.violation is not None:
            return result.schedule
    one_left: set[bytes] = set()
    for first, result in firsts.items():
        for second in _seconds(result, first, one_left, late=False):
            pair = run(stage, replace(beginning, faults=(first, second)))
            if pair.violation is not None:
                return pair.schedule
    return None


def draw(stage: Stage, seed: str, count: int, tally: Tally) -> None:
    """Runs with three to six faults each, drawn from this seed."""
    chance = Random(seed)
    for _ in range(count):
        kind = chance.choice(list(PasswordKind))
        beginning = Schedule(kind, chance.choice(STORIES), chance.random() < 0.2)
        choice = Drawn(chance, chance.randint(3, 6), chance.choice((0.01, 0.02, 0.04)))
        _note(tally, run(stage, beginning, choice))
        tally.drawn += 1


def _note(tally: Tally, result: Result) -> None:
    if result.violation is not None:
        sys.stderr.write(f"broken: {result.schedule}: {result.violation}\n")  # at once: the campaign's end may be far
        tally.violations.append((str(result.schedule), result.violation))
