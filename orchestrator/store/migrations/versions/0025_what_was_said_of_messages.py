"""Complaints and hard bounces of messages: counted by the breaker that pauses a journey."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("complained_at", "bounced_at"):
        op.add_column("sends", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "sends_complained", "sends", ["complained_at"], postgresql_where=sa.text("complained_at is not null")
    )
    op.create_index("sends_bounced", "sends", ["bounced_at"], postgresql_where=sa.text("bounced_at is not null"))


def downgrade() -> None:
    op.drop_index("sends_bounced", "sends")
    op.drop_index("sends_complained", "sends")
    for name in ("complained_at", "bounced_at"):
        op.drop_column("sends", name)
