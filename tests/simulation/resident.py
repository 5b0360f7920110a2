"""The resident at a terminal: does what the screen asks for, until something happens or they go."""

from datetime import timedelta
from typing import Final

from services.domain.kiosk_session import KioskEvent, KioskState
from tests.kiosk.kiosk_backend import OLD
from tests.kiosk.onwards import ONWARDS

from .faults import Fault
from .terminal import SimulatedTerminal
from .view import Violation
from .world import World

S, E = KioskState, KioskEvent

LONGEST: Final = 80  # screens of one visit
STEP: Final = timedelta(seconds=1)

_ENDED: Final = (S.DONE, S.FAILED, S.REMOVE_CARD, S.THANKS)
_BETWEEN: Final = (S.IDLE, *_ENDED)  # what somebody who comes finds: nothing, or how the last visit ended
_WITH_CARD: Final = ("pull", "exchange", "forget")
_GOING_ON: Final = ("leave", "cancel", "dark", "outbox", "fast", "slow")


class Resident:
    """One person with one card."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._gone = False
        self.visits = 0

    # ── One visit ───────────────────────────────────────────────────────────────────────────────────────────────────

    def visit(self, terminal: SimulatedTerminal, password: str) -> None:
        """From the first touch until they go, of their own will or not."""
        world = self._world
        self._gone = False
        self.visits += 1
        self.fetch_card()
        if not terminal.on:
            terminal.boot()
        terminal.typed = password
        begun = False
        for _ in range(LONGEST):
            self._look_around(terminal, begun=begun)
            if not terminal.on or self._gone or (begun and terminal.state is S.IDLE):
                break
            begun = begun or terminal.state not in _BETWEEN
            self._misfortune(terminal)
            if terminal.on and not self._gone:
                world.now += STEP
                self._act(terminal, password)
        else:
            raise Violation(f"{terminal.id} stays at {terminal.state.value} and lets nobody go")
        world.watch()
        terminal.line.dead = False
        terminal.disk.full = False

    def _look_around(self, terminal: SimulatedTerminal, *, begun: bool) -> None:
        """A moment in which nothing moves: here runs that have come to the same can be told."""
        self._world.watch()
        if terminal.on and not self._gone:
            self._world.quiet((self.visits, begun), arrived=not begun)

    def _act(self, terminal: SimulatedTerminal, password: str) -> None:
        screen = terminal.controller.screen
        match screen.state:
            case S.KIND:
                terminal.touch(E.CHOOSE_KIND, kind=self._world.kind)
            case S.PLACE_CARD | S.RETURN_CARD:
                self._put(terminal)
            case S.OTHER_PASSWORD:
                last = screen.tries_left == 1
                terminal.touch(E.ENTERED, entry=OLD[self._world.kind.other], last_try_confirmed=last)
            case S.NEW_PASSWORD | S.NEW_PASSWORD_AGAIN:
                terminal.touch(E.ENTERED, entry=password)
            case S.REMOVE_CARD:
                self._take(terminal)
            case state:
                terminal.touch(ONWARDS[state])

    def _put(self, terminal: SimulatedTerminal) -> None:
        if terminal.slot.card_present():
            terminal.slot.remove()
            terminal.look()
        self._world.card.slot = terminal.slot
        self._world.card.visits = self._world.other_card.visits = terminal.visit
        terminal.slot.insert(self._world.card)
        terminal.look()

    def _take(self, terminal: SimulatedTerminal) -> None:
        terminal.slot.remove()
        terminal.look()

    def fetch_card(self) -> None:
        """Takes the card wherever it lies."""
        for terminal in self._world.terminals:
            if terminal.slot.card_present():
                self._take(terminal)

    # ── What may happen between two touches ─────────────────────────────────────────────────────────────────────────

    def _misfortune(self, terminal: SimulatedTerminal) -> None:
        world, state = self._world, terminal.state
        fault = world.points.pass_by(f"{terminal.id} shows {state.value}", self._offers(terminal), terminal.cuts())
        match fault:
            case None:
                return
            case "leave":
                self._take(terminal)
                self._gone = True
            case "forget":
                self._gone = True
                self._wait(timedelta(seconds=30), times=8)
            case "pull":
                self._take(terminal)
            case "exchange":
                terminal.slot.remove()
                terminal.look()
                world.other_card.slot = terminal.slot
                terminal.slot.insert(world.other_card)
                terminal.look()
            case "cancel":
                terminal.touch(E.CANCEL)
            case "dark":
                terminal.guarded(lambda: world.points.go_dark("dark"))
            case "fast" | "slow":
                terminal.clock.skew = timedelta(minutes=10 if fault == "fast" else -10)
                terminal.tick()
            case "outbox":
                terminal.guarded(lambda: world.happens(terminal, "outbox"))
            case _:
                self._linger(terminal, fault)

    def _offers(self, terminal: SimulatedTerminal) -> tuple[Fault, ...]:
        passing = ("deadline", "deadline-quiet") if self._world.schedule.late else ("lease", "lease-quiet")
        card = _WITH_CARD if terminal.slot.card_present() else ()
        if terminal.state is S.RETURN_CARD:
            return (*_GOING_ON, *passing, "exchange")
        if terminal.state in _ENDED:
            return ("leave", "dark", *(name for name in card if name == "forget"))
        return (*_GOING_ON, *passing, *card)

    def _linger(self, terminal: SimulatedTerminal, fault: Fault) -> None:
        """Stays at the screen, touching it now and then, until the time has passed."""
        what, _, quiet = fault.partition("-")
        for _ in range(4 if what == "deadline" else 7):
            self._world.now += timedelta(seconds=28)
            terminal.touch(None)
        if not quiet:
            self._world.pass_time(timedelta(0))

    def _wait(self, slices: timedelta, *, times: int) -> None:
        for _ in range(times):
            self._world.pass_time(slices, tidy=False)
        self._world.pass_time(timedelta(0))
