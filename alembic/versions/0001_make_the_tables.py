"""Make the tables: reservations and their log, the resident's checks, terminals and staff.

Revision: 0001, the first.
"""

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
LIVE = sa.text("state IN ('claimed', 'reserved', 'resetting', 'unknown')")
KINDS = ("signature", "user_authentication")


def upgrade() -> None:
    reservations()
    log()
    intakes()
    checks()
    secrets_and_counters()
    access()


def downgrade() -> None:
    for table in (
        *("job_slots", "staff_sessions", "staff", "terminal_requests", "terminals"),
        *("evidence", "attempts", "nonces"),
        *("liveness_sessions", "checks", "card_sessions", "intakes"),
        *("audit_head", "audit_entries", "claims", "reservations"),
    ):
        op.drop_table(table)


def word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=32, create_constraint=True)


def number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer, sa.Identity(), primary_key=True)


def reservations() -> None:
    states = ("reserved", "claimed", "resetting", "unknown", "completed", "expired", "cancelled")
    op.create_table(
        "reservations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", word("kind", *KINDS), nullable=False),
        sa.Column("card_fingerprint", sa.String(128), nullable=False),
        sa.Column("other_key_fingerprint", sa.String(128), nullable=False),
        sa.Column("state", word("state", *states), nullable=False),
        sa.Column("reserved_at", TIME, nullable=False, index=True),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("rehearsal", sa.Boolean, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("claim_id", sa.String(64)),
        sa.Column("claimed_at", TIME),
        sa.Column("lease_until", TIME),
        sa.Column("authorisations", sa.Integer, nullable=False),
        sa.Column("completed_at", TIME),
        sa.CheckConstraint("fence >= 0", "fence"),
        sa.CheckConstraint("authorisations >= 0", "authorisations"),
    )
    only_live = {"sqlite_where": LIVE, "postgresql_where": LIVE}
    op.create_index("uq_reservations_live", "reservations", ["card_fingerprint", "kind"], unique=True, **only_live)
    op.create_index("ix_reservations_due", "reservations", ["expires_at"], **only_live)
    op.create_table(
        "claims",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("reservation_id", sa.String(64), sa.ForeignKey("reservations.id"), nullable=False, index=True),
        sa.Column("terminal_id", sa.String(64), nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("claimed_at", TIME, nullable=False),
        sa.Column("lease_until", TIME, nullable=False),
        sa.Column("completion_nonce", sa.LargeBinary, nullable=False),
        sa.Column("authorised_at", TIME),
        sa.Column("card_challenge", sa.LargeBinary),
        sa.Column("outcome", sa.String(32)),
    )


def log() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.String(64), nullable=False, index=True),
        sa.Column("octets", sa.LargeBinary, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
    )
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("id = 1", "only"),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0, "chain": bytes(32)}])


def intakes() -> None:
    states = ("started", "front_read", "chip_read", "face_matched", "reserved", "abandoned")
    op.create_table(
        "intakes",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("kind", word("kind", *KINDS), nullable=False),
        sa.Column("state", word("state", *states), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False, index=True),
        sa.Column("rehearsal", sa.Boolean, nullable=False),
        sa.Column("card_fingerprint", sa.String(128)),
        sa.Column("other_key_fingerprint", sa.String(128)),
        sa.Column("reservation_id", sa.String(64)),
    )
    op.create_table(
        "card_sessions",
        number(),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("intake_id", sa.String(64), sa.ForeignKey("intakes.id"), nullable=False, index=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("state", word("state", "open", "attached", "accepted", "failed"), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("failure", sa.String(32)),
    )


def checks() -> None:
    op.create_table(
        "checks",
        number(),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("intake_id", sa.String(64), sa.ForeignKey("intakes.id"), nullable=False, index=True),
        sa.Column("kind", word("kind", "front", "face"), nullable=False),
        sa.Column("state", word("state", "waiting", "passed", "failed"), nullable=False, index=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("failure", sa.String(32)),
        sa.Column("reason", sa.String(32)),
    )
    op.create_table(
        "liveness_sessions",
        number(),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("intake_id", sa.String(64), sa.ForeignKey("intakes.id"), nullable=False, index=True),
        sa.Column("challenge", sa.String, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
    )


def secrets_and_counters() -> None:
    op.create_table(
        "nonces",
        sa.Column("nonce_hash", sa.LargeBinary, primary_key=True),
        sa.Column("purpose", word("purpose", "reserve", "card-face", "claim", "complete"), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False, index=True),
    )
    op.create_table(
        "attempts",
        sa.Column("subject", sa.String(128)),
        sa.Column("attempt", word("attempt", "face", "staff_sign_in")),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subject", "attempt"),
    )
    kinds = ("front_picture", "front_reading", "card_front", "chip_photo", "frame")
    op.create_table(
        "evidence",
        sa.Column("intake_id", sa.String(64)),
        sa.Column("kind", word("kind", *kinds)),
        sa.Column("label", sa.String(64)),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("ends_at", TIME, nullable=False, index=True),
        sa.PrimaryKeyConstraint("intake_id", "kind", "label"),
    )


def access() -> None:
    op.create_table(
        "terminals",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("place", word("place", "store", "municipal", "rehearsal"), nullable=False),
        sa.Column("status", word("status", "active", "suspended"), nullable=False),
    )
    op.create_table(
        "terminal_requests",
        sa.Column("terminal_id", sa.String(64), sa.ForeignKey("terminals.id")),
        sa.Column("nonce", sa.LargeBinary),
        sa.Column("seen_at", TIME, nullable=False, index=True),
        sa.PrimaryKeyConstraint("terminal_id", "nonce"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("role", word("role", "viewer", "operator", "auditor"), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.LargeBinary, primary_key=True),
        sa.Column("staff_id", sa.String(64), sa.ForeignKey("staff.id"), nullable=False, index=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False, index=True),
    )
    op.create_table(
        "job_slots",
        sa.Column("job", sa.String(64)),
        sa.Column("slot", TIME),
        sa.PrimaryKeyConstraint("job", "slot"),
    )
