"""The desk: puts card files on readers and takes them off, for the rehearsal, the tests and by hand.

    python -m services.card.virtual.desk DIR        two slots at local sockets, without PC/SC and without root
    python -m services.card.pcscd DIR               two slots of a private pcscd (root)

Either way `DIR/desk.sock` takes one JSON object a line, and answers with one:

    {"do": "insert", "slot": 0, "card": "/path/to/card.json"}   {"do": "remove", "slot": 0}   {"do": "status"}

`insert` may have `"faults"`, a list of what `services.card.virtual.faults.planned` reads.
"""

import json
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any, Final

from services.card.virtual.card import CardEngine, VirtualCard
from services.card.virtual.faults import FaultScript, planned
from services.card.virtual.socket_slot import serve_socket
from services.card.virtual.vpcd import NOTICE_TIME_S
from services.domain.errors import CardMissing, ReaderMissing, RequestMalformed, ResetError, catalogue

CONTROL: Final = "desk.sock"
INSERT_TIME_S: Final = 10.0
LONGEST_REQUEST: Final = 4096
SLOTS: Final = 2  # 0 is the companion's, 1 the kiosk's

Serve = Callable[[CardEngine, Event, Event], None]
Plan = Mapping[str, str | float]


@dataclass(frozen=True)
class Slot:
    """A reader's name, as its users know it, and what puts a card into it: `serve(card, stop, ready)`, which blocks.

    `absence_s` is how long it must be empty before the next card.
    """

    reader: str
    serve: Serve
    absence_s: float = 0.0


@dataclass
class _Occupant:
    card_file: Path
    script: FaultScript
    stop: Event
    thread: Thread


class Desk:
    """The slots and who is in them."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots = slots
        self._occupants: dict[int, _Occupant] = {}
        self._left_at: dict[int, float] = {}

    def insert(self, slot: int, card_file: Path, faults: Sequence[Plan] = ()) -> None:
        """Puts the card on the reader; one that is there is taken off first. Returns when the reader has it.

        Raises:
            NotMyNumberCard: no virtual card is in this file.
            ReaderMissing: no such slot, or nothing answers there.
            RequestMalformed: a fault that cannot be planned.
        """
        self._slot(slot)
        stop, ready = Event(), Event()
        script = FaultScript([planned(plan) for plan in faults], wait=stop.wait)
        card = script.around(VirtualCard.from_file(card_file, script.committed))
        self._lift(card_file, slot)
        self._wait_for_absence(slot)
        thread = Thread(target=self._serving, args=(slot, card, stop, ready), name=f"slot {slot}", daemon=True)
        thread.start()
        while not ready.wait(0.02):
            if not thread.is_alive():
                raise ReaderMissing(slot=slot)
        self._occupants[slot] = _Occupant(card_file, script, stop, thread)

    def remove(self, slot: int) -> None:
        """Takes the card off, where one is."""
        self._slot(slot)
        occupant = self._occupants.pop(slot, None)
        if occupant:
            occupant.stop.set()
            occupant.thread.join(INSERT_TIME_S)

    def status(self) -> list[dict[str, str | None]]:
        """Each slot's reader; its card's file, or `None` where no card is or where it fell out; and the instruction bytes that
        the card which was put there last has met, in hexadecimal.
        """
        return [
            {"reader": slot.reader, "card": self._card_in(number), "instructions": self._met_in(number)}
            for number, slot in enumerate(self._slots)
        ]

    def close(self) -> None:
        """Takes every card off."""
        for number in range(len(self._slots)):
            self.remove(number)

    def _serving(self, number: int, card: CardEngine, stop: Event, ready: Event) -> None:
        """The thread's whole life. A reader that is not there shows in `ready` not being set."""
        with suppress(ReaderMissing):
            self._slots[number].serve(card, stop, ready)
        self._left_at[number] = monotonic()

    def _wait_for_absence(self, number: int) -> None:
        left_at = self._left_at.get(number)
        if left_at is not None:
            sleep(max(0.0, left_at + self._slots[number].absence_s - monotonic()))

    def _lift(self, card_file: Path, slot: int) -> None:
        """A card is in one place at a time, and a reader takes one card."""
        for number, occupant in list(self._occupants.items()):
            if number == slot or occupant.card_file.resolve() == card_file.resolve():
                self.remove(number)

    def _slot(self, number: int) -> Slot:
        if not 0 <= number < len(self._slots):
            raise ReaderMissing(slot=number)
        return self._slots[number]

    def _met_in(self, number: int) -> str:
        occupant = self._occupants.get(number)
        return bytes(occupant.script.instructions).hex() if occupant else ""

    def _card_in(self, number: int) -> str | None:
        occupant = self._occupants.get(number)
        return str(occupant.card_file) if occupant and occupant.thread.is_alive() else None


