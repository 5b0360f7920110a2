"""Runs the attempts on spawned workers and keeps their outcomes, so that a run that was stopped goes on where it was.

Outcomes are kept by the version of everything that they depend on: code, models, people, libraries. A file holds one species
against one victim; it grows when more attempts are asked for. How many workers there are changes nothing in it.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from services.domain.liveness import Action
from services.rehearsal.attack_genuine import at_home
from services.rehearsal.attack_people import People
from services.rehearsal.attack_species import KINDS, Species
from services.rehearsal.liveness_bench import Answer, Judges, Outcome
from services.rehearsal.liveness_bench_plan import GENUINE, Attempt, Job, scene_of
from services.vision.face import SFaceMatcher

Results = dict[Attempt, Outcome]

_SERVICES: Final = Path(__file__).parents[1]
# What outcomes depend on; report and runner are left out, so that a new sentence does not cost an hour.
_CODE: Final = (
    "domain/liveness.py",
    "domain/verdicts.py",
    "usecases/judge_face.py",
    "vision/image.py",
    "vision/mesh.py",
    "vision/face*.*",
    "vision/liveness*.*",
    "vision/models.toml",
    "rehearsal/attack*.py",
    "rehearsal/clip.py",
    "rehearsal/head.py",
    "rehearsal/portrait.py",
    "rehearsal/liveness_bench.py",
    "rehearsal/liveness_bench_plan.py",
)


@dataclass(frozen=True)
class Workshop:
    """Where people come from, where outcomes are kept, how many workers there are and who hears of the progress."""

    people: People
    kept_in: Path
    workers: int
    progress: Callable[[str], None]

    def shard(self, job: Job) -> Path:
        """The job's file."""
        return self.kept_in / _version(self.people) / f"{job.species}-{job.victim}.json"


def run(workshop: Workshop, planned: Sequence[Job]) -> Results:
    """The outcome of every attempt; those that are kept already are not drawn again."""
    results: Results = {}
    missing = []
    for job in planned:
        kept = _kept(workshop.shard(job))
        done = {attempt: kept[attempt.number] for attempt in job.attempts if attempt.number in kept}
        results |= done
        left = tuple(attempt for attempt in job.attempts if attempt not in done)
        if left:
            missing.append(Job(job.species, job.victim, left))
    for job, outcomes in _worked(workshop, missing):
        results |= outcomes
        _keep(workshop.shard(job), outcomes)
    return results


def similar_people(people: People) -> dict[str, list[str]]:
    """For each person the others, the most similar card photo first."""
    matcher = SFaceMatcher()
    everybody = {name for victim in people.names() for name in (victim, *people.others(victim))}
    cards = {name: matcher.recogniser.embed(matcher.gate.card(people.subject(name).card)) for name in sorted(everybody)}
    return {
        name: sorted(people.others(name), key=lambda other: -matcher.recogniser.likeness(cards[name], cards[other]))
        for name in people.names()
    }


def _worked(workshop: Workshop, missing: Sequence[Job]) -> Iterator[tuple[Job, Results]]:
    if not missing:
        return
    with ProcessPoolExecutor(
        workshop.workers, mp_context=get_context("spawn"), initializer=_start, initargs=(workshop.people,)
    ) as pool:
        # Recordings first, each person's once: two workers on one person would draw them twice.
        names = sorted({name for job in missing for name in _filmed(job)})
        for number, _ in enumerate(as_completed([pool.submit(_draw, name) for name in names]), start=1):
            workshop.progress(f"recordings of {number} of {len(names)} people")
        running: dict[Future[Results], Job] = {pool.submit(_work, job): job for job in missing}
        total, done = sum(len(job.attempts) for job in missing), 0
        for future in as_completed(running):
            job, outcomes = running[future], future.result()
            done += len(outcomes)
            workshop.progress(f"{done} of {total} attempts: {job.species} against {job.victim}")
            yield job, outcomes


def _filmed(job: Job) -> set[str]:
    """Whose recordings the job needs."""
    two = job.species != GENUINE and KINDS[Species(job.species)].two_films
    return {job.victim, *(attempt.other for attempt in job.attempts if two)}


class _Worker:
    """A worker's models and people; one a process."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.judges = Judges()

    def outcome(self, attempt: Attempt) -> Outcome:
        scene = scene_of(self.people, attempt)
        draw = at_home if attempt.species == GENUINE else KINDS[Species(attempt.species)].draw
        return self.judges.judge(scene.challenge, draw(scene), scene.victim.card)


_worker: list[_Worker] = []


def _start(people: People) -> None:
    cv2.setNumThreads(1)
    _worker.append(_Worker(people))


def _draw(name: str) -> None:
    subject = _worker[0].people.subject(name)
    for action in Action:
        for take in range(subject.takes):
            subject.film(action, take)


def _work(job: Job) -> Results:
    return {attempt: _worker[0].outcome(attempt) for attempt in job.attempts}


def _kept(shard: Path) -> Mapping[int, Outcome]:
    if not shard.exists():
        return {}
    rows = json.loads(shard.read_text(encoding="utf-8"))
    return {int(number): Outcome(Answer(answer), why, naive) for number, (answer, why, naive) in rows.items()}


def _keep(shard: Path, outcomes: Results) -> None:
    """Adds the outcomes; written aside and renamed, so that a run that is stopped leaves no half of a file."""
    rows = {**_kept(shard), **{attempt.number: outcome for attempt, outcome in outcomes.items()}}
    shard.parent.mkdir(parents=True, exist_ok=True)
    aside = shard.with_suffix(f".{os.getpid()}")
    aside.write_text(
        json.dumps({number: (row.answer, row.why, row.naive) for number, row in sorted(rows.items())}),
        encoding="utf-8",
    )
    aside.replace(shard)


def _version(people: People) -> str:
    files = sorted(path for pattern in _CODE for path in _SERVICES.glob(pattern))
    pictures = sorted(people.folder.glob("*/*.jp*")) if people.folder else []
    digest = hashlib.sha256(f"{cv2.__version__} {np.__version__}".encode())
    for path in (*files, *pictures):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
