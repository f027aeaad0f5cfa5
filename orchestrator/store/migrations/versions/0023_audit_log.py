"""The audit log: who changed what, when and why, each entry chained to the one before."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("before", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("after", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("audit_log_at", "audit_log", ["at", "id"])
    op.create_index("audit_log_subject", "audit_log", ["subject", "at"])


def downgrade() -> None:
    op.drop_table("audit_log")
