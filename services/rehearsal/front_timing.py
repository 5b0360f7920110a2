"""How long the card-front reader takes and how much memory a process needs that has nothing else."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from services.rehearsal.front_bench import TODAY
from services.rehearsal.front_capture import shoot
from services.rehearsal.front_hand import NATURAL
from services.rehearsal.front_people import someone
from services.rehearsal.front_picture import render_front

TIMED_CARDS: Final = 20  # in each natural tier
FIRST_SEED: Final = 10_000  # timing decides nothing; development pictures serve
LONGEST_S: Final = 600


def timings() -> Iterator[str]:
    """The lines of the timing table: a process that draws nothing reads pictures drawn before."""
    with tempfile.TemporaryDirectory(prefix="pinreset-bench-") as folder:
        for seed in range(FIRST_SEED, FIRST_SEED + TIMED_CARDS):
            card = render_front(someone(seed, TODAY.date()), seed=seed, art=seed % 6)
            for tier in NATURAL:
                jpeg = shoot(card, seed=seed, tier=tier).jpeg
                (Path(folder) / f"{seed}-{tier}.jpg").write_bytes(jpeg)
        done = subprocess.run(  # noqa: S603  # our own module
            [sys.executable, "-m", "services.rehearsal.front_stopwatch", folder],
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=True,
        )
    found = json.loads(done.stdout)
    yield "| stage | wall p50 | wall p95 | CPU p50 | CPU p95 | pictures |"
    yield "|---|---:|---:|---:|---:|---:|"
    for stage, taken in found["taken"].items():
        wall, cpu = np.percentile(np.array(taken), (50, 95), axis=0).T
        yield f"| {stage} | {wall[0]:.0f} | {wall[1]:.0f} | {cpu[0]:.0f} | {cpu[1]:.0f} | {len(taken)} |"
    yield ""
    yield (
        f"Milliseconds. Memory of a process with nothing but the reader: {found['loaded_mb']} MB when loaded, "
        f"{found['peak_mb']} MB at its peak."
    )
