"""Which attempts there are: the same number, species and people give the same attempts, whoever draws them and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from random import Random
from typing import Final

import numpy as np

from services.domain.liveness import Action, draw_actions
from services.rehearsal.attack_people import People
from services.rehearsal.attack_scene import Scene
from services.rehearsal.attack_species import Species

GENUINE: Final = "genuine"
_LOOKALIKES: Final = 3  # every other attempt takes the attacker among so many people who are most like the victim


@dataclass(frozen=True)
class Attempt:
    """One attempt of a species (or a genuine sequence), with the people in it."""

    species: str
    number: int
    victim: str
    other: str

    @property
    def seed(self) -> str:
        """What it is drawn from; a finding is reported with it."""
        return f"{self.species}-{self.number}"


@dataclass(frozen=True)
class Job:
    """The attempts of one species against one victim: a piece of work, and a file of results."""

    species: str
    victim: str
    attempts: tuple[Attempt, ...]


def jobs(species: Sequence[str], people: Sequence[str], alike: dict[str, list[str]], attempts: int) -> list[Job]:
    """All jobs, one victim after the other. `alike` lists the other people for each, the most similar first."""
    all_attempts = [_attempt(kind, number, people, alike) for kind in species for number in range(attempts)]
    key = [(attempt.victim, attempt.species) for attempt in all_attempts]
    order = sorted(range(len(all_attempts)), key=lambda index: (key[index][0], species.index(key[index][1]), index))
    grouped = groupby((all_attempts[index] for index in order), key=lambda attempt: (attempt.victim, attempt.species))
    return [Job(kind, victim, tuple(members)) for (victim, kind), members in grouped]


def _attempt(species: str, number: int, people: Sequence[str], alike: dict[str, list[str]]) -> Attempt:
    victim = people[number % len(people)]
    chance = Random(f"other-{species}-{number}")
    others = alike[victim][:_LOOKALIKES] if number // len(people) % 2 == 0 else alike[victim]
    return Attempt(species, number, victim, chance.choice(others))


def scene_of(people: People, attempt: Attempt) -> Scene:
    """Everything that the attempt is drawn from."""
    chance = Random(attempt.seed)
    asked = tuple(draw_actions(chance))
    return Scene(
        victim=people.subject(attempt.victim),
        other=people.subject(attempt.other),
        asked=asked,
        shown=_another(asked, chance),
        chance=np.random.default_rng(list(attempt.seed.encode())),
    )


def _another(asked: tuple[Action, ...], chance: Random) -> tuple[Action, ...]:
    """Any order that the server draws but the asked one, each equally likely."""
    while (shown := tuple(draw_actions(chance))) == asked:
        continue
    return shown


def all_species() -> list[str]:
    """Every species, then the genuine sequences."""
    return [*(species.value for species in Species), GENUINE]
