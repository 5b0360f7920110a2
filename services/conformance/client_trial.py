"""The trials of a terminal: each is a visit with a fresh reservation and a fresh card, and something goes wrong on the line."""

import base64
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final, Protocol

from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import CardContents
from services.conformance.card import NEW_PASSWORDS, Passwords, passwords_of
from services.conformance.referee import Play, Referee
from services.conformance.report import NotMet, NotTried, Requirement, Result, demand, tried

DOC: Final = "docs/protocols.md, Kiosk"
_MOST_WAITS: Final = 100


class Told(StrEnum):
    """What the terminal's screen says to the person at the end of a visit."""

    DONE = "done"  # the new password is set; "the record follows" counts as this
    FAILED = "failed"
    NOTHING = "nothing"  # no result within the time


class Shown(StrEnum):
    """What the terminal's screen says to somebody who comes."""

    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"  # for any other reason


class Hand(Protocol):
    """A person, or a program, at the terminal under test."""

    def visit(self, card: VirtualCard, passwords: Passwords, new: str, *, stop: bool = False) -> Told:
        """Lays the card on, types, sets the new password, takes the card. With `stop`: gives up once the reservation is found."""

    def wait(self) -> None:
        """Lets the terminal do by itself what it does after a while."""

    def look(self) -> Shown:
        """What the screen says while nobody stands there."""

    def restart(self) -> bool:
        """Cuts the terminal's power and gives it back; whether this hand can."""


@dataclass
class ClientTrial:
    """The scripted server, the hand, and the practice card as it was issued."""

    referee: Referee
    hand: Hand
    contents: CardContents
    passwords: Passwords
    visits: int = 0
    card: VirtualCard | None = field(default=None, repr=False)

    @property
    def new(self) -> str:
        """The password that is to be set."""
        return NEW_PASSWORDS[self.passwords.kind][0]

    def begin(self) -> Play:
        """A fresh reservation for a fresh card; plan what goes wrong after this."""
        self.visits += 1
        self.referee.secrets = set().union(*map(_spellings, (*self.passwords.values.values(), self.new)))
        return self.referee.begin(self.passwords.kind, self.visits)

    def visit(self, *, stop: bool = False) -> Told:
        """One visit with a card that tells when its password changed."""
        kind, before = self.passwords.kind, passwords_of(self.contents, self.passwords.kind)

        def committed() -> None:
            assert self.card is not None
            if passwords_of(self.card.contents, kind) != before and "card changed" not in self.referee.notes:
                self.referee.card_changed()

        self.card = VirtualCard(self.contents, committed=committed)
        told = self.hand.visit(self.card, self.passwords, self.new, stop=stop)
        self.referee.notes.append(f"told {told.value}")
        return told

    def let_pass(self, time: timedelta) -> None:
        """The terminal is left alone for so long."""
        clock = self.referee.clock
        end = clock.now() + time
        for _ in range(_MOST_WAITS):
            if clock.now() >= end:
                return
            self.hand.wait()

    @property
    def changed(self) -> bool:
        """Whether the card has the new password now."""
        assert self.card is not None
        return passwords_of(self.card.contents, self.passwords.kind) != passwords_of(self.contents, self.passwords.kind)

    def bodies(self, call: str) -> list[bytes]:
        """What was asked of this call, in order."""
        return [one.request.body for one in self.referee.asked if one.call == call]

    def demand_done(self, told: Told) -> None:
        """The visit went well, and what was told is so."""
        demand(told is Told.DONE, f"the visit ended with {told.value}; asked were {self.calls}")
        demand(self.changed, "told done, and the card has the old password")
        assert self.referee.play is not None
        demand(self.referee.play.proved, "told done, and no evidence came")

    @property
    def calls(self) -> str:
        """For a line of the report."""
        return " ".join(one.call for one in self.referee.asked) or "nothing"


Trial = Callable[[ClientTrial], None]
TRIALS: Final[list[tuple[Requirement, Trial]]] = []


def requires(text: str, source: str) -> Callable[[Trial], Trial]:
    """Enters a trial into the list; its place is its number."""

    def entered(trial: Trial) -> Trial:
        TRIALS.append((Requirement(f"C-{len(TRIALS) + 1:02}", text, source), trial))
        return trial

    return entered


def throughout(topic: str, text: str, source: str) -> None:
    """A requirement on every request of all visits, judged after the last."""

    def judged(trial: ClientTrial) -> None:
        if not trial.visits:
            raise NotTried("there was no visit")
        if topic in trial.referee.complaints:
            raise NotMet(trial.referee.complaints[topic])

    requires(text, source)(judged)


def try_client(trial: ClientTrial, only: Collection[str] = ()) -> Iterator[Result]:
    """One result after another; with `only`, of the requirements that have these numbers."""
    from services.conformance import client_visits, client_duty  # noqa: F401, PLC0415, I001  # their order is the numbers'

    for requirement, one in TRIALS:
        if only and requirement.number not in only:
            continue
        yield tried(requirement, lambda one=one: one(trial))  # type: ignore[misc]  # bound now, not at the call


def _spellings(secret: str) -> set[str]:
    octets = secret.encode()
    if len(secret) < 6:
        return {secret}
    digest = sha256(octets).digest()
    plain = {secret, secret[::-1], octets.hex(), digest.hex()}
    return plain | {base64.b64encode(one).decode().rstrip("=") for one in (octets, digest)}
