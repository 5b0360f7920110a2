"""Reservations that staff may meet."""

from builders import NINE

from services.domain.password import PasswordKind
from services.domain.reservation import Reservation, ReservationEvent, ReservationState, deadline
from services.ports import RAISE

PASSWORD = "correct horse battery"
WHY = "窓口でのお問い合わせ"


def reserved(world, name="a" * 32, kind=PasswordKind.SIGNATURE, at=NINE):
    with world.ports.ledger.begin() as unit:
        unit.add_reservation(
            Reservation(name, kind, f"card {name}", ReservationState.RESERVED, at, deadline(at), rehearsal=True),
            actor="resident",
        )
    return name


def in_doubt(world):
    name = reserved(world)
    moves = (
        (ReservationEvent.CLAIM, {"claim": "c", "terminal": "k", "fence": 1}, {"fence": RAISE}),
        (ReservationEvent.AUTHORISE, {"claim": "c", "terminal": "k", "number": 1}, {"authorisations": RAISE}),
        (ReservationEvent.RELEASE, {"claim": "c", "terminal": "k", "why": "card_removed"}, {}),
    )
    for event, audit, changes in moves:
        with world.ports.ledger.begin() as unit:
            unit.advance(name, event, at=NINE, actor="k", changes=changes, audit=audit)
    return name
