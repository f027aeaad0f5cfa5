"""Tags and owners of journeys, what somebody has tried already, and customers found by their e-mail address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journeys", sa.Column("tags", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False))
    op.add_column("journeys", sa.Column("owner_id", sa.Uuid(), nullable=True))
    op.create_table(
        "first_steps",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "what"),
    )
    op.create_index(
        "customers_email", "customers", [sa.text("lower(email)")], postgresql_where=sa.text("email is not null")
    )


def downgrade() -> None:
    op.drop_index("customers_email", "customers")
    op.drop_table("first_steps")
    op.drop_column("journeys", "owner_id")
    op.drop_column("journeys", "tags")
