"""The tables of the domain. Column names are its fields' names; no column holds a name, an address, an image or a password.

The migrations in `alembic/versions` make them; a test compares both.
"""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    text,
)

from services.domain.intake import CardSessionState, CheckKind, CheckState, IntakeState
from services.domain.password import PasswordKind
from services.domain.policy import Attempt
from services.domain.reservation import LIVE, ReservationState
from services.ports import EvidenceKind, Purpose
from services.storage.columns import FINGERPRINT, ID, ChallengeText, UTCDateTime, metadata, word


def _one_of(states: Iterable[StrEnum]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))


_LIVE = text(f"state IN ({_one_of(LIVE)})")

reservations = Table(
    "reservations",
    metadata,
    Column("id", String(ID), primary_key=True),
    Column("kind", word(PasswordKind, "kind"), nullable=False),
    Column("card_fingerprint", String(FINGERPRINT), nullable=False),
    Column("other_key_fingerprint", String(FINGERPRINT), nullable=False),
    Column("state", word(ReservationState, "state"), nullable=False),
    Column("reserved_at", UTCDateTime, nullable=False, index=True),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("rehearsal", Boolean, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("claim_id", String(ID)),
    Column("claimed_at", UTCDateTime),
    Column("lease_until", UTCDateTime),
    Column("authorisations", Integer, nullable=False),
    Column("completed_at", UTCDateTime),
    Column("matcher", String(ID)),
    CheckConstraint("fence >= 0", "fence"),
    CheckConstraint("authorisations >= 0", "authorisations"),
    # A resident has one live reservation per password, whatever happens at the same time.
    Index("uq_reservations_live", "card_fingerprint", "kind", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    Index("ix_reservations_due", "expires_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
)

claims = Table(
    "claims",
    metadata,
    Column("id", String(ID), primary_key=True),
    Column("reservation_id", ForeignKey(reservations.c.id), nullable=False, index=True),
    Column("terminal_id", String(ID), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("claimed_at", UTCDateTime, nullable=False),
    Column("lease_until", UTCDateTime, nullable=False),
    Column("completion_nonce", LargeBinary, nullable=False),
    Column("authorised_at", UTCDateTime),
    Column("card_challenge", LargeBinary),
    Column("outcome", String(32)),
    Column("card_generations", String(200), nullable=False, server_default=text("''")),
)

intakes = Table(
    "intakes",
    metadata,
    Column("id", String(ID), primary_key=True),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    Column("kind", word(PasswordKind, "kind"), nullable=False),
    Column("state", word(IntakeState, "state"), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("ends_at", UTCDateTime, nullable=False, index=True),
    Column("rehearsal", Boolean, nullable=False),
    Column("card_fingerprint", String(FINGERPRINT)),
    Column("other_key_fingerprint", String(FINGERPRINT)),
    Column("reservation_id", String(ID)),
)


def _number() -> "Column[int]":
    # The order of insertion: two rows of one instant still have a newest.
    return Column("number", Integer, Identity(), primary_key=True)


card_sessions = Table(
    "card_sessions",
    metadata,
    _number(),
    Column("id", String(ID), nullable=False, unique=True),
    Column("intake_id", ForeignKey(intakes.c.id), nullable=False, index=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("state", word(CardSessionState, "state"), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("ends_at", UTCDateTime, nullable=False),
    Column("failure", String(32)),
)

checks = Table(
    "checks",
    metadata,
    _number(),
    Column("id", String(ID), nullable=False, unique=True),
    Column("intake_id", ForeignKey(intakes.c.id), nullable=False, index=True),
    Column("kind", word(CheckKind, "kind"), nullable=False),
    Column("state", word(CheckState, "state"), nullable=False, index=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("failure", String(32)),
    Column("reason", String(32)),
)

liveness_sessions = Table(
    "liveness_sessions",
    metadata,
    _number(),
    Column("id", String(ID), nullable=False, unique=True),
    Column("intake_id", ForeignKey(intakes.c.id), nullable=False, index=True),
    Column("challenge", ChallengeText, nullable=False),
    Column("step", Integer, nullable=False),
    Column("asked_at", UTCDateTime, nullable=False),
    Column("reveals", Integer, nullable=False, server_default=text("0")),
)

nonces = Table(
    "nonces",
    metadata,
    Column("nonce_hash", LargeBinary, primary_key=True),
    Column("purpose", word(Purpose, "purpose"), nullable=False),
    Column("subject", String(ID), nullable=False),
    Column("issued_at", UTCDateTime, nullable=False),
    Column("ends_at", UTCDateTime, nullable=False, index=True),
)

attempts = Table(
    "attempts",
    metadata,
    Column("subject", String(FINGERPRINT)),
    Column("attempt", word(Attempt, "attempt")),
    Column("failures", Integer, nullable=False),
    Column("last_at", UTCDateTime, nullable=False),
    PrimaryKeyConstraint("subject", "attempt"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("intake_id", String(ID)),
    Column("kind", word(EvidenceKind, "kind")),
    Column("label", String(ID)),
    Column("sealed", LargeBinary, nullable=False),
    Column("ends_at", UTCDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("intake_id", "kind", "label"),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", String(ID), nullable=False, index=True),
    Column("octets", LargeBinary, nullable=False),
    Column("chain", LargeBinary, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("chain", LargeBinary, nullable=False),
    CheckConstraint("id = 1", "only"),
)
