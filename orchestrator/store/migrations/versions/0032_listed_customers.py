"""Customers of lists that are to enter, by who they are: whoever is erased is looked for among them."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

NAMED = sa.text("given ->> 'customer' is not null")


def upgrade() -> None:
    """Apply."""
    customer = sa.text("(given ->> 'customer')")
    op.create_index("operation_items_customer", "operation_items", [customer], postgresql_where=NAMED)


def downgrade() -> None:
    """Take back."""
    op.drop_index("operation_items_customer", table_name="operation_items", postgresql_where=NAMED)
