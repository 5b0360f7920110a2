"""What the simulation leaves out because it is the same, is the same."""

from dataclasses import replace
from random import Random

from services.domain.password import PasswordKind

from .explore import every_fault
from .faults import STORIES, Drawn, Schedule
from .run import run, stage_set
from .world import Looking

KINDS = list(PasswordKind)
RUNS = 25


def drawn(stage, seed: int):
    chance = Random(seed)
    beginning = Schedule(chance.choice(KINDS), chance.choice(STORIES), chance.random() < 0.3)
    return run(stage, beginning, Drawn(chance, 4, 0.03))


def test_a_server_that_remembers_answers_as_one_that_carries_everything_out(issuance):
    with stage_set(issuance, remember=True) as stage:
        for seed in range(RUNS):
            drawn(stage, seed)  # so that there is something to remember
        remembered = [drawn(stage, seed) for seed in range(RUNS)]
        assert stage.server.carried_out < stage.server.asked
    with stage_set(issuance, remember=False) as stage:
        carried_out = [drawn(stage, seed) for seed in range(RUNS)]
    assert [result.schedule for result in remembered] == [result.schedule for result in carried_out]
    assert [result.points for result in remembered] == [result.points for result in carried_out]
    assert [result.violation for result in remembered] == [result.violation for result in carried_out]


def test_a_run_replays_exactly(stage):
    for seed in range(RUNS):
        result = drawn(stage, seed)
        assert result.points == run(stage, result.schedule).points


def test_a_run_that_joins_another_would_have_ended_like_it(stage):
    beginning = Schedule(PasswordKind.SIGNATURE, "other-second")
    faults = every_fault(run(stage, beginning).points)[::25]
    firsts = [run(stage, replace(beginning, faults=(first,)), looking=Looking.ALWAYS) for first in faults]
    been_there = {state for result in firsts for _, state in result.trail}
    joined = []
    for result in firsts:
        for second in every_fault(result.points)[::60]:
            if second[0] > result.schedule.faults[0][0]:
                pair = replace(beginning, faults=(*result.schedule.faults, second))
                joined.append(run(stage, pair, looking=Looking.NOW_AND_THEN, been_there=been_there))
    joined = [result for result in joined if result.joined]
    assert len(joined) >= 10
    for result in joined:
        whole = run(stage, result.schedule, looking=Looking.NOW_AND_THEN)
        assert result.trail == whole.trail[: len(result.trail)]
        assert whole.violation is None
