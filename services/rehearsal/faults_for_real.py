"""The misfortunes of `pinreset bench reliability`: which there are, at which points, and how each is made to happen.

Each function is one visit of the holder with one misfortune in it; when it returns, everything that was broken runs again.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Thread, Timer
from typing import TYPE_CHECKING, Final

from services.card.apdu import Instruction
from services.domain.crash_points import KIOSK_CALLS, CrashPoint
from services.domain.kiosk_session import KioskState
from services.rehearsal.holder import Holder, Seen
from services.rehearsal.killing import kiosk_that_dies, server_that_dies
from services.rehearsal.line import Moment, Trap
from services.rehearsal.rig import Rig
from services.rehearsal.stage import KIOSK_SLOT

if TYPE_CHECKING:
    from services.card.virtual.desk import Plan

S = KioskState
SHORT_CUT_S: Final = 3.0
LONG_CUT_S: Final = 25.0  # longer than the terminal waits for one answer
ABSENCE_S: Final = 58.0  # of a server that is back in the last seconds of the terminal's minute
MINUTE_S: Final = 60.0
WAITED_FOR_S: Final = 45.0  # an absence that the terminal always outlasts, its longest pause and a slow answer included
SLOW_CARD_S: Final = 1.0


@dataclass
class Incident:
    """What is known of one misfortune: when it struck, and what the visit itself must show."""

    struck_at: float | None = None
    broken: list[str] = field(default_factory=list)

    def strike(self) -> None:
        """It struck now, unless it had before."""
        self.struck_at = self.struck_at or time.monotonic()

    def expect(self, sentence: str, *, held: bool) -> None:
        """Notes the sentence where it did not hold."""
        if not held:
            self.broken.append(sentence)


Visit = Callable[[Rig, str, Holder, Incident], None]
_SAME_VISIT: Final = "the holder was sent away although the terminal could have waited"


def kill_kiosk(rig: Rig, point: str, holder: Holder, incident: Incident) -> None:
    """Kill -9 of the terminal at one of its named points; then it is started again."""
    with kiosk_that_dies(rig.stage, CrashPoint(point)):
        holder.visit()
        incident.strike()


def kill_server(rig: Rig, point: str, holder: Holder, incident: Incident) -> None:
    """Kill -9 of gunicorn and its workers before or after a call; it is started again at once, and waited for."""
    with server_that_dies(rig.stage, point) as absence:
        told = holder.visit()
    incident.struck_at = absence.died_at
    # On a machine that is busy with something else a start may outlast the terminal's minute, which is nobody's fault.
    incident.expect(_SAME_VISIT, held=told or absence.seconds > WAITED_FOR_S)


def crash_database(rig: Rig, point: str, holder: Holder, incident: Incident) -> None:
    """`pg_ctl -m immediate stop` and start: before a request goes on, while it is worked on, or before its answer goes on."""
    when, _, call = point.partition(":")
    postgres = rig.postgres
    assert postgres is not None
    revival = Thread(target=postgres.start)

    def crash() -> None:
        postgres.stop_at_once()
        revival.start()

    during = Thread(target=crash)
    strike = during.start if when == "during" else crash
    trap(rig, "answer" if when == "after" else "request", call, incident, strike)
    told = holder.visit()
    for thread in (during, revival):
        if thread.ident is not None:
            thread.join()
    incident.expect(_SAME_VISIT, held=told)


def cut_line(rig: Rig, point: str, holder: Holder, incident: Incident) -> None:
    """The line is cut before a request or its answer goes on, and is there again after some seconds."""
    _, how, call = point.split(":")
    seconds = LONG_CUT_S if point.startswith("long") else SHORT_CUT_S
    mend = Timer(seconds, rig.line_there.mend)

    def cut() -> None:
        rig.line_there.cut()
        mend.start()

    trap(rig, "request" if how == "request" else "answer", call, incident, cut)
    told = holder.visit()
    mend.join()
    incident.expect(_SAME_VISIT, held=told)


def wait_a_minute(rig: Rig, point: str, holder: Holder, incident: Incident) -> None:
    """Nobody answers for 58 real seconds: the screen stays, and the session goes on with the terminal's last question."""
    relay = rig.line_there.relay
    back = Timer(ABSENCE_S, relay.go_on)

    def leave() -> None:
        relay.refuse()
        back.start()
        raise ConnectionAbortedError  # this request is lost, too

    waiting = S.CHECKING if point == "claims" else S.RESETTING
    shown: list[float] = []
    trap(rig, "request", point, incident, leave)
    told = holder.visit(seen=lambda state: shown.append(time.monotonic()) if state is waiting else None)
    back.join()
    incident.expect(_SAME_VISIT, held=told)
    incident.expect(f"{waiting.value} was on the screen for less than a minute", held=_length(shown) >= MINUTE_S)


