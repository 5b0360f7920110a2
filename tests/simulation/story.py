"""The whole story: visits until somebody is told, repairs, and what must be true then."""

from datetime import timedelta
from typing import Final

from kiosk.disk import BESIDE
from services.domain.kiosk_session import KioskState
from services.domain.password import PasswordKind
from services.domain.reservation import ReservationState
from services.storage.columns import UTC

from .resident import Resident
from .terminal import SimulatedTerminal
from .view import Violation
from .world import World

S, R = KioskState, ReservationState

PASSWORDS: Final = {
    PasswordKind.SIGNATURE: {"first": "FIRSTQ8K", "second": "SECONDX5", "third": "THIRDZ42"},
    PasswordKind.USER_AUTHENTICATION: {"first": "8052", "second": "7461", "third": "6847"},
}
VISITS: Final = 3  # with faults; after them everything is repaired
AWAY: Final = timedelta(minutes=4)


class Story:
    """One person with one card, from the first visit to the last check."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._resident = Resident(world)
        self._passwords = PASSWORDS[world.kind]

    def live(self) -> None:
        """Visits until told, with faults; then everything is repaired, and the rest must come right.

        Raises:
            Violation
        """
        world = self._world
        here, there = world.terminals
        second = there if world.schedule.elsewhere else here
        self._resident.visit(here, self._passwords["first"])
        for _ in range(VISITS - 1):
            if self._content():
                break
            self._arrive()
            self._resident.visit(second, self._passwords[world.schedule.again])
            for terminal in world.terminals:
                if not terminal.on:
                    terminal.boot()
        self._recover(second)

    def _arrive(self) -> None:
        """People come at whole minutes, so that runs that differ by seconds go on alike."""
        world = self._world
        world.pass_time(timedelta(seconds=60 - world.now.second, microseconds=-world.now.microsecond), tidy=False)

    def _content(self) -> bool:
        return self._world.told is not None or self._world.mine()[-1].state is R.COMPLETED

    def _recover(self, terminal: SimulatedTerminal) -> None:
        world = self._world
        self._arrive()
        world.quiet(("end", self._resident.visits), arrived=True)
        world.points.calm = True
        self._resident.fetch_card()  # forgotten in a terminal, it is kept for them; the thanks are gone when they come again
        repair(world)
        if not self._content():
            self._come_again(terminal)
            tidy_up(world)
        if world.mine()[-1].state is not R.COMPLETED:
            self._reserve_again(terminal)
            tidy_up(world)
        check_end(world)

    def _come_again(self, terminal: SimulatedTerminal) -> None:
        self._resident.visit(terminal, self._passwords[self._world.schedule.again])
        last = self._world.mine()[-1]
        usable = last.expires_at > self._world.now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        if usable and self._world.told is None:
            code = "" if terminal.controller.screen.fault is None else terminal.controller.screen.fault.code
            raise Violation(f"everything is repaired, and the resident does not get there ({last.state.value}, {code})")

    def _reserve_again(self, terminal: SimulatedTerminal) -> None:
        world = self._world
        if world.told is not None:
            raise Violation("the resident was told, and the reservation is not completed")
        world.reserve()
        self._resident.visit(terminal, self._passwords["third"])
        if world.told is None:
            raise Violation("a new reservation does not get there either")


def repair(world: World) -> None:
    """Power, line, disk and clock are well again; whatever was still under way arrives."""
    world.deliver_delayed()
    for terminal in world.terminals:
        terminal.line.dead, terminal.disk.full = False, False
        terminal.clock.skew = timedelta(0)
        if not terminal.on:
            terminal.boot()
    tidy_up(world)


def tidy_up(world: World) -> None:
    """The outboxes send what waits and forget it, everything that may still run runs out, and the jobs run."""
    for _ in range(2):
        for terminal in world.terminals:
            terminal.guarded(terminal.outbox.send)
    world.pass_time(AWAY)


def check_end(world: World) -> None:
    """What must be true in the end.

    Raises:
        Violation
    """
    for terminal in world.terminals:
        if not terminal.on or terminal.state not in (S.IDLE, S.THANKS):
            raise Violation(f"{terminal.id} does not wait for the next person")
        kept = [name for name in terminal.disk.names() if not name.endswith(BESIDE)]
        if terminal.journal.records() or kept:
            raise Violation(f"the journal of {terminal.id} still has {kept}")
    *earlier, last = world.mine()
    if last.state is not R.COMPLETED:
        raise Violation(f"the reservation stays {last.state.value}")
    stuck = [row.state.value for row in earlier if row.state not in (R.COMPLETED, R.EXPIRED, R.CANCELLED)]
    if stuck:
        raise Violation(f"an earlier reservation stays {stuck}")
    if world.told is not None and world.told != world.card.has(world.kind):
        raise Violation("the card does not have what the resident was told")
