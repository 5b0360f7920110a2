"""Reservations that staff may meet."""

from builders import NINE

from services.domain.password import PasswordKind
from services.domain.reservation import Reservation, ReservationEvent, ReservationState, deadline
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
