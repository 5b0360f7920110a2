"""Reservations that staff may meet."""

from dataclasses import replace
from datetime import timedelta

from builders import NINE

from services.domain.password import PasswordKind
from services.domain.reservation import Reservation, ReservationEvent, ReservationState, deadline
from services.domain.terminal import Part, PlaceClass, Report, Terminal
from services.ports import RAISE

PASSWORD = "correct horse battery"
CLAIM, KIOSK = "3f0c9f0e-6a55-4d1c-9a64-0d1f2b7e5a10", "kiosk-0001"
WHY = "窓口でのお問い合わせ"


def reserved(world, name="a" * 32, kind=PasswordKind.SIGNATURE, at=NINE):
    with world.ports.ledger.begin() as unit:
        unit.add_reservation(
            Reservation(name, kind, f"card {name}", "key", ReservationState.RESERVED, at, deadline(at), rehearsal=True),
            actor="resident",
        )
    return name


def in_doubt(world):
    name = reserved(world)
    moves = (
        (ReservationEvent.CLAIM, {"claim": CLAIM, "terminal": KIOSK, "fence": 1}, {"fence": RAISE}),
        (ReservationEvent.AUTHORISE, {"claim": CLAIM, "terminal": KIOSK, "number": 1}, {"authorisations": RAISE}),
        (ReservationEvent.RELEASE, {"claim": CLAIM, "terminal": KIOSK, "why": "card_removed"}, {}),
    )
    for event, audit, changes in moves:
        with world.ports.ledger.begin() as unit:
            unit.advance(name, event, at=NINE, actor=KIOSK, changes=changes, audit=audit)
    return name


REPORT = Report("0.1.0+ab12cd34ef56", 0, 120, Part.PRESENT, Part.OFF, True, 900, 0, 0, 0)


def fleet(services):
    """Terminals that staff may meet: one well, one silent, one with a wrong clock, one that never spoke."""
    now = services.ports.clock.now()
    reports = {
        "t-well": (REPORT, now),
        "t-silent": (REPORT, now - timedelta(minutes=12)),
        "t-clock": (replace(REPORT, clock_offset_ms=-41_500, closed="clock", journal_waiting=1), now),
        "t-night": (replace(REPORT, build="0.2.0+77aa", closed="hours"), now),
        "t-new": None,
    }
    for number, (name, said) in enumerate(reports.items()):
        made = Terminal(
            name, b"k" * 32, f"駅前店 {number + 1}号機", PlaceClass.STORE, store=f"S-010{number % 2}", cohort="pilot"
        )
        services.terminals.enrol(made)
        if said is not None:
            with services.ports.ledger.begin() as unit:
                unit.note_report(name, said[0], at=said[1])
