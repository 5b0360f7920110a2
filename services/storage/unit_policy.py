"""The terminal policy's part of a transaction: what is suspended, what is planned, and the number that every change raises."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import case, delete, insert, select, update

from services.domain.audit import AuditEvent
from services.domain.errors import NotAllowedNow, NotFound
from services.domain.terminal_policy import Suspension, Trait, Window
from services.storage.inserting import insert_if_new
from services.storage.rows import columns_of, every, first, values_of
from services.storage.tables import reservations
from services.storage.tables_of_terminals import maintenance_windows, policy_head, suspensions
from services.storage.unit_audit import AuditRows

_SUSPENSION: Final = columns_of(suspensions, Suspension)
_LIVE: Final = select(*_SUSPENSION).where(suspensions.c.lifted_at.is_(None)).order_by(suspensions.c.number)
_SERIAL: Final = select(policy_head.c.serial)
# A change in progress is waited for, so that one serial has one content.
_SETTLED_SERIAL: Final = _SERIAL.with_for_update(read=True)
HISTORY: Final = 50  # lifted suspensions that staff are shown


class PolicyRows(AuditRows):
    """Suspensions, maintenance, serial."""

    def suspensions(self) -> Sequence[Suspension]:
        return every(self._connection, Suspension, _LIVE)

    def lifted_suspensions(self) -> Sequence[Suspension]:
        lifted = select(*_SUSPENSION).where(suspensions.c.lifted_at.is_not(None))
        return every(self._connection, Suspension, lifted.order_by(suspensions.c.number.desc()).limit(HISTORY))

    def add_suspension(self, suspension: Suspension) -> int:
        if not insert_if_new(self._connection, suspensions, values_of(suspension)):
            raise NotAllowedNow
        by, at, why = suspension.issued_by, suspension.issued_at, suspension.reason
        return self._changed(AuditEvent.POLICY_SUSPENDED, suspension.id, suspension.trait, at=at, by=by, why=why)

    def lift_suspension(self, suspension_id: str, *, at: datetime, by: str, why: str) -> int:
        lifted = (
            update(suspensions)
            .where(suspensions.c.id == suspension_id, suspensions.c.lifted_at.is_(None))
            .values(lifted_at=at, lifted_by=by, lift_reason=why)
            .returning(*_SUSPENSION)
        )
        found = first(self._connection, Suspension, lifted)
        if found is None:
            raise NotFound
        return self._changed(AuditEvent.POLICY_LIFTED, found.id, found.trait, at=at, by=by, why=why)

    def matchers(self) -> Sequence[str]:
        made_with = select(reservations.c.matcher).where(reservations.c.matcher.is_not(None)).distinct()
        return self._connection.execute(made_with).scalars().all()

    def maintenance(self, now: datetime) -> Sequence[Window]:
        table = maintenance_windows.c
        coming = select(table.begins_at, table.ends_at).where(table.ends_at > now).order_by(table.begins_at)
        return every(self._connection, Window, coming)

    def plan_maintenance(self, window: Window, *, at: datetime, by: str, why: str) -> int:
        self._connection.execute(delete(maintenance_windows).where(maintenance_windows.c.ends_at <= at))
        self._connection.execute(insert(maintenance_windows).values(values_of(window)))
        serial = self._raise_serial(at)
        begins_at, ends_at = window.begins_at.isoformat(), window.ends_at.isoformat()
        audit: dict[str, str | int] = {
            "staff": by,
            "begins_at": begins_at,
            "ends_at": ends_at,
            "why": why,
            "serial": serial,
        }
        self.record(AuditEvent.POLICY_PLANNED, "maintenance", at=at, actor=by, audit=audit)
        return serial

    def renew_policy(self, *, at: datetime, by: str, why: str) -> int:
        serial = self._raise_serial(at)
        audit: dict[str, str | int] = {"staff": by, "why": why, "serial": serial}
        self.record(AuditEvent.POLICY_RENEWED, "policy", at=at, actor=by, audit=audit)
        return serial

    def policy_serial(self) -> int:
        return int(self._connection.execute(_SETTLED_SERIAL).scalar_one())

    def _changed(  # noqa: PLR0913  # one entry's facts
        self, event: AuditEvent, subject: str, trait: Trait, *, at: datetime, by: str, why: str
    ) -> int:
        serial = self._raise_serial(at)
        audit: dict[str, str | int] = {"staff": by, "cohort": str(trait), "why": why, "serial": serial}
        self.record(event, subject, at=at, actor=by, audit=audit)
        return serial

    def _raise_serial(self, at: datetime) -> int:
        # At least the time in seconds: after a restored backup, the next change is above whatever a terminal has seen before it.
        after, now = policy_head.c.serial + 1, int(at.timestamp())
        raised = (
            update(policy_head).values(serial=case((after > now, after), else_=now)).returning(policy_head.c.serial)
        )
        return int(self._connection.execute(raised).scalar_one())
