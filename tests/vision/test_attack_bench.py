"""The attack bench itself: what it plans, keeps and reports."""

from pathlib import Path
from random import Random

import pytest

from services.domain.liveness import Action
from services.rehearsal.attack_people import People
from services.rehearsal.attack_protocol import Trick
from services.rehearsal.attack_species import KINDS, Species
from services.rehearsal.liveness_bench import Answer, Outcome
from services.rehearsal.liveness_bench_plan import GENUINE, Attempt, all_species, jobs, scene_of
from services.rehearsal.liveness_bench_report import Run, report
from services.rehearsal.liveness_bench_run import Workshop, run

NAMES = ["ann", "bob", "cat", "dan", "eve"]
ALIKE = {name: [other for other in NAMES if other != name] for name in NAMES}
REFUSED = Outcome(Answer.REFUSED, "flat (left)", False)
ACCEPTED = Outcome(Answer.ACCEPTED, "", True)
NOT_JUDGED = Outcome(Answer.NOT_JUDGED, "no_face", False)


def attempt(species: str, number: int) -> Attempt:
    return Attempt(species, number, "ann", "bob")


def a_run(outcomes: dict[Attempt, Outcome]) -> Run:
    return Run(outcomes, people=5, real=True, filmed=[], tricks={Trick.LATE: [(False, "PR-2003")] * 3})


def row(text: str, title: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {title}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_every_attempt_is_planned_once_and_against_each_victim_as_often() -> None:
    planned = jobs(all_species(), NAMES, ALIKE, 10)
    attempts = [one for job in planned for one in job.attempts]
    assert len(attempts) == len(set(attempts)) == 10 * len(all_species())
    assert {len(job.attempts) for job in planned} == {2}
    assert all(one.victim != one.other for one in attempts)


def test_more_attempts_leave_those_that_were_there_as_they_were() -> None:
    few = {one for job in jobs(["still", "bent"], NAMES, ALIKE, 10) for one in job.attempts}
    many = {one for job in jobs(["still", "bent"], NAMES, ALIKE, 20) for one in job.attempts}
    assert few < many


def test_fewer_species_leave_the_others_as_they_were() -> None:
    whole = {one for job in jobs(all_species(), NAMES, ALIKE, 10) for one in job.attempts}
    assert {one for job in jobs(["bent"], NAMES, ALIKE, 10) for one in job.attempts} < whole


class NobodyYet(People):
    """People who are asked for by name only."""

    def subject(self, name: str):
        return name


def test_the_recorded_order_is_never_the_asked_one_and_every_order_begins_with_the_front() -> None:
    people = NobodyYet(None, Path())
    scenes = [scene_of(people, attempt("replayed", number)) for number in range(200)]
    assert all(scene.asked != scene.shown for scene in scenes)
    assert {Action.FRONT} == {order[0] for scene in scenes for order in (scene.asked, scene.shown)}
    assert {Action.LEFT, Action.RIGHT, Action.SMILE, Action.UP, Action.NEARER} == {s.asked[1] for s in scenes}


def test_kept_outcomes_are_not_drawn_again(tmp_path: Path) -> None:
    workshop = Workshop(NobodyYet(None, tmp_path), tmp_path, 1, lambda _: None)
    planned = jobs(["still"], NAMES, ALIKE, 5)
    for job in planned:
        shard = workshop.shard(job)
        shard.parent.mkdir(parents=True, exist_ok=True)
        rows = ", ".join(f'"{one.number}": ["refused", "flat (left)", false]' for one in job.attempts)
        shard.write_text(f"{{{rows}}}")
    assert {one: REFUSED for job in planned for one in job.attempts} == run(workshop, planned)


def test_the_same_outcomes_give_the_same_report() -> None:
    outcomes = {attempt(name, number): REFUSED for name in all_species() for number in range(3)}
    shuffled = list(outcomes.items())
    Random(1).shuffle(shuffled)
    assert list(report(a_run(outcomes))) == list(report(a_run(dict(shuffled))))


def test_an_accepted_attack_is_a_finding_with_its_seed() -> None:
    outcomes = {attempt("bent", number): REFUSED for number in range(3)} | {attempt("bent", 3): ACCEPTED}
    text = "\n".join(report(a_run(outcomes)))
    assert "**1 accepted of 4**" in text
    assert "`bent-3`" in text


def test_what_is_not_to_be_stopped_is_no_finding() -> None:
    outcomes = {attempt(Species.INJECTED.value, 0): ACCEPTED, attempt(GENUINE, 0): ACCEPTED}
    assert [] == a_run(outcomes).findings()


def test_capture_faults_are_not_counted_among_the_judged() -> None:
    answers = [REFUSED, REFUSED, ACCEPTED, NOT_JUDGED]
    text = "\n".join(report(a_run({attempt("bent", number): answer for number, answer in enumerate(answers)})))
    cells = row(text, KINDS[Species.BENT].title)
    assert ["4", "1", "1", "33.33 % (≤ 86.46)", "1", "75.14 %", "1"] == cells[1:8]


def test_a_refused_genuine_sequence_counts_towards_bpcer_by_its_cause() -> None:
    answers = [ACCEPTED] * 97 + [REFUSED] * 2 + [NOT_JUDGED]
    text = "\n".join(report(a_run({attempt(GENUINE, number): answer for number, answer in enumerate(answers)})))
    cells = row(text, "drawn, in many lights")
    assert [
        "100",
        "1: 1.00 % (0.18 to 5.45)",
        "2: 2.02 % (0.56 to 7.07)",
        "0",
        "97",
        "flat (left) 2, no_face 1",
    ] == cells[1:]


def test_a_trick_that_passes_is_counted() -> None:
    outcomes = {attempt("still", 0): REFUSED}
    passed = Run(outcomes, 5, real=False, filmed=[], tricks={Trick.LATE: [(False, "PR-2003"), (True, "")]})
    assert ["2", "1"] == row("\n".join(report(passed)), "frames after their deadline")[1:3]


@pytest.mark.parametrize("species", Species, ids=str)
def test_every_species_is_drawn_by_something(species: Species) -> None:
    assert callable(KINDS[species].draw)
