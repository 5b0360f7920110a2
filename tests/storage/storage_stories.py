"""The rows that tests of this lane start from."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from services.clock import ManualClock
from services.domain.intake import Intake, IntakeState
from services.domain.password import PasswordKind
from services.domain.reservation import (
    LEASE,
    RESERVATION,
    Claim,
    Reservation,
    ReservationEvent,
    ReservationState,
    deadline,
)
from services.ports import RAISE, Guard
from services.storage.columns import metadata
from services.storage.database import Database
from services.storage.ledger import SQLLedger

NINE = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 09:00 in Japan
_numbers = count()


def path_to(state: ReservationState) -> list[ReservationEvent]:
    """A shortest way through the table."""
    ways: dict[ReservationState, list[ReservationEvent]] = {RESERVATION.initial: []}
    while state not in ways:
        for (source, event), target in RESERVATION.table.items():
            if source in ways:
                ways.setdefault(target, [*ways[source], event])
    return ways[state]


@dataclass
class Story:
    ledger: SQLLedger
    clock: ManualClock

    def reservation(
        self, state: ReservationState = ReservationState.RESERVED, *, card: str | None = None, **fields: object
    ) -> Reservation:
        """Inserts a reservation and leads it to the state."""
        now = self.clock.now()
        number = next(_numbers)
        made = Reservation(
            id=f"r{number}",
            kind=PasswordKind.SIGNATURE,
            card_fingerprint=card or f"card {number}",
            other_key_fingerprint=f"key {number}",
            state=ReservationState.RESERVED,
            reserved_at=now,
            expires_at=deadline(now),
            rehearsal=True,
        )
        made = replace(made, **fields)
        with self.ledger.begin() as unit:
            unit.add_reservation(made, actor="resident")
            for event in path_to(state):
                made = unit.advance(made.id, event, at=now, actor="test")
        return made

    def claim(self, reservation_id: str, claim_id: str, terminal: str = "t1", guard: Guard | None = None) -> Claim:
        """The claim as the use case makes it: one conditional UPDATE, one row."""
        now = self.clock.now()
        lease = now + LEASE
        with self.ledger.begin() as unit:
            taken = unit.advance(
                reservation_id,
                ReservationEvent.CLAIM,
                at=now,
                actor=terminal,
                guard=guard or Guard(unexpired_at=now),
                changes={"claim_id": claim_id, "claimed_at": now, "lease_until": lease, "fence": RAISE},
                audit={"claim": claim_id, "terminal": terminal},
            )
            made = Claim(claim_id, reservation_id, terminal, taken.fence, now, lease, b"n" * 32)
            unit.add_claim(made)
        return made

    def found(self, reservation_id: str) -> Reservation:
        with self.ledger.begin() as unit:
            return unit.reservation(reservation_id)

    def intake(self, **fields: object) -> Intake:
        now = self.clock.now()
        number = next(_numbers)
        made = Intake(
            id=f"i{number}",
            token_hash=b"token %d" % number,
            kind=PasswordKind.USER_AUTHENTICATION,
            state=IntakeState.STARTED,
            created_at=now,
            ends_at=now + timedelta(minutes=30),
            rehearsal=True,
        )
        made = replace(made, **fields)
        with self.ledger.begin() as unit:
            unit.add_intake(made)
        return made


def empty(database: Database) -> None:
    with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(metadata.tables["audit_head"].insert().values(id=1, size=0, chain=bytes(32)))
        connection.execute(metadata.tables["policy_head"].insert().values(id=1, serial=0))