def fill_disk(rig: Rig, point: str, holder: Holder, incident: Incident) -> None:
    """The terminal's disk is full before it writes a step into its journal, and has room again after the visit."""

    def fill() -> None:
        incident.strike()
        rig.disk_there.fill()

    misfortunes: Sequence[Plan] = ()
    seen: Seen = _unseen
    match point:
        case "claiming":
            seen = _at(S.OTHER_PASSWORD, fill)
        case "claimed":
            trap(rig, "answer", "claims", incident, fill)
        case "authorising":
            seen = _at(S.CONFIRM, fill)
        case "resetting":
            trap(rig, "answer", "authorisation", incident, fill)
        case "verified":
            # While the card works: RESETTING is on disk, and the evidence is not yet.
            misfortunes = [{"slow": SLOW_CARD_S, "instruction": int(Instruction.RESET_RETRY_COUNTER)}]
            seen = partial(_when_met, rig, Instruction.RESET_RETRY_COUNTER, fill)
        case _:
            trap(rig, "answer", "completion", incident, fill)
    try:
        holder.visit(misfortunes, seen)
        incident.strike()
    finally:
        rig.disk_there.free()


def pull_card(_: Rig, point: str, holder: Holder, incident: Incident) -> None:
    """The card is pulled at an APDU of the reset, before or after the card has seen it, and put back when the screen asks."""
    number, moment = point.split(" ")[1::2]

    def watch(state: KioskState) -> None:
        if state is S.RETURN_CARD:
            incident.strike()

    told = holder.visit([{"torn": moment, "nth": int(number)}], watch)
    incident.expect("the card was not pulled", held=incident.struck_at is not None)
    incident.expect(_SAME_VISIT, held=told)


def trap(rig: Rig, moment: Moment, call: str, incident: Incident, strike: Callable[[], object]) -> None:
    """Sets the line's trap."""

    def struck() -> None:
        incident.strike()
        strike()

    rig.line_there.relay.trap = Trap(call, moment, struck)


# ── At which points ─────────────────────────────────────────────────────────────────────────────────────────────────

KIOSK_POINTS: Final = tuple(point.value for point in CrashPoint)
DATABASE_POINTS: Final = tuple(f"{when}:{call}" for call in KIOSK_CALLS for when in ("before", "during", "after"))
LINE_POINTS: Final = (
    *(f"short:{moment}:{call}" for call in KIOSK_CALLS for moment in ("request", "answer")),
    *(f"long:answer:{call}" for call in KIOSK_CALLS),
)
DISK_POINTS: Final = ("claiming", "claimed", "authorising", "resetting", "verified", "done")
WAITING_POINTS: Final = ("claims", "authorisation")
_DURABLE: Final = (Instruction.VERIFY, Instruction.RESET_RETRY_COUNTER)  # the commands that change the card
_EFFECTIVE: Final = (*_DURABLE, Instruction.GET_CHALLENGE, Instruction.EXTERNAL_AUTHENTICATE, Instruction.SIGN)


def apdu_points(rig: Rig, holder: Holder) -> list[str]:
    """Every APDU of a reset with this card, counted from when it is put down, by a visit without misfortune."""
    marks: dict[KioskState, str] = {}

    def mark(state: KioskState) -> None:
        marks[state] = rig.stage.desk.status()[KIOSK_SLOT]["instructions"] or ""

    holder.reserve()
    holder.choose_another()
    holder.visit(seen=mark)
    met, first = bytes.fromhex(marks[S.DONE]), len(bytes.fromhex(marks[S.CONFIRM]))
    points = []
    for number, code in enumerate(met[first:], start=first + 1):
        instruction = Instruction(code)
        moments = ["before"]
        moments += ["after"] if instruction in _EFFECTIVE else []
        moments += ["after_commit"] if instruction in _DURABLE else []
        points += [f"apdu {number} {instruction.name} {moment}" for moment in moments]
    return points


def _length(moments: Sequence[float]) -> float:
    return moments[-1] - moments[0] if moments else 0.0


def _at(wanted: KioskState, strike: Callable[[], None]) -> Seen:
    return lambda state: strike() if state is wanted else None


def _when_met(rig: Rig, instruction: Instruction, strike: Callable[[], None], _: KioskState) -> None:
    met = rig.stage.desk.status()[KIOSK_SLOT]["instructions"] or ""
    if instruction in bytes.fromhex(met):
        strike()


def _unseen(_: KioskState) -> None:
    """Nobody looks."""
