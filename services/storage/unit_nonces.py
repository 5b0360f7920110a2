"""The single-use nonces' and the counted attempts' part of a transaction."""

from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, case, delete, insert, literal, select, update

from services.domain.errors import NonceUsed
from services.domain.policy import Attempt
from services.ports import Purpose
from services.storage.columns import UTCDateTime
from services.storage.inserting import conflict_aware
from services.storage.tables import attempts, nonces
from services.storage.unit_audit import AuditRows

_CONSUME: Final = (
    delete(nonces)
    .where(
        nonces.c.nonce_hash == bindparam("hash"),
        nonces.c.purpose == bindparam("purpose"),
        nonces.c.subject == bindparam("subject"),
        nonces.c.ends_at > bindparam("at"),
    )
    .returning(nonces.c.issued_at)
)


class NonceRows(AuditRows):
    """A nonce is a row that can be deleted once; failures are counted per card."""

    def add_nonce(
        self, nonce: bytes, purpose: Purpose, subject: str, *, issued_at: datetime, ends_at: datetime
    ) -> None:
        row = {"nonce_hash": sha256(nonce).digest(), "purpose": purpose, "subject": subject}
        self._connection.execute(insert(nonces).values(**row, issued_at=issued_at, ends_at=ends_at))

    def consume_nonce(self, nonce: bytes, purpose: Purpose, subject: str, *, at: datetime) -> datetime:
        values = {"hash": sha256(nonce).digest(), "purpose": purpose, "subject": subject, "at": at}
        issued_at: datetime | None = self._connection.execute(_CONSUME, values).scalar()
        if issued_at is None:
            raise NonceUsed
        return issued_at

    def purge_nonces(self, now: datetime) -> int:
        return self._connection.execute(delete(nonces).where(nonces.c.ends_at <= now)).rowcount

    def failures(self, subject: str, attempt: Attempt) -> tuple[int, datetime | None]:
        row = self._connection.execute(
            select(attempts.c.failures, attempts.c.last_at).where(
                attempts.c.subject == subject, attempts.c.attempt == attempt
            )
        ).first()
        return (0, None) if row is None else (row.failures, row.last_at)

    def count_failure(self, subject: str, attempt: Attempt, *, at: datetime) -> int:
        first = {"subject": subject, "attempt": attempt, "failures": 1, "last_at": at}
        statement = conflict_aware(self._connection, attempts).values(first)
        counted = statement.on_conflict_do_update(
            index_elements=[attempts.c.subject, attempts.c.attempt],
            set_={"failures": attempts.c.failures + 1, "last_at": at},
        )
        return int(self._connection.execute(counted.returning(attempts.c.failures)).scalar_one())

    def take_back_failure(self, subject: str, attempt: Attempt, *, counted_at: datetime, before: datetime) -> None:
        undated = case((attempts.c.last_at == counted_at, literal(before, UTCDateTime)), else_=attempts.c.last_at)
        self._connection.execute(
            update(attempts)
            .where(attempts.c.subject == subject, attempts.c.attempt == attempt, attempts.c.failures > 0)
            .values(failures=attempts.c.failures - 1, last_at=undated)
        )

    def forget_failures(self, subject: str, attempt: Attempt) -> None:
        self._connection.execute(delete(attempts).where(attempts.c.subject == subject, attempts.c.attempt == attempt))
