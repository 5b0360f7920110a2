"""Asking again when no answer came: the same call, longer and longer pauses, up to a limit, and only while it still matters.

| question | 2   | 3   | 4  | 5  | 6  | 7  | …  | last         |
|----------|-----|-----|----|----|----|----|----|--------------|
| after    | 0.5 | 1   | 2  | 4  | 8  | 8  | 8  | what is left |

The last question is asked when the limit is reached, so that a server which is back by then is heard. Every call of the kiosk's
protocol is idempotent, so a repeated one costs nothing but time. Time is counted by the pauses and by how long the calls took, not
by a clock that somebody may set.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar

from services.domain.errors import AnswerUntrusted, Unavailable

T = TypeVar("T")

FIRST_PAUSE: Final = timedelta(seconds=0.5)
LONGEST_PAUSE: Final = timedelta(seconds=8)
SLICE: Final = timedelta(seconds=0.25)  # how soon a removed card or a touch on 中止 ends the waiting
PATIENCE: Final = timedelta(seconds=60)
UNTRUSTED: Final = 3  # so many wrong answers are no accident on the line; no waiting makes them right


class Interrupted(Exception):  # named after what happened, like the errors of the domain
    """Something waits in the controller's queue that ends this step. Never leaves the controller."""


def uninterrupted() -> bool:
    """For what must be finished whatever waits."""
    return False


@dataclass(frozen=True)
class Patience:
    """How this terminal waits: `pause` sleeps, or moves a test's clock. `stopwatch` counts seconds, from whenever."""

    pause: Callable[[timedelta], None]
    stopwatch: Callable[[], float] = time.monotonic

    def ask(
        self, call: Callable[[], T], *, limit: timedelta = PATIENCE, interrupted: Callable[[], bool] = uninterrupted
    ) -> T:
        """The call's answer.

        Raises:
            Interrupted: `interrupted` said so between two questions.
            Unavailable: no answer within the limit, or one after another that is not the server's; the last one's reason.
            everything else that the call raises, at once.
        """
        waited, pause, untrusted = timedelta(0), FIRST_PAUSE, 0
        while True:
            if interrupted():
                raise Interrupted
            asked_at = self.stopwatch()
            try:
                return call()
            except Unavailable as silence:
                untrusted += isinstance(silence, AnswerUntrusted)
                # A server that takes every question and answers none costs a read time-out each: that is waiting, too.
                waited += timedelta(seconds=self.stopwatch() - asked_at)
                if waited >= limit or untrusted == UNTRUSTED:
                    raise
                pause = min(pause, limit - waited)
            self._wait(pause, interrupted)
            waited, pause = waited + pause, min(pause * 2, LONGEST_PAUSE)

    def _wait(self, pause: timedelta, interrupted: Callable[[], bool]) -> None:
        slices = max(1, pause // SLICE)
        for _ in range(slices):
            if interrupted():
                raise Interrupted
            self.pause(pause / slices)
