"""The claims' part of a transaction; their audit entries are the reservation's moves."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select, update

from services.domain.errors import NotAllowedNow
from services.domain.reservation import Claim
from services.storage.inserting import insert_if_new
from services.storage.rows import columns_of, first, values_of
from services.storage.tables import claims
from services.storage.unit_audit import AuditRows

_COLUMNS: Final = columns_of(claims, Claim)
_BY_ID: Final = select(*_COLUMNS).where(claims.c.id == bindparam("id"))


class ClaimRows(AuditRows):
    """Claims: inserted once, marked with what happened."""

    def add_claim(self, claim: Claim) -> None:
        if not insert_if_new(self._connection, claims, values_of(claim)):
            raise NotAllowedNow

    def claim(self, claim_id: str) -> Claim | None:
        return first(self._connection, Claim, _BY_ID, {"id": claim_id})

    def mark_claim(
        self,
        claim_id: str,
        *,
        authorised_at: datetime | None = None,
        card_challenge: bytes | None = None,
        outcome: str | None = None,
    ) -> None:
        marks = {"authorised_at": authorised_at, "card_challenge": card_challenge, "outcome": outcome}
        given = {name: mark for name, mark in marks.items() if mark is not None}
        self._connection.execute(update(claims).where(claims.c.id == claim_id).values(given))

    def newest_authorised_claim(self, reservation_id: str) -> Claim | None:
        newest = (
            select(*_COLUMNS)
            .where(claims.c.reservation_id == reservation_id, claims.c.authorised_at.is_not(None))
            .order_by(claims.c.fence.desc())
            .limit(1)
        )
        return first(self._connection, Claim, newest)
