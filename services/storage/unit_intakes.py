"""The intakes' and their card sessions' part of a transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import gt
from typing import Final

from sqlalchemy import bindparam, insert, select, update

from services.domain.audit import AuditEvent
from services.domain.errors import IntakeEnded, IntakeNotFound, StepNotAllowed
from services.domain.intake import INTAKE, CardSession, CardSessionState, Intake, IntakeEvent, IntakeState
from services.storage.moving import Moves
from services.storage.rows import columns_of, every, first, values_of
from services.storage.tables import card_sessions, intakes
from services.storage.unit_audit import NO_FIELDS, AuditRows
from services.storage.unit_reservations import NO_CHANGES

RESIDENT: Final = "resident"
ENTRY_OF: Final = {
    IntakeEvent.ACCEPT_FRONT: AuditEvent.INTAKE_FRONT_ACCEPTED,
    IntakeEvent.ACCEPT_CARD: AuditEvent.INTAKE_CARD_ACCEPTED,
    IntakeEvent.ACCEPT_FACE: AuditEvent.INTAKE_FACE_ACCEPTED,
    IntakeEvent.RESERVE: AuditEvent.INTAKE_RESERVED,
    IntakeEvent.ABANDON: AuditEvent.INTAKE_ABANDONED,
}
_INTAKE: Final = columns_of(intakes, Intake)
_MOVES: Final = Moves(intakes, Intake, INTAKE, {"running_at": ("ends_at", gt)})
_BY_ID: Final = select(*_INTAKE).where(intakes.c.id == bindparam("id"))
_BY_RESERVATION: Final = select(*_INTAKE).where(intakes.c.reservation_id == bindparam("reservation_id"))
_BY_TOKEN: Final = select(*_INTAKE).where(intakes.c.token_hash == bindparam("token_hash"))
_SESSION: Final = columns_of(card_sessions, CardSession)


class IntakeRows(AuditRows):
    """Intakes: `advance_intake` is the only way to move one, and its time is asked for in the same statement."""

    def add_intake(self, intake: Intake) -> None:
        self._connection.execute(insert(intakes).values(values_of(intake)))
        audit = {"kind": intake.kind.value, "rehearsal": int(intake.rehearsal)}
        self.record(AuditEvent.INTAKE_STARTED, intake.id, at=intake.created_at, actor=RESIDENT, audit=audit)

    def advance_intake(
        self,
        intake_id: str,
        event: IntakeEvent,
        *,
        at: datetime,
        changes: Mapping[str, object] = NO_CHANGES,
        audit: Mapping[str, str | int] = NO_FIELDS,
    ) -> Intake:
        # Whoever has run out of time may still be abandoned.
        asked = {} if event is IntakeEvent.ABANDON else {"running_at": at}
        now = _MOVES.move(self._connection, intake_id, event, changes, asked)
        if now is None:
            raise self._why_not(intake_id, event, at)
        self.record(ENTRY_OF[event], intake_id, at=at, actor=RESIDENT, audit=audit)
        return now

    def _why_not(self, intake_id: str, event: IntakeEvent, at: datetime) -> IntakeEnded | StepNotAllowed:
        found = self.intake(intake_id)
        late = found.ends_at <= at and INTAKE.allows(found.state, event)
        if late or found.state is IntakeState.ABANDONED:
            return IntakeEnded()
        return StepNotAllowed(machine=INTAKE.name, state=found.state.value, event=event.value)

    def intake(self, intake_id: str) -> Intake:
        found = first(self._connection, Intake, _BY_ID, {"id": intake_id})
        if found is None:
            raise IntakeNotFound
        return found

    def intake_by_token(self, token_hash: bytes) -> Intake | None:
        return first(self._connection, Intake, _BY_TOKEN, {"token_hash": token_hash})

    def intake_of(self, reservation_id: str) -> Intake | None:
        return first(self._connection, Intake, _BY_RESERVATION, {"reservation_id": reservation_id})

    def ended_intakes(self, now: datetime) -> Sequence[Intake]:
        under_way = INTAKE.sources(IntakeEvent.ABANDON)
        found = (
            select(*_INTAKE)
            .where(intakes.c.state.in_(sorted(under_way)), intakes.c.ends_at <= now)
            .order_by(intakes.c.ends_at, intakes.c.id)
        )
        return every(self._connection, Intake, found)

    def add_card_session(self, session: CardSession) -> None:
        self._connection.execute(insert(card_sessions).values(values_of(session)))

    def card_session(self, session_id: str) -> CardSession | None:
        return first(self._connection, CardSession, select(*_SESSION).where(card_sessions.c.id == session_id))

    def newest_card_session(self, intake_id: str) -> CardSession | None:
        newest = (
            select(*_SESSION)
            .where(card_sessions.c.intake_id == intake_id)
            .order_by(card_sessions.c.number.desc())
            .limit(1)
        )
        return first(self._connection, CardSession, newest)

    def move_card_session(
        self, session_id: str, source: CardSessionState, target: CardSessionState, *, failure: str | None = None
    ) -> bool:
        moved_row = self._connection.execute(
            update(card_sessions)
            .where(card_sessions.c.id == session_id, card_sessions.c.state == source)
            .values(state=target, failure=failure)
            .returning(card_sessions.c.id)
        ).first()
        return moved_row is not None
