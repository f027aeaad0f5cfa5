"""The sources of reports as statements on PostgreSQL. Each says the columns of ``core.measures.sources`` in order.

A statement here names one table of ours at most under a name that is a source too, so that put in front of a report
under that name it means the table. Parameters are cast where they stand: most of them may be null. ``position`` comes
last: a number or an instant by which rows come one after the other, and by which an index finds those after one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.system_events import STAGE_CHANGED
from orchestrator.core.measures.report import PARAMETER
from orchestrator.core.traits.definition import Orders
from orchestrator.store.connection_pool import direct
from orchestrator.store.traits.counting import as_settings
from orchestrator.store.traits.order_sql import AMOUNT, CURRENCY, order_parameters

POPULATION = """
select c.id as customer_id from customers c
where c.merged_into is null
    and (cast(:stage as text) is null or c.stage = cast(:stage as text))
    and (cast(:attribute as text) is null
        or c.attributes #>> string_to_array(cast(:attribute as text), '.') = cast(:attribute_value as text))
    and (cast(:segment as text) is null or exists (
        select from segment_members m join segments g on g.key = m.segment_key and g.live_build = m.build
        where m.customer_id = c.id and m.segment_key = cast(:segment as text) and m.member and g.archived_at is null
    ))
"""
CUSTOMERS = """
select c.id as customer_id, c.created_at as first_seen_at, c.stage, c.stage_since,
    nullif(lower(split_part(c.email, '@', 2)), '') as email_domain,
    case when jsonb_typeof(c.attributes #> '{computed,clv}') = 'number'
        then cast(c.attributes #>> '{computed,clv}' as numeric(20,4)) end as clv,
    c.created_at as position
from customers c where c.merged_into is null
"""
ORDERS = f"""
select e.customer_id, e.occurred_at as ordered_at, cast({AMOUNT} as numeric(20,4)) as value, {CURRENCY} as currency,
    e.message_id, e.seq as position
from events e where e.name = cast(:order_event as text)
"""
STAGE_CHANGES = f"""
select e.customer_id, e.occurred_at as changed_at, e.properties ->> 'from' as from_stage,
    e.properties ->> 'to' as to_stage, e.message_id, e.seq as position
from events e where e.name = '{STAGE_CHANGED}'
"""
RUNS = """
select r.id as run_id, r.customer_id, r.journey_key, r.version, r.entered_at, r.finished_at, r.status, r.reason,
    r.entered_at as position
from runs r
"""
PASSAGES = """
select t.run_id, t.seq, t.customer_id, t.journey_key, t.step, t.occurrence, t.what, t.port, t.at as passed_at,
    t.at as position
from transitions t
"""
GOALS = """
select t.run_id, t.seq, t.customer_id, t.journey_key, t.step, t.at as reached_at, t.port as goal,
    case when jsonb_typeof(t.note -> 'value') = 'number' and abs(cast(t.note ->> 'value' as numeric)) <= 1e15
        then cast(t.note ->> 'value' as numeric(20,4)) end as value,
    t.note ->> 'currency' as currency, t.at as position
from transitions t where t.what = 'goal'
"""
SENDS = """
select s.id as send_id, s.run_id, s.customer_id, s.journey_key, s.step, s.occurrence, s.channel, s.message_class,
    s.status, s.reason, s.template, s.created_at, s.sent_at, s.delivery, s.delivered_at, s.opened_at, s.clicked_at,
    s.bounced_at, s.complained_at, s.created_at as position
from sends s
"""
CONSENT_CHANGES = r"""
select l.customer_id, l.at as changed_at, split_part(l.name, ':', 1) as channel,
    case when split_part(l.name, ':', 2) = '' then 'advertising' else split_part(l.name, ':', 2) end as purpose,
    l.granted, case when l.evidence ? 'bounce' then 'bounce' else l.source end as source,
    case when coalesce(l.evidence ->> 'send', l.evidence ->> 'message') ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        then cast(coalesce(l.evidence ->> 'send', l.evidence ->> 'message') as uuid) end as send_id,
    l.id as change_id,
    case when l.evidence ? 'bounce' then coalesce(
        substring(l.evidence ->> 'bounce' from '[245][.][0-9]{1,3}[.][0-9]{1,3}'),
        substring(l.evidence ->> 'bounce' from '[45][0-9][0-9]'), '') end as detail,
    l.id as position
from consent_log l where l.counts
"""
ENTRIES = """
select d.customer_id, d.journey_key, d.version, d.at as decided_at, d.admitted, d.reason, d.at as position
from entry_decisions d
"""
STATEMENTS: Mapping[str, str] = {
    "population": POPULATION,
    "customers": CUSTOMERS,
    "orders": ORDERS,
    "stage_changes": STAGE_CHANGES,
    "runs": RUNS,
    "passages": PASSAGES,
    "goals": GOALS,
    "sends": SENDS,
    "consent_changes": CONSENT_CHANGES,
    "entries": ENTRIES,
}
_SETTINGS = "select settings -> 'traits' as traits from workspace"


@dataclass(frozen=True)
class OrderSettings:
    """What an order is here."""

    orders: Orders

    @property
    def parameters(self) -> dict[str, Any]:
        """For the statement ``orders``."""
        return {
            "order_event": self.orders.event,
            **order_parameters(self.orders),
            "own_currency": self.orders.currency,
        }


async def load_order_settings(engine: AsyncEngine) -> OrderSettings:
    """The workspace's own, from its computed traits; the defaults where it computes none."""
    async with direct(engine).connection() as db:
        row = await (await db.execute(_SETTINGS)).fetchone()
    settings = as_settings(row["traits"]) if row else None
    return OrderSettings(settings.orders if settings else Orders())


def driver_marks(statement: str, types: Mapping[str, str]) -> str:
    """The statement as the driver wants it: ``:name`` as a mark of psycopg, cast to its type where one is given."""
    escaped = statement.replace("%", "%%")
    return PARAMETER.sub(
        lambda found: f"cast(%({found[1]})s as {types[found[1]]})" if found[1] in types else f"%({found[1]})s", escaped
    )
