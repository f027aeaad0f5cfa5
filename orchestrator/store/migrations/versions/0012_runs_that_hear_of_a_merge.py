"""Runs hear that their customer was merged; of two of one journey, one is to end."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("ending", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("tell", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("runs_to_tell", "runs", ["id"], postgresql_where=sa.text("tell and finished_at is null"))


def downgrade() -> None:
    op.drop_index("runs_to_tell", "runs")
    op.drop_column("runs", "tell")
    op.drop_column("runs", "ending")
