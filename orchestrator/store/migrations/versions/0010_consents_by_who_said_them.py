"""What was said of consents, by whom; and when each attribute and contact was last spoken of.

The records are made of the log. Where somebody had undone a customer's own opt-out by repeating what they knew, the
opt-out holds again from here on, and the log says so.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0025"
branch_labels = None
depends_on = None

_ACTS = "update consent_log set act = true where source in ('preferences', 'unsubscribe', 'provider')"
_RECORDS = """
with words as (
    select customer_id, name, case when act then 'act' else 'statement' end as kind,
        max(at) filter (where granted) as yes, max(at) filter (where not granted) as no
    from consent_log group by 1, 2, 3
), kinds as (
    select customer_id, name, jsonb_object_agg(kind, jsonb_strip_nulls(jsonb_build_object(
        'yes', (extract(epoch from yes) * 1000000)::bigint, 'no', (extract(epoch from no) * 1000000)::bigint
    ))) as said
    from words group by 1, 2
), records as (
    select customer_id, jsonb_object_agg(name, said) as record from kinds group by 1
)
update customers c set consent_record = records.record from records where records.customer_id = c.id
"""
_UNDONE = """
with refused as (
    select c.id, said.key as name, c.consent_record -> said.key -> 'act' as own,
        c.consent_record -> split_part(said.key, ':', 1) -> 'act' as day
    from customers c, jsonb_each(c.consents) as said where said.value = 'true'
), undone as (
    select id, name, greatest((own ->> 'no')::bigint, (day ->> 'no')::bigint) as no from refused
    where greatest((own ->> 'no')::bigint, (day ->> 'no')::bigint) >= coalesce((own ->> 'yes')::bigint, 0)
), logged as (
    insert into consent_log (customer_id, name, granted, at, source, evidence, act, counts)
    select id, name, false, now(), 'upgrade',
        jsonb_build_object('refused_at', to_timestamp(no / 1000000.0)), false, true from undone
), by_customer as (
    select id, array_agg(name) as names, jsonb_object_agg(name, false) as consents from undone group by 1
)
update customers c set consents = c.consents || by_customer.consents, consented_at = c.consented_at - by_customer.names
from by_customer where by_customer.id = c.id
"""


def _json_column(name: str) -> sa.Column[object]:
    empty = sa.text("'{}'::jsonb")
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), server_default=empty, nullable=False)


def upgrade() -> None:
    op.add_column("customers", _json_column("consent_record"))
    op.add_column("customers", _json_column("said_at"))
    op.add_column("consent_log", sa.Column("act", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("consent_log", sa.Column("counts", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.execute(_ACTS)
    op.execute(_RECORDS)
    op.execute(_UNDONE)


def downgrade() -> None:
    op.drop_column("consent_log", "counts")
    op.drop_column("consent_log", "act")
    op.drop_column("customers", "said_at")
    op.drop_column("customers", "consent_record")
