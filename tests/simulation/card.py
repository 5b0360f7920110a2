"""A card that can be torn out, lose its power with the terminal, or be exchanged, at every command and every commit."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from services.card.apdu import Instruction
from services.card.virtual.card import VirtualCard
from services.card.virtual.contents import CardContents, Pin
from services.card.virtual.memory import CardMemory
from services.domain.errors import CardConnectionLost
from services.domain.password import PasswordKind

from . import dice
from .faults import Dark, Fault, Points

if TYPE_CHECKING:
    from services.card.virtual.reader import VirtualReader

PIN: Final = {PasswordKind.SIGNATURE: Pin.SIGNATURE, PasswordKind.USER_AUTHENTICATION: Pin.USER_AUTHENTICATION}
Visit: TypeAlias = tuple[str, int, int]  # of which terminal, since which start of it, the how-manieth to a card
_SAME: Final = frozenset({"sign", "read_binary"})  # change nothing, and take the longest


class HeldCard:
    """`CardEngine` around the virtual card. `changed` hears of every new password, with the challenge it was allowed for."""

    def __init__(self, contents: CardContents, points: Points, changed: Callable[["HeldCard", Pin], None]) -> None:
        self.slot: VirtualReader | None = None
        self.rival: HeldCard | None = None  # what it may be exchanged for, faster than PC/SC looks
        self.challenge = b""
        self.visits: Callable[[], Visit] = lambda: ("", 0, 0)
        self._card = VirtualCard(contents, committed=self._committed)
        self._answers: dict[tuple, tuple[bytes, int]] = {}
        self._points = points
        self._changed = changed
        self._before = contents
        self._commits = 0
        self._visit: tuple[Visit, int] = (("", 0, 0), 0)  # with the commits in it
        self._strike: tuple[str, int] | None = None

    @property
    def memory(self) -> CardMemory:
        return self._card._memory

    @property
    def contents(self) -> CardContents:
        return self._card.contents

    def has(self, kind: PasswordKind) -> str:
        """The password that it accepts."""
        return self.contents.pins[PIN[kind]].value.decode()

    def renew(self, contents: CardContents, points: Points, changed: Callable[["HeldCard", Pin], None]) -> None:
        """As it was issued: putting a card together takes longer than a run."""
        self.memory.contents = self._before = contents
        self._points, self._changed = points, changed
        self.slot, self.challenge, self._strike = None, b"", None
        self.reset()

    def reset(self) -> None:
        self._card.reset()

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        name = _name(command)
        fault = self._points.pass_by(f"card {name}", _OFFERS.get(name, _PLAIN), self._alike(name))
        self._commits, self._strike = 0, None
        match fault:
            case None:
                return self._answer(name, command)
            case "swap":
                assert self.slot is not None
                assert self.rival is not None
                self.rival.slot = self.slot
                self.slot.swap(self.rival)
                return self.rival._answer(name, command)
            case "torn-before":
                self._tear()
            case "dark":
                self.reset()
                self._points.go_dark(fault)
            case "torn-after":
                self._answer(name, command)
                self._tear()
            case _:
                what, _, number = fault.rpartition("-")
                self._strike = (what, int(number))
                self._answer(name, command)
                self._tear()  # it had fewer commits than that: the answer is lost
        raise AssertionError(fault)

    def _tear(self) -> None:
        self.reset()
        raise CardConnectionLost

    def _answer(self, name: str, command: bytes) -> tuple[bytes, int]:
        if name in _SAME:
            session = self.memory.session
            key = (session.folder.name, session.file, frozenset(session.verified), command)
            if key not in self._answers:
                self._answers[key] = self._card.transmit(command)
            return self._answers[key]
        if name == "get_challenge":
            with dice.in_hand_of(f"card {self.visits()}", anew=True):
                answer = self._card.transmit(command)
            self.challenge = answer[0]
            return answer
        return self._card.transmit(command)

    def _committed(self) -> None:
        before, self._before = self._before, self.contents
        for pin in PIN.values():
            if before.pins[pin].value != self.contents.pins[pin].value:
                self._changed(self, pin)
        self._commits += 1
        self._points.effects += 1
        self._visit = (self._visit[0], self._visit[1] + 1)
        if self._strike is not None and self._strike[1] == self._commits:
            what, self._strike = self._strike[0], None
            self.reset()
            if what == "dark-commit":
                raise Dark(what)
            raise CardConnectionLost

    def _alike(self, name: str) -> Mapping[Fault, str]:
        """Nothing but a commit lasts: within a visit to the card, a tear between the same two commits is the same to everybody."""
        visit, now = self.visits(), self._points.effects
        if visit != self._visit[0]:
            self._visit = (visit, 0)
        number, done = visit[-1], self._visit[1]
        known = _alike.get((name, number, done, now))
        if known is None:
            most = _COMMITS.get(name, 0)
            known = {f"torn-commit-{more}": f"torn {number} {done + more}" for more in range(1, most + 1)}
            known |= {f"dark-commit-{more}": f"dark {now + more}" for more in range(1, most + 1)}
            known |= {"torn-before": f"torn {number} {done}", "torn-after": f"torn {number} {done + most}"}
            known["dark"] = f"dark {now}"
            if name != "select":  # which file is missing on the other card decides what is said
                known["swap"] = f"swap {number} {done} {name}"
            _alike[name, number, done, now] = known
        return known


_alike: dict[tuple, dict[Fault, str]] = {}
_COMMITS: Final = {"verify": 2, "reset_retry_counter": 1}  # where the password is right
_PLAIN: Final = ("torn-before", "torn-after", "dark", "swap")
_OFFERS: Final = {
    # Whoever puts another card down in the first place has it reset, where they know its passwords and it has a reservation.
    "select_application": ("torn-before", "torn-after", "dark"),
    "verify": (*_PLAIN, "torn-commit-1", "torn-commit-2", "dark-commit-1", "dark-commit-2"),
    "reset_retry_counter": (*_PLAIN, "torn-commit-1", "dark-commit-1"),
}


def _name(command: bytes) -> str:
    """The instruction; VERIFY without data only asks how many tries are left, and selecting an application is more than a file."""
    code = command[1]
    if code == Instruction.VERIFY and len(command) <= 5:
        return "tries"
    if code == Instruction.SELECT and command[2] == 0x04:
        return "select_application"
    return _NAMES.get(code, f"{code:02x}")


_NAMES: Final = {instruction.value: instruction.name.lower() for instruction in Instruction}
