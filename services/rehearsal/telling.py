"""How a rehearsal tells what happens: one line a step, with its time and what it proved, and the whole as JSON at the end."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO


@dataclass
class Step:
    """One step of the main job."""

    name: str
    seconds: float = 0.0
    proven: str = ""


@dataclass
class Telling:
    """The steps so far."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    steps: list[Step] = field(default_factory=list)

    def chapter(self, title: str) -> None:
        """A heading."""
        self._print(f"\n{title}")

    def note(self, text: str) -> None:
        """A line that is no step."""
        self._print(f"    {text}")

    def last(self, line: str) -> None:
        """The line for programs, at the margin."""
        self._print(line)

    @contextmanager
    def step(self, name: str, shown: str) -> Iterator[Step]:
        """Times a step; the block may say what was proven."""
        done = Step(name)
        began = time.monotonic()
        try:
            yield done
        except BaseException:
            self._print(f"  ✗ {shown}  ({time.monotonic() - began:.2f} s)")
            raise
        done.seconds = round(time.monotonic() - began, 3)
        self.steps.append(done)
        proven = f"  — {done.proven}" if done.proven else ""
        self._print(f"  ✓ {shown}  {done.seconds:.2f} s{proven}")

    def _print(self, line: str) -> None:
        print(line, file=self.out, flush=True)
