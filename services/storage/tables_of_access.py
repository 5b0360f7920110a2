"""The tables of those who come in from outside (terminals, staff), and of the schedulers."""

from enum import StrEnum

from sqlalchemy import Column, ForeignKey, LargeBinary, PrimaryKeyConstraint, String, Table, text

from services.domain.terminal import PlaceClass, TerminalStatus
from services.storage.columns import ID, UTCDateTime, metadata, word


class StaffRole(StrEnum):
    """What a member of staff is there for."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    AUDITOR = "auditor"


terminals = Table(
    "terminals",
    metadata,
    Column("id", String(ID), primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("name", String(100), nullable=False),
    Column("place", word(PlaceClass, "place"), nullable=False),
    Column("status", word(TerminalStatus, "status"), nullable=False),
    Column("store", String(ID), nullable=False, server_default=text("''")),
    Column("cohort", String(ID), nullable=False, server_default=text("''")),
)

terminal_requests = Table(
    "terminal_requests",
    metadata,
    Column("terminal_id", ForeignKey(terminals.c.id)),
    Column("nonce", LargeBinary),
    Column("seen_at", UTCDateTime, nullable=False, index=True),
    PrimaryKeyConstraint("terminal_id", "nonce"),
)

staff = Table(
    "staff",
    metadata,
    Column("id", String(ID), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("role", word(StaffRole, "role"), nullable=False),
    Column("password_hash", String(200), nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("staff_id", ForeignKey(staff.c.id), nullable=False, index=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("ends_at", UTCDateTime, nullable=False, index=True),
)

job_slots = Table(
    "job_slots",
    metadata,
    Column("job", String(64)),
    Column("slot", UTCDateTime),
    PrimaryKeyConstraint("job", "slot"),
)
