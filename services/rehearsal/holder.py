"""Somebody with a card and a reservation who comes to the kiosk, again if need be, and remembers what the terminal told."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import httpx

from services.card.virtual import store
from services.card.virtual.desk import Plan
from services.domain.kiosk_session import KioskState
from services.domain.password import PasswordKind
from services.domain.reservation import Reservation, ReservationState
from services.rehearsal.booking import Book, Story
from services.rehearsal.browser import PageUnexpected
from services.rehearsal.proof import accepts
from services.rehearsal.props import Props, another_password
from services.rehearsal.stage import KIOSK_SLOT, Stage
from services.rehearsal.telling import Telling
from services.rehearsal.visitor import VirtualVisitor

DIED: Final = (httpx.HTTPError, PageUnexpected)  # how a terminal's death, or its refusal, looks to a person
SETTLED_WITHIN_S: Final = 10.0

Seen = Callable[[KioskState], None]


@dataclass
class Holder:
    """One person with one card."""

    stage: Stage
    book: Book
    props: Props
    kind: PasswordKind
    telling: Telling
    typed: list[str] = field(default_factory=list, repr=False)
    told: str | None = field(default=None, repr=False)  # the password that a terminal last said is set
    lies: list[str] = field(default_factory=list)  # what was untrue in the moment when it was told
    visits: int = 0

    def reserve(self) -> Reservation:
        """A new reservation; what was told about earlier ones is forgotten."""
        self.typed, self.told, self.lies, self.visits = [], None, [], 0
        return self.book.reserve(store.load(self.props.card_file), self.kind)

    def choose_another(self) -> None:
        """Thinks of another new password."""
        self.props = another_password(self.props, self.kind)

    def visit(self, misfortunes: Sequence[Plan] = (), seen: Seen = lambda _: None) -> bool:
        """One session at the kiosk; says whether the terminal told that the password is set."""
        self.visits += 1
        self.typed.append(self.props.new_passwords[self.kind])
        visitor = VirtualVisitor(self.stage, self.props, self.kind, self.telling, misfortunes=misfortunes, seen=seen)
        try:
            visitor.begin()
            visitor.identify()
            visitor.set_password()
            self._hear()
        except DIED:
            return False
        finally:
            with suppress(*DIED):
                visitor.abandon()
            visitor.close()
            self.stage.desk.remove(KIOSK_SLOT)
        return True

    def card_has(self, password: str) -> bool:
        """Whether the card accepts it."""
        return accepts(self.props.card_file, self.kind, password)

    def settled(self, reservation: Reservation, over: Callable[[], bool] = lambda: False) -> bool:
        """Whether it gets completed without the holder, by what a terminal had kept; not waited for when it is `over`."""
        end = time.monotonic() + SETTLED_WITHIN_S
        while True:
            done = over()  # asked first: what was delivered in between is still seen
            if self.story(reservation).reservation.state is ReservationState.COMPLETED:
                return True
            if done or time.monotonic() > end:
                return False
            time.sleep(0.1)

    def story(self, reservation: Reservation) -> Story:
        """What the server knows of it now."""
        return self.book.story(reservation)

    def _hear(self) -> None:
        self.told = self.typed[-1]
        if not self.card_has(self.told):
            self.lies.append("told a password that the card does not have")
