"""The reservations' part of a transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import eq, gt, le, lt
from types import MappingProxyType
from typing import Final

from sqlalchemy import bindparam, or_, select

from services.domain.audit import AuditEvent
from services.domain.errors import NotAllowedNow, ReservationNotFound, StepNotAllowed
from services.domain.password import PasswordKind
from services.domain.reservation import LIVE, RESERVATION, Reservation, ReservationEvent, ReservationState
from services.ports import RAISE, Guard
from services.storage.inserting import insert_if_new
from services.storage.moving import Moves
from services.storage.rows import columns_of, every, first, values_of
from services.storage.tables import reservations
from services.storage.unit_audit import NO_FIELDS, AuditRows

NO_GUARD: Final = Guard()
NO_CHANGES: Final[Mapping[str, object]] = MappingProxyType({})
ENTRY_OF: Final = {
    ReservationEvent.CLAIM: AuditEvent.RESERVATION_CLAIMED,
    ReservationEvent.SUPERSEDE: AuditEvent.RESERVATION_SUPERSEDED,
    ReservationEvent.AUTHORISE: AuditEvent.RESERVATION_AUTHORISED,
    ReservationEvent.COMPLETE: AuditEvent.RESERVATION_COMPLETED,
    ReservationEvent.RELEASE: AuditEvent.RESERVATION_RELEASED,
    ReservationEvent.LEASE_END: AuditEvent.RESERVATION_LEASE_ENDED,
    ReservationEvent.EXPIRE: AuditEvent.RESERVATION_EXPIRED,
    ReservationEvent.CANCEL: AuditEvent.RESERVATION_CANCELLED,
    ReservationEvent.REPLACE: AuditEvent.RESERVATION_REPLACED,
    ReservationEvent.REVIEW: AuditEvent.RESERVATION_REVIEWED,
}
_COUNTED_AS: Final = {"fence": "fence", "authorisations": "number"}  # a counter's column, and its field in an entry
_COLUMNS: Final = columns_of(reservations, Reservation)
# A row without a lease has neither a running nor an ended one: NULL satisfies no comparison.
_MOVES: Final = Moves(
    reservations,
    Reservation,
    RESERVATION,
    {
        "unexpired_at": ("expires_at", gt),
        "expired_at": ("expires_at", le),
        "claim_id": ("claim_id", eq),
        "lease_running_at": ("lease_until", gt),
        "lease_ended_at": ("lease_until", le),
        "claimed_before": ("claimed_at", lt),
        "authorisations_below": ("authorisations", lt),
    },
)
_BY_ID: Final = select(*_COLUMNS).where(reservations.c.id == bindparam("id"))
_LIVE: Final = select(*_COLUMNS).where(
    reservations.c.card_fingerprint == bindparam("card"),
    reservations.c.kind == bindparam("kind"),
    reservations.c.state.in_(sorted(LIVE)),
)
_NEWEST: Final = (
    select(*_COLUMNS)
    .where(reservations.c.card_fingerprint == bindparam("card"), reservations.c.kind == bindparam("kind"))
    .order_by(reservations.c.reserved_at.desc(), reservations.c.id)
    .limit(1)
)


class ReservationRows(AuditRows):
    """Reservations: `advance` is the only way to move one."""

    def add_reservation(self, reservation: Reservation, *, actor: str) -> None:
        if reservation.state is not RESERVATION.initial:
            raise ValueError("a reservation begins at the beginning")
        if not insert_if_new(self._connection, reservations, values_of(reservation)):
            raise NotAllowedNow
        audit = {
            "kind": reservation.kind.value,
            "card": reservation.card_fingerprint,
            "expires_at": reservation.expires_at.isoformat(),
            "rehearsal": int(reservation.rehearsal),
        }
        at = reservation.reserved_at
        self.record(AuditEvent.RESERVATION_MADE, reservation.id, at=at, actor=actor, audit=audit)

    def advance(  # noqa: PLR0913  # the ledger's one verb
        self,
        reservation_id: str,
        event: ReservationEvent,
        *,
        at: datetime,
        actor: str,
        guard: Guard = NO_GUARD,
        changes: Mapping[str, object] = NO_CHANGES,
        audit: Mapping[str, str | int] = NO_FIELDS,
    ) -> Reservation:
        asked = {name: limit for name, limit in vars(guard).items() if limit is not None}
        now = _MOVES.move(self._connection, reservation_id, event, changes, asked)
        if now is None:
            raise StepNotAllowed(machine=RESERVATION.name, event=event.value)
        # What the database counted is written as it counted it, not as the caller expected it.
        counted = {_COUNTED_AS[name]: getattr(now, name) for name, value in changes.items() if value is RAISE}
        self.record(ENTRY_OF[event], reservation_id, at=at, actor=actor, audit={**audit, **counted})
        return now

    def reservation(self, reservation_id: str) -> Reservation:
        found = first(self._connection, Reservation, _BY_ID, {"id": reservation_id})
        if found is None:
            raise ReservationNotFound
        return found

    def hold_reservation(self, reservation_id: str) -> Reservation:
        # SQLite knows no row locks and needs none: a write has the database to itself.
        self._connection.execute(select(reservations.c.id).where(reservations.c.id == reservation_id).with_for_update())
        return self.reservation(reservation_id)

    def live_reservation(self, card_fingerprint: str, kind: PasswordKind) -> Reservation | None:
        return first(self._connection, Reservation, _LIVE, {"card": card_fingerprint, "kind": kind})

    def newest_reservation(self, card_fingerprint: str, kind: PasswordKind) -> Reservation | None:
        return first(self._connection, Reservation, _NEWEST, {"card": card_fingerprint, "kind": kind})

    def reservations(self, states: Sequence[ReservationState] = (), *, limit: int = 100) -> Sequence[Reservation]:
        newest_first = select(*_COLUMNS).order_by(reservations.c.reserved_at.desc(), reservations.c.id).limit(limit)
        if states:
            newest_first = newest_first.where(reservations.c.state.in_(states))
        return every(self._connection, Reservation, newest_first)

    def due_reservations(self, now: datetime) -> Sequence[Reservation]:
        due = select(*_COLUMNS).where(
            reservations.c.state.in_(sorted(LIVE)),
            or_(reservations.c.lease_until <= now, reservations.c.expires_at <= now),
        )
        return every(self._connection, Reservation, due.order_by(reservations.c.expires_at, reservations.c.id))