def socket_slots(folder: Path) -> list[Slot]:
    """Two slots without PC/SC; their readers are `SocketReader(folder / "slot0.sock")` and so on."""
    paths = [folder / f"slot{number}.sock" for number in range(SLOTS)]
    return [Slot(str(path), partial(_serve_at, path)) for path in paths]


def _serve_at(path: Path, card: CardEngine, stop: Event, ready: Event) -> None:
    serve_socket(card, path, stop, ready)


# ── Its control socket ──────────────────────────────────────────────────────────────────────────────────────────────


def serve_desk(desk: Desk, path: Path, stop: Event) -> None:
    """Takes requests at the path until `stop` is set; then clears the desk."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
        listener.settimeout(NOTICE_TIME_S)
        while not stop.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(INSERT_TIME_S)
                    connection.sendall(_answered(desk, connection.recv(LONGEST_REQUEST)))
    desk.close()
    path.unlink(missing_ok=True)


def _answered(desk: Desk, line: bytes) -> bytes:
    try:
        _carry_out(desk, json.loads(line))
        answer: dict[str, Any] = {"slots": desk.status()}
    except ResetError as problem:
        answer = {"error": problem.code, "detail": problem.detail}
    except (ValueError, KeyError, TypeError, AttributeError):
        answer = {"error": RequestMalformed.code, "detail": {}}
    return json.dumps(answer).encode() + b"\n"


def _carry_out(desk: Desk, request: Mapping[str, Any]) -> None:
    match request["do"]:
        case "insert":
            desk.insert(int(request["slot"]), Path(request["card"]), request.get("faults", ()))
        case "remove":
            desk.remove(int(request["slot"]))
        case "status":
            return
        case _:
            raise RequestMalformed(where="do")


class DeskClient:
    """Speaks to a desk, in this process or another."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / CONTROL

    def insert(self, slot: int, card_file: Path, faults: Sequence[Plan] = ()) -> None:
        """See `Desk.insert`."""
        self._ask(do="insert", slot=slot, card=str(card_file.resolve()), faults=list(faults))

    def remove(self, slot: int) -> None:
        """See `Desk.remove`."""
        self._ask(do="remove", slot=slot)

    def status(self) -> list[dict[str, str | None]]:
        """See `Desk.status`."""
        return self._ask(do="status")

    def _ask(self, **request: str | int | list[Plan]) -> list[dict[str, str | None]]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(2 * INSERT_TIME_S)
                connection.connect(str(self._path))
                connection.sendall(json.dumps(request).encode() + b"\n")
                with connection.makefile("rb") as lines:
                    answer = json.loads(lines.readline())
        except (OSError, ValueError) as problem:
            raise ReaderMissing(desk=self._path.name) from problem
        if "error" in answer:
            known = {error.code: error for error in catalogue()}
            raise known.get(answer["error"], CardMissing)(**answer["detail"])
        slots: list[dict[str, str | None]] = answer["slots"]
        return slots


def main(folder: Path) -> None:
    """A desk without PC/SC, until interrupted."""
    folder.mkdir(parents=True, exist_ok=True)
    with suppress(KeyboardInterrupt):
        serve_desk(Desk(socket_slots(folder)), folder / CONTROL, Event())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
