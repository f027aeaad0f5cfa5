"""Up to when entries by date and schedule were looked for; what an item of an operation brings along."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "due_rounds",
        sa.Column("journey_key", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("done_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("journey_key", "trigger"),
    )
    op.add_column("operation_items", sa.Column("given", JSONB(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("operation_items", "given")
    op.drop_table("due_rounds")
