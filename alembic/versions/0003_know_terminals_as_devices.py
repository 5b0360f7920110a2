"""Know terminals as devices: one-time codes, reports, builds, and what suspends a cohort.

Revision: 0003, after 0002. Rows of the release before say nothing of store, cohort, engine and generation: no suspension by these
touches them.
"""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
LIVE = sa.text("lifted_at IS NULL")
PLACES = ("store", "municipal", "rehearsal")
PARTS = ("present", "absent", "off")
SCOPES = ("terminal", "store", "place", "cohort", "build", "card_generation", "matcher")
EMPTY = sa.text("''")


def upgrade() -> None:
    # Plainly added, also on SQLite: making these tables anew would drop them under the rows that refer to them.
    op.add_column("reservations", sa.Column("matcher", sa.String(64)))
    op.add_column("claims", sa.Column("card_generations", sa.String(200), nullable=False, server_default=EMPTY))
    op.add_column("terminals", sa.Column("store", sa.String(64), nullable=False, server_default=EMPTY))
    op.add_column("terminals", sa.Column("cohort", sa.String(64), nullable=False, server_default=EMPTY))
    devices()
    policy()


def downgrade() -> None:
    for table in ("policy_head", "maintenance_windows", "suspensions", "builds", "terminal_reports", "enrolment_codes"):
        op.drop_table(table)
    for table, column in (
        ("terminals", "cohort"),
        ("terminals", "store"),
        ("claims", "card_generations"),
        ("reservations", "matcher"),
    ):
        op.drop_column(table, column)


def word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=32, create_constraint=True)


def number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer, sa.Identity(), primary_key=True)


def devices() -> None:
    op.create_table(
        "enrolment_codes",
        sa.Column("selector", sa.String(64), primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("store", sa.String(64), nullable=False),
        sa.Column("place", word("place", *PLACES), nullable=False),
        sa.Column("cohort", sa.String(64), nullable=False),
        sa.Column("issued_by", sa.String(100), nullable=False),
        sa.Column("ends_at", TIME, nullable=False, index=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("used_by", sa.String(64)),
    )
    op.create_table(
        "terminal_reports",
        sa.Column("terminal_id", sa.String(64), sa.ForeignKey("terminals.id"), primary_key=True),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("build", sa.String(64), nullable=False),
        sa.Column("policy_serial", sa.BigInteger, nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger),
        sa.Column("reader", word("reader", *PARTS), nullable=False),
        sa.Column("printer", word("printer", *PARTS), nullable=False),
        sa.Column("disk_writable", sa.Boolean, nullable=False),
        sa.Column("disk_free_mb", sa.BigInteger, nullable=False),
        sa.Column("journal_waiting", sa.Integer, nullable=False),
        sa.Column("journal_damaged", sa.Integer, nullable=False),
        sa.Column("journal_newer", sa.Integer, nullable=False),
        sa.Column("closed", sa.String(32), nullable=False),
    )
    op.create_table(
        "builds",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("added_at", TIME, nullable=False),
        sa.Column("added_by", sa.String(100), nullable=False),
    )


def policy() -> None:
    op.create_table(
        "suspensions",
        number(),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("scope", word("scope", *SCOPES), nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("issued_by", sa.String(100), nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.Column("lifted_by", sa.String(100)),
        sa.Column("lifted_at", TIME),
        sa.Column("lift_reason", sa.String(200)),
    )
    only_live = {"sqlite_where": LIVE, "postgresql_where": LIVE}
    op.create_index("uq_suspensions_live", "suspensions", ["scope", "value"], unique=True, **only_live)
    op.create_table(
        "maintenance_windows",
        number(),
        sa.Column("begins_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False, index=True),
    )
    head = op.create_table(
        "policy_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("serial", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", "only"),
    )
    op.bulk_insert(head, [{"id": 1, "serial": 0}])
