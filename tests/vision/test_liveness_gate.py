"""The gate of liveness: a few attempts of each attack, and a few genuine sequences, with the portraits that are always there.

`pinreset bench liveness` measures the same at full size; this only notices when something that was stopped gets through.
"""

from functools import cache
from pathlib import Path

import cv2
import pytest

from services.domain.liveness import Action
from services.rehearsal.attack_genuine import at_home
from services.rehearsal.attack_people import people_of
from services.rehearsal.attack_species import KINDS, Species
from services.rehearsal.liveness_bench import Answer, Judges, Outcome
from services.rehearsal.liveness_bench_plan import GENUINE, Attempt, scene_of

pytestmark = pytest.mark.models

KEPT = Path(__file__).parents[2] / "var/rehearsal"
PEOPLE = people_of(None, KEPT, takes=1)  # drawing a recording takes longer than judging it
(VICTIM,) = PEOPLE.names()
(ATTACKER,) = PEOPLE.others(VICTIM)
PAPER = [Species.STILL, Species.MOVED, Species.TILTED, Species.BENT, Species.EYE_HOLES, Species.MOUTH_HOLE]
FEW = {Action.FRONT, Action.LEFT, Action.UP, Action.NEARER}
STOPPED = [species for species, kind in KINDS.items() if kind.stopped]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(threads)


@cache
def judges() -> Judges:
    return Judges()


@cache
def outcome(species: str, number: int) -> Outcome:
    scene = scene_of(PEOPLE, Attempt(species, number, VICTIM, ATTACKER))
    draw = at_home if species == GENUINE else KINDS[Species(species)].draw
    return judges().judge(scene.challenge, draw(scene), scene.victim.card)


def numbers(species: Species) -> list[int]:
    """Which attempts: drawing another person's recordings takes longest, so few of them are asked for."""
    if KINDS[species].two_films:
        return [next(n for n in range(1000) if FEW.issuperset(challenge_of(species, n)))]
    return [0, 1] if species in PAPER else [0]


def challenge_of(species: Species, number: int) -> tuple[Action, ...]:
    return scene_of(PEOPLE, Attempt(species.value, number, VICTIM, ATTACKER)).asked


@pytest.mark.parametrize("species", STOPPED, ids=str)
def test_an_attack_is_not_accepted(species: Species) -> None:
    assert Answer.ACCEPTED not in {outcome(species.value, number).answer for number in numbers(species)}


@pytest.mark.parametrize("number", range(3))
def test_somebody_who_follows_is_accepted(number: int) -> None:
    assert (Answer.ACCEPTED, "") == (outcome(GENUINE, number).answer, outcome(GENUINE, number).why)


def test_the_naive_control_lets_an_attack_through_that_the_product_refuses() -> None:
    attempt = outcome(Species.REPEATED.value, 0)
    assert attempt.naive
    assert attempt.answer is Answer.REFUSED


def test_what_no_check_of_images_stops_is_still_what_the_report_says() -> None:
    assert any(outcome(Species.INJECTED.value, number).answer is Answer.ACCEPTED for number in range(3))
