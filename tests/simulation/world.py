"""Everything of one run: two terminals, the server's state, two cards, the time, and the promises that hold at every point."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.terminal_key import Seal
from services.card.virtual.contents import Pin
from services.domain.errors import EvidenceInvalid
from services.domain.kiosk_session import KioskState
from services.domain.reservation import LIFE, ReservationState
from tests.kiosk.kiosk_backend import NOW, OLD, Issuance

from . import dice
from .card import PIN, HeldCard
from .deeds import Outcome, Question, Reserve, Tidy, Trouble
from .faults import Choice, Fault, Points, Schedule
from .line import PAST_LEASE
from .sameness import everything
from .server import Server
from .terminal import Key, SimulatedTerminal
from .view import Row, View, Violation

S = KioskState

NAMES: Final = ("kiosk-1", "kiosk-2")
BEFORE_DEADLINE: Final = timedelta(seconds=90)  # when a resident who is late begins
PAST_DEADLINE: Final = timedelta(seconds=100)


@dataclass(frozen=True)
class Stage:
    """What all runs share, because it takes long to make: keys, cards, the server with what it was asked before."""

    server: Server
    keys: dict[str, Key]
    seals: dict[str, Seal]
    issuance: Issuance
    cards: tuple[HeldCard, HeldCard]


def set_stage(issuance: Issuance, *, remember: bool = True) -> Stage:
    """Two terminals with fixed keys, and a server that knows them."""
    raw = {name: Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number, name in enumerate(NAMES, 1)}
    public = {name: key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) for name, key in raw.items()}
    idle = Points(lambda _number, _where, _offers: None, lambda: None)
    cards = [HeldCard(contents, idle, lambda _card, _pin: None) for contents in (issuance.first, issuance.second)]
    keys = {name: Key(key) for name, key in raw.items()}
    seals = {name: Seal(key) for name, key in raw.items()}
    return Stage(Server(issuance, public, remember=remember), keys, seals, issuance, (cards[0], cards[1]))


def renewed(stage: Stage) -> Stage:
    """The same with a server that was asked nothing yet, so that memory does not grow without end."""
    stage.server.forget()
    return stage


class Looking(Enum):
    """When a run looks whether another one was where it is."""

    NEVER = 0
    NOW_AND_THEN = 1
    ALWAYS = 2


class Joined(BaseException):
    """The run has come to where another one was."""


class World:
    """One run. Deterministic: the same stage, schedule and choice give the same run."""

    def __init__(self, stage: Stage, schedule: Schedule, choose: Choice) -> None:
        dice.fresh()
        self.schedule = schedule
        self.kind = schedule.kind
        self.server = stage.server
        self.points = Points(choose, self.watch)
        self.now: datetime = NOW
        self.paused_until: datetime | None = None
        self.state = stage.server.first
        self.delayed: list[Question] = []
        self.told: str | None = None
        self.typed_under: dict[str, str] = {}
        # Where no fault is left and nothing moves: how many points were passed, and the state of everything.
        self.trail: list[tuple[int, bytes]] = []
        self.looking = Looking.NEVER
        self.been_there: Container[bytes] = ()
        self._authorised: set[bytes] = set()  # the challenges for which an authorisation was ever committed
        self._watched: tuple = ()
        self.card, self.other_card = stage.cards
        for card, contents in zip(stage.cards, (stage.issuance.first, stage.issuance.second), strict=True):
            card.renew(contents, self.points, self._card_changed)
        self.card.rival, self.other_card.rival = self.other_card, self.card
        self.terminals = [SimulatedTerminal(self, name, stage.keys[name], stage.seals[name]) for name in NAMES]

    @property
    def view(self) -> View:
        return self.server.views[self.state]

    def stopwatch(self) -> float:
        return (self.now - NOW).total_seconds()

    # ── The server and the time ─────────────────────────────────────────────────────────────────────────────────────

    def serve(self, deed: Question | Tidy | Reserve, trouble: Trouble | None = None) -> Outcome:
        """The server does it, now."""
        outcome = self.server.do(self.state, self.now, deed, trouble)
        self.state, self.now = outcome.state, outcome.now
        self._authorised |= self.view.challenges
        self.points.effects += 1
        self.watch()
        return outcome

    def deliver_delayed(self) -> None:
        """What was under way for too long arrives; nobody hears the answer."""
        waiting, self.delayed = self.delayed, []
        for question in waiting:
            self.serve(question)

    def pass_time(self, by: timedelta, *, tidy: bool = True) -> None:
        """Time passes for everybody; whoever waits for a person sees it."""
        self.now += by
        if tidy:
            self.serve(Tidy())
        for terminal in self.terminals:
            terminal.tick()

    def happens(self, terminal: SimulatedTerminal, fault: Fault) -> None:
        """What can happen between any two things that a terminal does."""
        with self.undisturbed():
            if fault == "outbox":
                terminal.outbox.send()
                return
            if fault == "other":
                self.other(terminal).come_to()
                return
            what, _, quiet = fault.partition("-")
            self.now += PAST_DEADLINE if what == "deadline" else PAST_LEASE
            if not quiet:
                self.serve(Tidy())

    def other(self, terminal: SimulatedTerminal) -> SimulatedTerminal:
        """The terminal that the resident is not at."""
        here, there = self.terminals
        return there if terminal is here else here

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Inside, nothing else happens."""
        before, self.points.busy = self.points.busy, True
        try:
            yield
        finally:
            self.points.busy = before

    # ── What must hold at every point ───────────────────────────────────────────────────────────────────────────────

    def quiet(self, more: tuple, *, arrived: bool) -> None:
        """Nothing moves, and no fault will strike any more: what follows depends on the state of everything, and on nothing else.

        To look at everything takes time. Once after the last fault, and whenever somebody arrives, tells nearly all.

        Raises:
            Joined: another run was there, and went on from there.
        """
        if self.looking is Looking.NEVER or len(self.points.struck) < len(self.schedule.faults):
            return
        if self.trail and not arrived and self.looking is not Looking.ALWAYS:
            return
        state = everything(self, more)
        self.trail.append((len(self.points.passed), state))
        if state in self.been_there:
            raise Joined

    def watch(self) -> None:
        """Checks what can be checked.

        Raises:
            Violation
        """
        for terminal in self.terminals:
            if terminal.on:
                self._watch_terminal(terminal)
        seen = (self.state, self.card.memory.contents, self.told)
        if seen != self._watched:
            self._watched = seen
            self._compare()

    def _watch_terminal(self, terminal: SimulatedTerminal) -> None:
        controller = terminal.controller
        session = controller._attendant.session
        if session is not None and session.new is not None and session.claim_id is not None:
            self.typed_under[session.claim_id] = terminal.typed
            terminal.claim = session.claim_id
        if controller.screen.state is S.DONE and self.told != terminal.typed:
            self.told = terminal.typed
            self.points.effects += 1
        terminal.doubt = terminal.state is not S.IDLE and (
            terminal.doubt or (session is not None and session.ask_card_first)
        )
        told = terminal.state is S.FAILED and controller.screen.unchanged
        if told and terminal.doubt and self.card.has(self.kind) != OLD[self.kind]:
            raise Violation("the resident was told that nothing was changed, and the card was")
        fault = controller.screen.fault
        failed = fault is not None and fault.code == EvidenceInvalid.code
        if failed and any(row.completed_by == terminal.claim for row in self.view.reservations):
            raise Violation("the resident was told that it failed, and it is completed")

    def _compare(self) -> None:
        on_card = self.card.has(self.kind)
        if self.told is not None and self.told != on_card:
            raise Violation(f"the resident was told {self.told}, the card has {on_card}")
        newest = self.mine()[-1:]
        for row in newest:
            if row.state is ReservationState.COMPLETED and self.typed_under.get(row.completed_by or "") != on_card:
                raise Violation("completed, and the card does not have what was typed under that claim")

    def mine(self) -> list[Row]:
        """The resident's reservations, oldest first."""
        rows = self.view.reservations
        return [row for row in rows if row.card == rows[0].card] if rows else []

    def _card_changed(self, card: HeldCard, pin: Pin) -> None:
        if card is self.other_card:
            raise Violation("another person's card was changed")
        if pin is not PIN[self.kind]:
            raise Violation("the other password was changed")
        if card.challenge not in self._authorised:
            raise Violation("the card was changed without a committed authorisation")

    def reserve(self, card: int = 0) -> None:
        """The phone's half, for one of the cards."""
        self.serve(Reserve(card, self.kind))

    def begin(self) -> None:
        """Two people have reserved; the terminals are on."""
        with self.undisturbed():
            self.reserve(0)
            self.reserve(1)
            self.now += LIFE - BEFORE_DEADLINE if self.schedule.late else timedelta(minutes=1)
            for terminal in self.terminals:
                terminal.boot()
