"""Indexes for what became of a journey's messages in a period: those that went out, and opt-outs by their links."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("sends_went_out", "sends", ["journey_key", "sent_at"], postgresql_where=sa.text("status = 'sent'"))
    op.create_index(
        "consent_log_opt_outs",
        "consent_log",
        ["at"],
        postgresql_where=sa.text("source in ('unsubscribe', 'provider') and not granted"),
    )


def downgrade() -> None:
    op.drop_index("consent_log_opt_outs", "consent_log")
    op.drop_index("sends_went_out", "sends")
