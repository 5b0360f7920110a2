"""The whole bench: attacks, session tricks, genuine sequences, and the report over all of it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter

import cv2
import numpy as np

from services.domain.liveness import challenge_of
from services.rehearsal.attack_genuine import ASKED_OF_CLIP, CLIP, clip_pictures, clip_starts, looking_ahead
from services.rehearsal.attack_people import people_of
from services.rehearsal.attack_protocol import TRICKS, Trick, accepted, honest
from services.rehearsal.attack_stage import stage
from services.rehearsal.liveness_bench import Judges, Outcome
from services.rehearsal.liveness_bench_plan import GENUINE, all_species, jobs
from services.rehearsal.liveness_bench_report import Run, report
from services.rehearsal.liveness_bench_run import Workshop, run, similar_people


@dataclass(frozen=True)
class Wish:
    """What is to be measured, and where recordings and outcomes are kept."""

    attempts: int
    workers: int
    species: Sequence[str]
    people: Path
    kept_in: Path
    films_in: Path


def take_stock(wish: Wish, progress: Callable[[str], None]) -> Iterator[str]:
    """Runs what has not been run, and gives the report's lines."""
    cv2.setNumThreads(1)
    people = people_of(wish.people, wish.films_in)
    progress(f"{len(people.names())} people, {wish.attempts} attempts of {len(wish.species)} species")
    planned = jobs(wish.species, people.names(), similar_people(people), wish.attempts)
    started = perf_counter()
    outcomes = run(Workshop(people, wish.kept_in, wish.workers, progress), planned)
    progress(f"{len(outcomes)} outcomes, {perf_counter() - started:.0f} s")
    whole = set(wish.species) == set(all_species())
    clip = wish.people.parent / CLIP
    yield from report(
        Run(
            outcomes,
            people=len(people.names()),
            real=people.folder is not None,
            filmed=_filmed(clip) if GENUINE in wish.species and clip.is_file() else [],
            tricks=_tricks(wish.attempts, progress) if whole else {},
        )
    )


def _filmed(clip: Path) -> list[Outcome]:
    judges, pictures = Judges(), clip_pictures(clip)
    challenge = challenge_of(ASKED_OF_CLIP, ["nonce"])
    return [
        judges.look_only(challenge, looking_ahead(pictures, start, np.random.default_rng([62, start])))
        for start in clip_starts(pictures)
    ]


def _tricks(attempts: int, progress: Callable[[str], None]) -> dict[Trick, list[tuple[bool, str]]]:
    ends: dict[Trick, list[tuple[bool, str]]] = {}
    for trick, (title, play) in TRICKS.items():
        with stage(Random(trick.value)) as server:
            if accepted(server, honest, Random(0)) != (True, ""):
                raise AssertionError("the honest control does not pass: the tricks would say nothing")
            ends[trick] = [accepted(server, play, Random(f"{trick}-{number}")) for number in range(attempts)]
        progress(f"session: {title}")
    return ends
