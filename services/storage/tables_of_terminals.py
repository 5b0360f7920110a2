"""The tables of terminals as devices: how they are let in, what they say of themselves, and what stops them."""

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
    String,
    Table,
    text,
)

from services.domain.terminal import Part, PlaceClass
from services.domain.terminal_policy import LONGEST_REASON, Scope
from services.storage.columns import ID, UTCDateTime, metadata, word
from services.storage.tables_of_access import terminals

NAME = 100  # characters
_LIVE = text("lifted_at IS NULL")

enrolment_codes = Table(
    "enrolment_codes",
    metadata,
    Column("selector", String(ID), primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("name", String(NAME), nullable=False),
    Column("store", String(ID), nullable=False),
    Column("place", word(PlaceClass, "place"), nullable=False),
    Column("cohort", String(ID), nullable=False),
    Column("issued_by", String(NAME), nullable=False),
    Column("ends_at", UTCDateTime, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("used_by", String(ID)),
)

terminal_reports = Table(
    "terminal_reports",
    metadata,
    Column("terminal_id", ForeignKey(terminals.c.id), primary_key=True),
    Column("seen_at", UTCDateTime, nullable=False),
    Column("build", String(ID), nullable=False),
    Column("policy_serial", BigInteger, nullable=False),
    Column("clock_offset_ms", BigInteger),
    Column("reader", word(Part, "reader"), nullable=False),
    Column("printer", word(Part, "printer"), nullable=False),
    Column("disk_writable", Boolean, nullable=False),
    Column("disk_free_mb", BigInteger, nullable=False),
    Column("journal_waiting", Integer, nullable=False),
    Column("journal_damaged", Integer, nullable=False),
    Column("journal_newer", Integer, nullable=False),
    Column("closed", String(32), nullable=False),
)

builds = Table(
    "builds",
    metadata,
    Column("id", String(ID), primary_key=True),
    Column("added_at", UTCDateTime, nullable=False),
    Column("added_by", String(NAME), nullable=False),
)

suspensions = Table(
    "suspensions",
    metadata,
    # The order of insertion: the document lists the oldest first.
    Column("number", Integer, Identity(), primary_key=True),
    Column("id", String(ID), nullable=False, unique=True),
    Column("scope", word(Scope, "scope"), nullable=False),
    Column("value", String(ID), nullable=False),
    Column("reason", String(LONGEST_REASON), nullable=False),
    Column("issued_by", String(NAME), nullable=False),
    Column("issued_at", UTCDateTime, nullable=False),
    Column("lifted_by", String(NAME)),
    Column("lifted_at", UTCDateTime),
    Column("lift_reason", String(LONGEST_REASON)),
    # One live suspension of a cohort: two could be lifted by halves.
    Index("uq_suspensions_live", "scope", "value", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
)

maintenance_windows = Table(
    "maintenance_windows",
    metadata,
    Column("number", Integer, Identity(), primary_key=True),
    Column("begins_at", UTCDateTime, nullable=False),
    Column("ends_at", UTCDateTime, nullable=False, index=True),
)

policy_head = Table(
    "policy_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("serial", BigInteger, nullable=False),
    CheckConstraint("id = 1", "only"),
)
