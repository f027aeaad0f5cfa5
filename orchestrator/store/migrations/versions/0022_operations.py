"""Operations on many runs, since when a run is in trouble, and runs that are parked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("chosen", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("per_second", sa.Float(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("operations_made", "operations", ["made_at", "id"])
    op.create_table(
        "operation_items",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("operation_id", "subject"),
    )
    op.create_index("operation_items_next", "operation_items", ["operation_id", "status", "position"])
    op.create_index("operation_items_subject", "operation_items", ["subject"])
    op.add_column("runs", sa.Column("problem_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("problem_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("runs", sa.Column("parked_for", sa.Text(), nullable=True))
    op.create_index(
        "runs_parked",
        "runs",
        ["journey_key", "step"],
        postgresql_where=sa.text("parked_at is not null and finished_at is null"),
    )


def downgrade() -> None:
    op.drop_index("runs_parked", "runs")
    for column in ("parked_for", "parked_at", "problem_at", "problem_since"):
        op.drop_column("runs", column)
    op.drop_table("operation_items")
    op.drop_table("operations")
