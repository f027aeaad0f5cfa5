"""How many journeys' events led to what a run does: so that journeys cannot set each other off without end."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("chain", sa.Integer(), server_default="0", nullable=False))
    op.add_column("runs", sa.Column("chain_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("runs", "chain_at")
    op.drop_column("runs", "chain")
