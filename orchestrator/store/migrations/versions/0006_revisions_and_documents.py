"""A draft's revision and editor, so that two people on one draft notice each other; each version as it was drawn."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journeys", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("journeys", sa.Column("edited_by", sa.Text()))
    op.add_column("journeys", sa.Column("edited_at", sa.DateTime(timezone=True)))
    op.execute("update journeys set edited_at = updated_at")
    op.add_column("journey_versions", sa.Column("document", JSONB()))
    op.add_column("journey_versions", sa.Column("published_by", sa.Text()))


def downgrade() -> None:
    op.drop_column("journey_versions", "published_by")
    op.drop_column("journey_versions", "document")
    for name in ("edited_at", "edited_by", "revision"):
        op.drop_column("journeys", name)
