"""Columns beside the database: which files are valid and how far they reach; indexes for what came after them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BY_TIME = {"transitions": "at", "entry_decisions": "at", "runs": "entered_at"}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "column_files",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("bucket", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "column_sources",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("position", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
    )
    for table, column in BY_TIME.items():
        op.create_index(f"{table}_time", table, [column], postgresql_using="brin")


def downgrade() -> None:
    """Take back."""
    for table in BY_TIME:
        op.drop_index(f"{table}_time", table_name=table)
    op.drop_table("column_sources")
    op.drop_table("column_files")
