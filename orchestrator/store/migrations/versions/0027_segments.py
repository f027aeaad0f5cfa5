"""Segments: definitions, members, changes, sizes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str, default: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), server_default=sa.text(default), nullable=False)


def upgrade() -> None:
    _create_definitions()
    _create_members()
    _create_history()


def _create_definitions() -> None:
    op.create_table(
        "segments",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("document", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _number("revision", "1"),
        _number("version", "1"),
        _number("builds", "0"),
        sa.Column("live_build", sa.Integer(), nullable=True),
        sa.Column("live_version", sa.Integer(), nullable=True),
        sa.Column("live_condition", JSONB(), nullable=True),
        sa.Column("build", sa.Integer(), nullable=True),
        sa.Column("build_version", sa.Integer(), nullable=True),
        sa.Column("build_condition", JSONB(), nullable=True),
        sa.Column("build_after", sa.Uuid(), nullable=True),
        _number("build_done", "0"),
        _number("build_of", "0"),
        _at("build_since", nullable=True),
        sa.Column("build_error", sa.Text(), nullable=True),
        sa.Column("build_starts", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _at("created_at"),
        _at("updated_at"),
        sa.Column("edited_by", sa.Text(), nullable=True),
        _at("archived_at", nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("segments_building", "segments", ["build_since"], postgresql_where=sa.text("build is not null"))


def _create_members() -> None:
    op.create_table(
        "segment_members",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("segment_key", sa.Text(), nullable=False),
        sa.Column("build", sa.Integer(), nullable=False),
        sa.Column("member", sa.Boolean(), nullable=False),
        _at("since"),
        _at("until", nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "segment_key", "build"),
    )
    op.create_index(
        "segment_members_of",
        "segment_members",
        ["segment_key", "build", "customer_id"],
        postgresql_include=["member"],
    )
    op.create_index("segment_members_due", "segment_members", ["until"], postgresql_where=sa.text("until is not null"))


def _create_history() -> None:
    op.create_table(
        "segment_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("segment_key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        _at("at"),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("segment_changes_time", "segment_changes", ["segment_key", "at", "id"])
    op.create_index("segment_changes_customer", "segment_changes", ["customer_id", "at"])
    op.create_table(
        "segment_recheck",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        _at("at"),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_table(
        "segment_sizes",
        sa.Column("segment_key", sa.Text(), nullable=False),
        _at("at"),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("segment_key", "at"),
    )


def downgrade() -> None:
    for table in ("segment_sizes", "segment_recheck", "segment_changes", "segment_members", "segments"):
        op.drop_table(table)
