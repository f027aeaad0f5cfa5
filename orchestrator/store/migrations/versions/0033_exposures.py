"""Experiments, and who was exposed to which arm of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "experiments",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("journey_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_exposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("learned", sa.Text(), nullable=False, server_default=""),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("learned_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", JSONB(), nullable=True),
        sa.Column("allocation", JSONB(), nullable=True),
        sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("journey_key", "name", name="experiments_name"),
    )
    op.create_table(
        "exposures",
        sa.Column("experiment_id", sa.Uuid(), sa.ForeignKey("experiments.id"), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("weights", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("moved_from", sa.Text(), nullable=True),
        sa.Column("crossed", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("experiment_id", "customer_id"),
    )
    op.create_index("exposures_customer", "exposures", ["customer_id"])
    op.create_index("exposures_at", "exposures", ["experiment_id", "at"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("exposures")
    op.drop_table("experiments")
