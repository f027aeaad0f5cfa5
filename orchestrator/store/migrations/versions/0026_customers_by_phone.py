"""Customers by their telephone number: whoever answers an advertisement with an opt-out is known by it alone."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("customers_phone", "customers", ["phone"], postgresql_where=sa.text("phone is not null"))


def downgrade() -> None:
    """Take back."""
    op.drop_index("customers_phone", table_name="customers", postgresql_where=sa.text("phone is not null"))
