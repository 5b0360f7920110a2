"""The image checks' and liveness runs' part of a transaction. Rows hold ids, states and nonces, never an image."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, insert, select, update

from services.domain.intake import Check, CheckKind, CheckState
from services.domain.liveness import LivenessSession
from services.storage.rows import columns_of, every, first, values_of
from services.storage.tables import checks, intakes, liveness_sessions
from services.storage.unit_audit import AuditRows

_CHECK: Final = columns_of(checks, Check)
_LIVENESS: Final = columns_of(liveness_sessions, LivenessSession)


class CheckRows(AuditRows):
    """Checks wait for a worker and are settled once; a liveness run goes step by step."""

    def add_check(self, check: Check) -> None:
        self._connection.execute(insert(checks).values(values_of(check)))

    def check(self, check_id: str) -> Check | None:
        return first(self._connection, Check, select(*_CHECK).where(checks.c.id == check_id))

    def newest_check(self, intake_id: str, kind: CheckKind) -> Check | None:
        newest = (
            select(*_CHECK)
            .where(checks.c.intake_id == intake_id, checks.c.kind == kind)
            .order_by(checks.c.number.desc())
            .limit(1)
        )
        return first(self._connection, Check, newest)

    def checks_of(self, intake_id: str, kind: CheckKind) -> Sequence[Check]:
        wanted = select(*_CHECK).where(checks.c.intake_id == intake_id, checks.c.kind == kind)
        return every(self._connection, Check, wanted.order_by(checks.c.number))

    def settle_check(self, check_id: str, *, failure: str | None = None, reason: str | None = None) -> bool:
        state = CheckState.PASSED if failure is None else CheckState.FAILED
        settled = self._connection.execute(
            update(checks)
            .where(checks.c.id == check_id, checks.c.state == CheckState.WAITING)
            .values(state=state, failure=failure, reason=reason)
            .returning(checks.c.id)
        ).first()
        return settled is not None

    def waiting_checks(self) -> Sequence[Check]:
        found = select(*_CHECK).where(checks.c.state == CheckState.WAITING).order_by(checks.c.number)
        return every(self._connection, Check, found)

    def hold_card(self, card_fingerprint: str) -> None:
        # SQLite knows no such locks and needs none: a write has the database to itself.
        if self._connection.dialect.name == "postgresql":
            key = func.hashtextextended(card_fingerprint, 0)
            self._connection.execute(select(func.pg_advisory_xact_lock(key)))

    def add_liveness(self, session: LivenessSession) -> None:
        self._connection.execute(insert(liveness_sessions).values(values_of(session)))

    def liveness(self, session_id: str) -> LivenessSession | None:
        return first(self._connection, LivenessSession, select(*_LIVENESS).where(liveness_sessions.c.id == session_id))

    def newest_liveness(self, intake_id: str) -> LivenessSession | None:
        newest = (
            select(*_LIVENESS)
            .where(liveness_sessions.c.intake_id == intake_id)
            .order_by(liveness_sessions.c.number.desc())
            .limit(1)
        )
        return first(self._connection, LivenessSession, newest)

    def newest_liveness_of_card(self, card_fingerprint: str) -> LivenessSession | None:
        newest = (
            select(*_LIVENESS)
            .join(intakes, intakes.c.id == liveness_sessions.c.intake_id)
            .where(intakes.c.card_fingerprint == card_fingerprint)
            .order_by(liveness_sessions.c.number.desc())
            .limit(1)
        )
        return first(self._connection, LivenessSession, newest)

    def move_liveness(self, session_id: str, step: int, *, asked_at: datetime) -> bool:
        moved_row = self._connection.execute(
            update(liveness_sessions)
            .where(liveness_sessions.c.id == session_id, liveness_sessions.c.step == step)
            .values(step=step + 1, asked_at=asked_at)
            .returning(liveness_sessions.c.id)
        ).first()
        return moved_row is not None
