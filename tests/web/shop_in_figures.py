"""A shop of 400 customers over four months, for pages that show figures: orders, stages, runs, messages and consents.

Drawn by a hash of the customer's number, so that it is the same each time. Its journeys are those of
:mod:`tests.web.shop`.
"""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.web import shop

CUSTOMERS = 400
_DRAW = """
create or replace function draw(salt text, n bigint) returns double precision language sql immutable as
$$ select (hashtextextended(salt || n, 0) & 2147483647) / 2147483648.0 $$
"""
_CUSTOMERS = """
create temporary table people as
select n, md5('person' || n)::uuid as id,
    cast(:now as timestamptz) - make_interval(secs => 86400 * 120 * draw('come', n)) as came,
    floor(-ln(1 - draw('orders', n)) * 1.4)::int as orders, draw('stage', n) as fate
from generate_series(1, :customers) n
"""
_STATEMENTS = (
    """
    insert into customers (id, external_id, email, attributes, consents, tags, stage, stage_since, created_at,
        updated_at)
    select id, 'p-' || n, 'p' || n || '@' || (array['example.com', 'example.org', 'example.net'])[1 + n % 3],
        jsonb_build_object('name', 'Person ' || n), jsonb_build_object('email', fate < 0.7), '[]',
        case when orders = 0 then 'intake' when orders = 1 then 'adaptation' when fate < 0.25 then 'churn_signal'
            else 'retention' end, came + interval '1 day', came, came
    from people
    """,
    """
    insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
    select 'up' || n, id, 'track', 'Signed Up', '{}', '{}', came, came, came from people
    """,
    """
    insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
    select 'o' || n || '-' || k, id, 'track', 'Order Completed',
        jsonb_build_object('revenue', 9000 + round(60000 * draw('worth' || k, n)), 'currency', 'KRW'), '{}', at, at, at
    from people, generate_series(1, orders) k,
        lateral (select came + make_interval(secs => 86400 * (1 + 16 * (k - 1) + 14 * draw('when' || k, n))) as at) a
    where at < cast(:now as timestamptz)
    """,
    """
    insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
    select 's' || n || to_stage, id, 'system', 'Lifecycle Stage Changed',
        jsonb_build_object('from', from_stage, 'to', to_stage), '{}', at, at, at
    from people, lateral (values (null, 'intake', 0, true), ('intake', 'adaptation', 5, orders > 0),
        ('adaptation', 'retention', 25, orders > 1), ('retention', 'churn_signal', 50, orders > 1 and fate < 0.25)
    ) as s (from_stage, to_stage, days, happened),
        lateral (select came + make_interval(days => days) as at) a
    where happened and at < cast(:now as timestamptz)
    """,
    """
    insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, status, step, stage,
        entered_at, finished_at, reason, tell)
    select md5('run' || n)::uuid, 'lifecycle/' || id, 'lifecycle', 1, :plan, id, '',
        case when fate > 0.9 then 'finished' else 'running' end, 'first-order-soon', 'intake', came,
        case when fate > 0.9 then came + interval '9 days' end, case when fate > 0.9 then 'end' end, false
    from people
    """,
    """
    insert into entry_decisions (id, journey_key, version, customer_id, message_id, at, admitted, reason, detail,
        run_id)
    select md5('entry' || n)::uuid, 'lifecycle', 1, id, 'up' || n, came, fate < 0.95,
        case when fate < 0.95 then 'admitted' else 'holdout' end, '{}', md5('run' || n)::uuid
    from people
    """,
    """
    insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)
    select md5('run' || n)::uuid, row_number() over (partition by n order by k, what = 'left'), 'lifecycle', id,
        came + make_interval(hours => k * 30), what, step, 1, port,
        case when what = 'goal'
            then jsonb_build_object('value', 9000 + round(60000 * draw('worth1', n)), 'currency', 'KRW') else '{}' end
    from people, lateral (values
        (1, 'entered', 'welcome', '', true), (1, 'left', 'welcome', 'next', true),
        (2, 'entered', 'first-order-soon', '', true),
        (3, 'left', 'first-order-soon', 'bought', orders > 0 and fate < 0.5),
        (3, 'left', 'first-order-soon', 'timeout', not (orders > 0 and fate < 0.5)),
        (3, 'goal', 'first-order-soon', 'first-order', orders > 0 and fate < 0.5),
        (4, 'entered', 'nudge', '', not (orders > 0 and fate < 0.5)),
        (4, 'left', 'nudge', 'next', not (orders > 0 and fate < 0.5)),
        (5, 'entered', 'first-order-later', '', not (orders > 0 and fate < 0.5)),
        (6, 'left', 'first-order-later', 'bought', orders > 0 and fate >= 0.5),
        (6, 'goal', 'first-order-later', 'first-order', orders > 0 and fate >= 0.5),
        (7, 'entered', 'remember-order', '', orders > 0), (7, 'left', 'remember-order', 'next', orders > 0),
        (7, 'entered', 'thanks', '', orders > 0), (7, 'left', 'thanks', 'next', orders > 0)
    ) as t (k, what, step, port, happened)
    where happened and came + make_interval(hours => k * 30) < cast(:now as timestamptz)
    """,
    """
    insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, channel,
        provider, inputs, content, attempts, created_at, sent_at, tags, delivery, delivered_at, opened_at, clicked_at,
        bounced_at, complained_at, template)
    select md5('send' || n || step)::uuid, md5('run' || n)::uuid, 'lifecycle', step, 1, id, class, status,
        case status when 'skipped' then 'no_consent' else '' end, case status when 'sent' then channel end, 'outbox',
        '{}', '{}', 1, at, case status when 'sent' then at end, '[]',
        case when status = 'sent'
            then case when draw('bounce' || step, n) < 0.02 then 'failed' else 'delivered' end end,
        case when status = 'sent' and draw('bounce' || step, n) >= 0.02 then at + interval '1 minute' end,
        case when status = 'sent' and draw('open' || step, n) between 0.02 and 0.48 then at + interval '2 hours' end,
        case when status = 'sent' and draw('open' || step, n) between 0.02 and 0.13 then at + interval '3 hours' end,
        case when status = 'sent' and draw('bounce' || step, n) < 0.02 then at + interval '1 minute' end,
        case when status = 'sent' and draw('open' || step, n) between 0.02 and 0.022 then at + interval '1 day' end,
        template
    from people, lateral (values
        (1, 'welcome', 'informational', 'sent', 'email', 'welcome', true),
        (4, 'nudge', 'advertising', case when fate < 0.7 then 'sent' else 'skipped' end, 'push', 'nudge',
            not (orders > 0 and fate < 0.5)),
        (7, 'thanks', 'informational', 'sent', 'email', 'thanks', orders > 0)
    ) as m (k, step, class, status, channel, template, happened),
        lateral (select came + make_interval(hours => k * 30) as at) a
    where happened and at < cast(:now as timestamptz)
    """,
    """
    insert into consent_log (customer_id, at, name, granted, source, evidence, counts)
    select id, came, 'email', true, 'intake', '{}', true from people where fate < 0.8
    """,
)


async def fill(engine: AsyncEngine) -> None:
    """Everything above, up to :data:`tests.web.shop.NOW`, beside the small shop."""
    await shop.fill(engine)
    given = {"now": shop.NOW, "customers": CUSTOMERS, "plan": shop.plan_hash("lifecycle")}
    async with engine.begin() as db:
        for statement in (_DRAW, _CUSTOMERS, *_STATEMENTS, "analyze"):
            await db.execute(text(statement), {k: v for k, v in given.items() if f":{k}" in statement})
