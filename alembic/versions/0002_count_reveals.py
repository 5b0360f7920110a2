"""Count how often a card's order of actions was shown to its end and not judged.

Revision: 0002, after 0001. The release before it writes rows without the number: they begin at none.
"""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite would write the column behind the table's constraints: there the table is made anew, as the code describes it.
    with op.batch_alter_table("liveness_sessions") as table:
        table.add_column(sa.Column("reveals", sa.Integer, nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    with op.batch_alter_table("liveness_sessions") as table:
        table.drop_column("reveals")
