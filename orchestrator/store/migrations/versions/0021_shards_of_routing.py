"""Shards of customers, which routers share among themselves; events that wait to be routed are found by their shard."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


NEEDED = 17


def upgrade() -> None:
    server = op.get_bind().scalar(sa.text("select current_setting('server_version_num')::int / 10000"))
    if server < NEEDED:  # routers bound their transactions by a setting that came with it
        raise RuntimeError(f"PostgreSQL {NEEDED} or newer is needed; this server is {server}. Nothing was changed.")
    op.create_table(
        "routing_shards",
        sa.Column("shard", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("token", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("shard"),
    )
    op.execute("insert into routing_shards (shard) select generate_series(0, 63)")
    op.create_index(
        "events_to_route",
        "events",
        [sa.text("(get_byte(uuid_send(customer_id), 15) & 63)"), "seq"],
        postgresql_where=sa.text("routed_at is null"),
    )
    op.drop_index("events_unrouted", "events")


def downgrade() -> None:
    op.create_index("events_unrouted", "events", ["seq"], postgresql_where=sa.text("routed_at is null"))
    op.drop_index("events_to_route", "events")
    op.drop_table("routing_shards")
