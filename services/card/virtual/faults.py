"""Scripted misfortune: a card that is pulled, falls silent, is slow, or answers nonsense, at a chosen instant.

A script is a list of faults; each strikes once. The moments of one command:

    BEFORE ── the card never saw it        ┐
    AFTER_COMMIT ── its first durable      │ for each, CardConnectionLost: whoever sent it cannot tell which
      write is done, nothing else          │
    AFTER ── all done, the answer is lost  ┘
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from time import sleep

from services.card.apdu import Instruction
from services.card.virtual.card import CardEngine
from services.domain.errors import CardConnectionLost, RequestMalformed


class Moment(StrEnum):
    """When the fault strikes within a command."""

    BEFORE = "before"
    AFTER_COMMIT = "after_commit"
    AFTER = "after"


@dataclass(frozen=True)
class Torn:
    """The card is pulled at this moment."""

    moment: Moment


@dataclass(frozen=True)
class Mute:
    """The card did it and never answers: whoever waits must give up by himself. `seconds` is how long it hangs at most."""

    seconds: float = 3600.0


@dataclass(frozen=True)
class Slow:
    """The card answers, late."""

    seconds: float


@dataclass(frozen=True)
class WrongStatus:
    """The card does nothing and answers with this status word."""

    status: int


Trouble = Torn | Mute | Slow | WrongStatus


@dataclass
class Fault:
    """Strikes at the `nth` command that `matches`; by default at the nth of all."""

    trouble: Trouble
    nth: int = 1
    matches: Callable[[bytes], bool] = bool

    def strikes(self, command: bytes) -> bool:
        """Counts the command down; true for the one that is struck."""
        if not self.matches(command):
            return False
        self.nth -= 1
        return self.nth == 0


def instruction(code: int) -> Callable[[bytes], bool]:
    """Matches commands with this instruction byte."""
    return lambda command: len(command) > 1 and command[1] == code


def instruction_with_data(code: int) -> Callable[[bytes], bool]:
    """Matches commands with this instruction byte that carry data: VERIFY, but not the question how many tries are left."""
    return lambda command: len(command) > 5 and command[1] == code


def planned(plan: Mapping[str, str | float]) -> Fault:
    """A fault as the desk is told of it: one trouble, and optionally which command.

        {"torn": "after_commit", "instruction": 32, "nth": 2}   {"mute": 5.0}   {"slow": 0.5}   {"status": 27904}

    Raises:
        RequestMalformed: another form.
    """
    choices: dict[str, Callable[[str | float], Trouble]] = {
        "torn": lambda moment: Torn(Moment(str(moment))),
        "mute": lambda seconds: Mute(float(seconds)),
        "slow": lambda seconds: Slow(float(seconds)),
        "status": lambda status: WrongStatus(int(status)),
    }
    try:
        (name,) = plan.keys() & choices.keys()
        matches = _matching(int(plan["instruction"])) if "instruction" in plan else bool
        return Fault(choices[name](plan[name]), int(plan.get("nth", 1)), matches)
    except (ValueError, TypeError) as problem:
        raise RequestMalformed(where="faults") from problem


def _matching(code: int) -> Callable[[bytes], bool]:
    """VERIFY without data only asks how many tries are left; who plans a fault for VERIFY means the other one."""
    return instruction_with_data(code) if code == Instruction.VERIFY else instruction(code)


class FaultScript:
    """The faults that one card will meet. Give `committed` to the card, then wrap the card with `around`."""

    def __init__(self, faults: Sequence[Fault] = (), wait: Callable[[float], object] = sleep) -> None:
        self._faults = list(faults)
        self._wait = wait
        self._tear_at_commit = False
        self.instructions = bytearray()  # of the commands so far, the struck ones included; no data

    def add(self, fault: Fault) -> None:
        """Plans one more."""
        self._faults.append(fault)

    @property
    def pending(self) -> bool:
        """Whether a fault has not struck yet."""
        return bool(self._faults)

    def committed(self) -> None:
        """Told by the card after each durable write."""
        if self._tear_at_commit:
            self._tear_at_commit = False
            raise CardConnectionLost

    def around(self, card: CardEngine) -> "FaultyCard":
        """The card as it looks from outside while the script runs."""
        return FaultyCard(card, self)

    def answer(self, card: CardEngine, command: bytes) -> tuple[bytes, int]:
        """Lets the card answer, with the trouble that is due."""
        self.instructions += command[1:2]
        due = next((fault for fault in self._faults if fault.strikes(command)), None)
        if due is None:
            return card.transmit(command)
        self._faults.remove(due)
        match due.trouble:
            case Torn():
                return self._torn(card, command, due.trouble.moment)
            case Mute():
                card.transmit(command)
                self._wait(due.trouble.seconds)
                raise CardConnectionLost
            case Slow():
                self._wait(due.trouble.seconds)
                return card.transmit(command)
            case WrongStatus():
                return b"", due.trouble.status

    def _torn(self, card: CardEngine, command: bytes, moment: Moment) -> tuple[bytes, int]:
        self._tear_at_commit = moment is Moment.AFTER_COMMIT
        try:
            if moment is not Moment.BEFORE:
                card.transmit(command)
        finally:
            self._tear_at_commit = False
        raise CardConnectionLost


class FaultyCard:
    """A card engine that runs a script. A lost connection costs the card its power."""

    def __init__(self, card: CardEngine, script: FaultScript) -> None:
        self._card = card
        self._script = script

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """One command, one answer or one misfortune."""
        try:
            return self._script.answer(self._card, command)
        except CardConnectionLost:
            self._card.reset()
            raise

    def reset(self) -> None:
        """Power on, or a reset."""
        self._card.reset()
