"""People who work in the workspace, their sessions, and tokens of programs."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _instant(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("locale", sa.String()),
        _instant("created_at"),
        _instant("signed_in_at", nullable=True),
        _instant("disabled_at", nullable=True),
        sa.Column("link", sa.LargeBinary(), unique=True),
        _instant("link_until", nullable=True),
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.LargeBinary(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _instant("created_at"),
        _instant("seen_at"),
        _instant("expires_at"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("token", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("start", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        _instant("created_at"),
        _instant("used_at", nullable=True),
        _instant("revoked_at", nullable=True),
    )


def downgrade() -> None:
    for table in ("api_tokens", "sessions", "users"):
        op.drop_table(table)
