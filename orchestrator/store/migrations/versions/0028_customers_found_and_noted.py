"""Customers are found by a part of their name, id or address; lists of them go by an index; notes of the team."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SEARCH_TEXT = (
    "' ' || nullif(btrim(left(lower(coalesce(attributes ->> 'name', '') || ' ' "
    "|| coalesce(attributes ->> 'first_name', '') || ' ' || coalesce(attributes ->> 'last_name', '') || ' ' "
    "|| coalesce(external_id, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, '')), 1000)), '') || ' '"
)
# What letters are depends on a database's locale in pg_trgm, which knows no Hangul where that is C; here it does not.
GRAMS = """
create function customer_grams(given text) returns text[] language sql immutable parallel safe strict as $$
    select array(
        select piece from (
            select substr(given, n, 3) as piece from generate_series(1, length(given) - 2) as n
            union
            select substr(given, n, 2) from generate_series(1, length(given) - 1) as n
            where substr(given, n, 1) = ' ' or octet_length(substr(given, n, 2)) > 2
        ) pieces
        where position('  ' in piece) = 0
    )
$$
"""


def upgrade() -> None:
    """Apply."""
    op.execute(GRAMS)
    op.add_column("customers", sa.Column("search_text", sa.Text(), sa.Computed(SEARCH_TEXT, persisted=True)))
    op.create_index(
        "customers_search",
        "customers",
        [sa.text("customer_grams(search_text)")],
        postgresql_using="gin",
        postgresql_where=sa.text("search_text is not null"),  # a visitor of whom nothing is known is not in it
    )
    op.drop_index("ix_customers_stage", table_name="customers")
    op.create_index("customers_seen", "customers", ["created_at", "id"])
    op.create_index("customers_stage", "customers", ["stage", "created_at", "id"], postgresql_include=["merged_into"])
    op.create_index(
        "customers_tags", "customers", ["tags"], postgresql_using="gin", postgresql_ops={"tags": "jsonb_path_ops"}
    )
    op.create_table(
        "customer_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("customer_notes_customer", "customer_notes", ["customer_id", "at", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("customer_notes")
    op.drop_index("customers_tags", table_name="customers")
    op.drop_index("customers_stage", table_name="customers")
    op.drop_index("customers_seen", table_name="customers")
    op.create_index("ix_customers_stage", "customers", ["stage"])
    op.drop_index("customers_search", table_name="customers")
    op.drop_column("customers", "search_text")
    op.execute("drop function customer_grams(text)")
