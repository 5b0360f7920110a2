"""Evidence: images and readings, sealed with AES-256-GCM, gone when their minutes are over.

The key comes from the settings and never touches the database. What a row is about (intake, kind, label) is authenticated with
the data, so that sealed pieces cannot be exchanged. SQLite overwrites what is deleted (`secure_delete`), and a purge empties
its write-ahead log; PostgreSQL keeps deleted pieces, sealed, until its vacuum reuses their place.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select

from services.domain.canonical import canonical_json
from services.domain.errors import StorageUnavailable
from services.domain.policy import EVIDENCE_LIFE
from services.ports import Clock, EvidenceKind
from services.storage.database import Database
from services.storage.inserting import conflict_aware
from services.storage.tables import evidence

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12  # NIST SP 800-38D section 5.2.1.1: 96 bits, random; good for 2^32 pieces under one key


class SealedEvidence:
    """`ports.Evidence` on a database."""

    def __init__(self, database: Database, clock: Clock, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the evidence key has {KEY_BYTES} bytes")
        self._database = database
        self._clock = clock
        self._cipher = AESGCM(key)

    def put(self, intake_id: str, kind: EvidenceKind, data: bytes, *, label: str = "") -> None:
        """Seals the data; the same kind and label of the same intake is replaced."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, data, _about(intake_id, kind, label))
        row = {"sealed": sealed, "ends_at": self._clock.now() + EVIDENCE_LIFE}
        place = {"intake_id": intake_id, "kind": kind, "label": label}
        with self._database.write() as connection:
            statement = conflict_aware(connection, evidence).values(**place, **row)
            connection.execute(statement.on_conflict_do_update(index_elements=list(evidence.primary_key), set_=row))

    def get(self, intake_id: str, kind: EvidenceKind, *, label: str = "") -> bytes | None:
        """Opens the data; `None` where it is gone or has expired."""
        wanted = select(evidence.c.sealed).where(
            evidence.c.intake_id == intake_id,
            evidence.c.kind == kind,
            evidence.c.label == label,
            evidence.c.ends_at > self._clock.now(),
        )
        with self._database.read() as connection:
            sealed = connection.execute(wanted).scalar()
        if sealed is None:
            return None
        nonce, locked = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, locked, _about(intake_id, kind, label))
        except InvalidTag as error:
            # Another key, or somebody changed the row: to the use case it is a store that cannot be relied on.
            raise StorageUnavailable from error

    def labels(self, intake_id: str, kind: EvidenceKind) -> Sequence[str]:
        """The labels that are there, sorted."""
        wanted = select(evidence.c.label).where(
            evidence.c.intake_id == intake_id, evidence.c.kind == kind, evidence.c.ends_at > self._clock.now()
        )
        with self._database.read() as connection:
            return sorted(connection.execute(wanted).scalars())

    def drop(self, intake_id: str, *kinds: EvidenceKind, label: str | None = None) -> None:
        """Removes these kinds, or all of the intake's where none is named; with a label, only what has it."""
        removal = delete(evidence).where(evidence.c.intake_id == intake_id)
        if kinds:
            removal = removal.where(evidence.c.kind.in_(kinds))
        if label is not None:
            removal = removal.where(evidence.c.label == label)
        with self._database.write() as connection:
            connection.execute(removal)

    def purge(self, now: datetime) -> int:
        """Removes what has expired; returns how many."""
        with self._database.write() as connection:
            removed = connection.execute(delete(evidence).where(evidence.c.ends_at <= now)).rowcount
        self._database.shed_log()
        return removed


def _about(intake_id: str, kind: EvidenceKind, label: str) -> bytes:
    return canonical_json([intake_id, kind.value, label])
