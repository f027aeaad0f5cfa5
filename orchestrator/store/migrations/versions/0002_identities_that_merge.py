"""Identities that merge: the order of traits, whom an anonymous customer became, and a count of merges.

``identity_merges`` is read by every intake process to learn that what it remembers of identities may be out of date.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("profile_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "customers_merged", "customers", ["merged_into"], postgresql_where=sa.text("merged_into is not null")
    )
    op.execute("create sequence identity_merges")
    # A fresh sequence shows the same value before and after its first use; from here on every merge shows.
    op.execute("select setval('identity_merges', 1)")


def downgrade() -> None:
    op.execute("drop sequence identity_merges")
    op.drop_index("customers_merged", table_name="customers")
    op.drop_column("customers", "profile_at")
