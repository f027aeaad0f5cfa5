"""What somebody did with suggestions: drawn into a draft, or put aside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "suggestion_decisions",
        sa.Column("journey_key", sa.Text(), primary_key=True),
        sa.Column("step", sa.Text(), primary_key=True),
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("metric", sa.Text(), primary_key=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("experiment", sa.Text(), nullable=True),
        sa.Column("evidence", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("suggestion_decisions")
