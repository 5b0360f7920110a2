"""Kill -9 of a stage's programs at their named points."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Final

from services.domain.crash_points import CrashPoint
from services.rehearsal.processes import Program
from services.rehearsal.stage import Stage

PATIENCE_S: Final = 30.0


@contextmanager
def restarted_kiosk(stage: Stage, environment: Mapping[str, str]) -> Iterator[Program]:
    """The kiosk with this environment for the length of the block, and without it afterwards."""
    stage.programs.running["kiosk"].kill()
    stage.start_kiosk(environment)
    try:
        yield stage.programs.running["kiosk"]
    finally:
        stage.programs.running["kiosk"].kill()
        stage.start_kiosk()


@contextmanager
def kiosk_that_dies(stage: Stage, point: CrashPoint) -> Iterator[Program]:
    """The kiosk that dies at this point in the block; at its end it runs again."""
    with restarted_kiosk(stage, {"KIOSK_CRASH_AT": point.value}) as kiosk:
        yield kiosk
        wait_until_dead(kiosk)


@dataclass
class Absence:
    """When a program died, and when it answered again, by the stopwatch."""

    died_at: float | None = None
    back_at: float | None = None

    @property
    def seconds(self) -> float:
        """How long nobody answered."""
        return 0.0 if self.died_at is None or self.back_at is None else self.back_at - self.died_at


@contextmanager
def server_that_dies(stage: Stage, point: str) -> Iterator[Absence]:
    """The server that dies at this point in the block, and is started again as soon as it is dead."""
    stage.programs.running["server"].kill()
    stage.start_server({"PINRESET_CRASH_AT": point, "PINRESET_VISION_WORKERS": "0"})
    dying, absence = stage.programs.running["server"], Absence()

    def rescue() -> None:
        wait_until_dead(dying)
        absence.died_at = time.monotonic()
        stage.start_server()
        absence.back_at = time.monotonic()

    rescuing = Thread(target=rescue)
    rescuing.start()
    try:
        yield absence
    finally:
        rescuing.join()


def wait_until_dead(program: Program) -> None:
    """Returns when the program has ended by itself."""
    program.process.wait(PATIENCE_S)
