"""Sending in full: consents with evidence, templates, surveys, complaints, coupons, devices, providers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_providers",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "settings", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "complaints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "detail", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "complaints_open", "complaints", ["customer_id"], unique=False, postgresql_where=sa.text("resolved_at is null")
    )
    op.create_index(op.f("ix_complaints_customer_id"), "complaints", ["customer_id"], unique=False)
    op.create_table(
        "consent_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "evidence", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("consent_log_customer", "consent_log", ["customer_id", "at"], unique=False)
    op.create_table(
        "coupon_codes",
        sa.Column("pool_key", sa.String(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("journey_key", sa.String(), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_by", sa.Text(), nullable=True),
        sa.Column("revenue", sa.Numeric(precision=16, scale=4), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("pool_key", "code"),
        sa.UniqueConstraint("taken_by"),
    )
    op.create_index("coupon_codes_code", "coupon_codes", ["code"], unique=True)
    op.create_index(
        "coupon_codes_customer",
        "coupon_codes",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("customer_id is not null"),
    )
    op.create_index(
        "coupon_codes_free",
        "coupon_codes",
        ["pool_key", "seq"],
        unique=False,
        postgresql_where=sa.text("taken_by is null and redeemed_at is null"),
    )
    op.create_index(
        "coupon_codes_taken",
        "coupon_codes",
        ["pool_key", "taken_at"],
        unique=False,
        postgresql_where=sa.text("taken_at is not null"),
    )
    op.create_table(
        "coupon_pools",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column(
            "document", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("devices_customer", "devices", ["customer_id", "kind", "seen_at"], unique=False)
    op.create_table(
        "in_app_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "content", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "in_app_waiting",
        "in_app_messages",
        ["customer_id", "at"],
        unique=False,
        postgresql_where=sa.text("closed_at is null"),
    )
    op.create_table(
        "seen_callbacks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "survey_responses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_key", sa.String(), nullable=False),
        sa.Column("survey_revision", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("journey_key", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column(
            "choices", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("answer_group", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_survey_responses_customer_id"), "survey_responses", ["customer_id"], unique=False)
    op.create_index("survey_responses_survey", "survey_responses", ["survey_key", "answered_at"], unique=False)
    op.create_table(
        "surveys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column(
            "document", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "template_revisions",
        sa.Column("template_key", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "document", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("template_key", "revision"),
    )
    op.create_table(
        "templates",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column(
            "document", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("live_revision", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.add_column(
        "journey_versions",
        sa.Column("checks", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    )
    op.add_column(
        "customers",
        sa.Column(
            "consented_at",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    op.add_column(
        "sends",
        sa.Column(
            "tags", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
    )
    op.add_column("sends", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sends", sa.Column("delivery", sa.Text(), nullable=True))
    op.add_column("sends", sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sends", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sends", sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sends", sa.Column("template", sa.Text(), nullable=True))
    op.add_column("sends", sa.Column("template_revision", sa.Integer(), nullable=True))
    op.create_index(
        "sends_counted",
        "sends",
        ["customer_id", "counted_at"],
        unique=False,
        postgresql_where=sa.text("counted_at is not null"),
    )
    op.create_index("sends_provider_message", "sends", ["provider", "provider_message_id"], unique=False)
    op.create_index(
        "sends_unknown",
        "sends",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("status in ('unknown', 'claimed')"),
    )
    op.create_index("sends_time", "sends", ["created_at"], unique=False, postgresql_using="brin")
    op.create_index(
        "sends_followed_up",
        "sends",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("inputs ? 'later'"),
    )


def downgrade() -> None:
    op.drop_index("sends_time", table_name="sends", postgresql_using="brin")
    op.drop_index("sends_followed_up", table_name="sends", postgresql_where=sa.text("inputs ? 'later'"))
    op.drop_index("sends_unknown", table_name="sends", postgresql_where=sa.text("status in ('unknown', 'claimed')"))
    op.drop_index("sends_provider_message", table_name="sends")
    op.drop_index("sends_counted", table_name="sends", postgresql_where=sa.text("counted_at is not null"))
    op.drop_column("sends", "template_revision")
    op.drop_column("sends", "template")
    op.drop_column("sends", "clicked_at")
    op.drop_column("sends", "opened_at")
    op.drop_column("sends", "delivered_at")
    op.drop_column("sends", "delivery")
    op.drop_column("sends", "counted_at")
    op.drop_column("sends", "tags")
    op.drop_column("customers", "consented_at")
    op.drop_column("journey_versions", "checks")
    op.drop_table("templates")
    op.drop_table("template_revisions")
    op.drop_table("surveys")
    op.drop_index("survey_responses_survey", table_name="survey_responses")
    op.drop_index(op.f("ix_survey_responses_customer_id"), table_name="survey_responses")
    op.drop_table("survey_responses")
    op.drop_table("seen_callbacks")
    op.drop_index("in_app_waiting", table_name="in_app_messages", postgresql_where=sa.text("closed_at is null"))
    op.drop_table("in_app_messages")
    op.drop_index("devices_customer", table_name="devices")
    op.drop_table("devices")
    op.drop_table("coupon_pools")
    op.drop_index("coupon_codes_taken", table_name="coupon_codes", postgresql_where=sa.text("taken_at is not null"))
    op.drop_index(
        "coupon_codes_free",
        table_name="coupon_codes",
        postgresql_where=sa.text("taken_by is null and redeemed_at is null"),
    )
    op.drop_index(
        "coupon_codes_customer", table_name="coupon_codes", postgresql_where=sa.text("customer_id is not null")
    )
    op.drop_index("coupon_codes_code", table_name="coupon_codes")
    op.drop_table("coupon_codes")
    op.drop_index("consent_log_customer", table_name="consent_log")
    op.drop_table("consent_log")
    op.drop_index(op.f("ix_complaints_customer_id"), table_name="complaints")
    op.drop_index("complaints_open", table_name="complaints", postgresql_where=sa.text("resolved_at is null"))
    op.drop_table("complaints")
    op.drop_table("channel_providers")
    # ### end Alembic commands ###
