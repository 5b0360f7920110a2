"""Runs the card-front bench in spawned processes, in shards that are kept: a run that was stopped goes on where it was.

A shard is a few seeds of one suite. Its rows depend on its seeds, the reader and the drawing only, so neither the number of
workers nor their order shows in a result; the file's name carries a digest of both programs, so that stale rows are not mixed in.
"""

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import cv2

from services.clock import ManualClock
from services.rehearsal.front_ablation import Instrument
from services.rehearsal.front_bench import TODAY, Row, damage_row, natural_rows, others_row
from services.vision import front_accept
from services.vision.front_accept import ACCEPTANCE
from services.vision.front_template import DIRECTORY
from services.vision.models import registry, sha256_of

SUITES: Final = ("natural", "damage", "others")
STRIDE: Final = 4000  # each suite has so many seeds of its own
SHARD_SEEDS: Final = {"natural": 10, "damage": 25, "others": 25}
HELD_OUT_SEED: Final = 20_000  # from here on everything is drawn with what is held out
KEPT: Final = Path("var/bench")
JUDGE: Final = Path(front_accept.__file__)
_PROGRAM: Final = Path(__file__).parents[1]
UNRELATED: Final = {f"front_{name}" for name in ("derive", "gallery", "report", "stopwatch", "template", "timing")}
DATA: Final = {".json", ".jpg", ".png"}  # of the templates
MODELS: Final = ("ocr-", "font-")  # what the reader reads with and what its pictures are lettered with


@dataclass(frozen=True)
class Plan:
    """What to measure: how many cards, damaged shots and wrong documents, from which seed on."""

    cards: int
    damage: int
    others: int
    seed: int

    def __post_init__(self) -> None:
        if max(self.cards, self.damage, self.others) > STRIDE:
            raise ValueError(f"a suite has {STRIDE} seeds")

    @property
    def held_out(self) -> bool:
        """Whether it is drawn with artwork and lettering that nothing was tuned on."""
        return self.seed >= HELD_OUT_SEED

    def shards(self) -> list["Shard"]:
        """The plan in parts, suites taking turns so that a run that is stopped has some of each."""
        counts = dict(zip(SUITES, (self.cards, self.damage, self.others), strict=True))
        shards = []
        for number, suite in enumerate(SUITES):
            first = self.seed + number * STRIDE
            step = SHARD_SEEDS[suite]
            shards += [
                Shard(suite, start, min(start + step, first + counts[suite]), self.held_out)
                for start in range(first, first + counts[suite], step)
            ]
        return sorted(
            shards, key=lambda shard: ((shard.first - self.seed) % STRIDE / SHARD_SEEDS[shard.suite], shard.suite)
        )


@dataclass(frozen=True)
class Shard:
    """Seeds of one suite, `first` to before `end`."""

    suite: str
    first: int
    end: int
    held_out: bool

    @property
    def name(self) -> str:
        """How it is kept."""
        return f"{self.suite} {self.first}-{self.end}{' held out' if self.held_out else ''}"


def version(*, with_acceptance: bool = True) -> str:
    """A digest of the reader, its data and models, and of the drawing. Without the acceptance, evidence is still the same."""
    files = {
        *(_PROGRAM / "vision").glob("front*.py"),
        *(file for file in DIRECTORY.iterdir() if file.suffix in DATA),
        *(_PROGRAM / "rehearsal").glob("front_*.py"),
    }
    if not with_acceptance:
        files -= {ACCEPTANCE, JUDGE}
    parts = {file.name: sha256_of(file) for file in files if file.stem not in UNRELATED}
    parts |= {model.id: model.sha256 for model in registry().values() if model.id.startswith(MODELS)}
    lines = "".join(f"{name} {sha256}\n" for name, sha256 in sorted(parts.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:12]


def measure(plan: Plan, workers: int, kept: Path, say: Callable[[str], None]) -> list[Row]:
    """Every row of the plan in the order of the plan; `kept` is the file of finished shards."""
    done = dict(_finished(kept))
    shards = plan.shards()
    waiting = [shard for shard in shards if shard.name not in done]
    kept.parent.mkdir(parents=True, exist_ok=True)
    say(f"{len(shards)} shards, {len(shards) - len(waiting)} of them kept in {kept}")
    for count, (shard, rows) in enumerate(_run(waiting, workers), 1):
        done[shard.name] = rows
        line = json.dumps({"shard": shard.name, "rows": [asdict(row) for row in rows]}, ensure_ascii=False)
        with kept.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        say(f"{count}/{len(waiting)} {shard.name}")
    order = sorted(shards, key=lambda shard: (SUITES.index(shard.suite), shard.first))
    return [row for shard in order for row in done[shard.name]]


def _finished(kept: Path) -> Iterator[tuple[str, list[Row]]]:
    if not kept.is_file():
        return
    for line in kept.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:  # the line that was being written when the run was stopped
            continue
        yield entry["shard"], [replace(Row(**row), forced=tuple(row["forced"])) for row in entry["rows"]]


def _run(shards: Sequence[Shard], workers: int) -> Iterator[tuple[Shard, list[Row]]]:
    if not shards:
        return
    if workers == 1:
        _start()
        yield from ((shard, _work(shard)) for shard in shards)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start) as pool:
        running = {pool.submit(_work, shard): shard for shard in shards}
        for future in as_completed(running):
            yield running[future], future.result()


_instruments: Final[list[Instrument]] = []  # one a process, loaded once


def _start() -> None:
    cv2.setNumThreads(1)
    _instruments[:] = [Instrument(ManualClock(TODAY))]


def _work(shard: Shard) -> list[Row]:
    instrument = _instruments[0]
    seeds = range(shard.first, shard.end)
    match shard.suite:
        case "natural":
            return [row for seed in seeds for row in natural_rows(instrument, seed, held_out=shard.held_out)]
        case "damage":
            return [damage_row(instrument, seed, held_out=shard.held_out) for seed in seeds]
        case _:
            return [others_row(instrument, seed, held_out=shard.held_out) for seed in seeds]
