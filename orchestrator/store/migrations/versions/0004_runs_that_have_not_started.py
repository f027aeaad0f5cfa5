"""Runs let in by a router that died before it had started them, by their entry event."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("runs_starting", "runs", ["entry_message_id"], postgresql_where=sa.text("status = 'starting'"))


def downgrade() -> None:
    op.drop_index("runs_starting", table_name="runs")
