"""What became of the messages of several journeys, by step and channel, in people.

Counted as for one journey's performance (``store.journeys.performance``): of those who were reached (delivered, where
the provider reports deliveries of that step's messages on that channel), who opened, clicked and unsubscribed.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.suggestions.finding import MessageFigures, Metric

_FIGURES = text("""
with opt_outs as (
    select distinct coalesce(evidence ->> 'send', evidence ->> 'message') as send from consent_log
    where source in ('unsubscribe', 'provider') and not granted and at >= cast(:since as timestamptz)
        and not evidence ? 'bounce'
), went_out as materialized (
    select id, journey_key, step, channel, message_class, customer_id, delivery, opened_at, clicked_at from sends
    where status = 'sent' and journey_key = any(:journeys) and sent_at >= cast(:since as timestamptz)
        and sent_at < cast(:until as timestamptz) and channel is not null
), reporting as (
    select distinct journey_key, step, channel from went_out where delivery = 'delivered'
), people as (
    select w.journey_key, w.step, w.channel, w.message_class, w.customer_id,
        bool_or(w.opened_at is not null) as opened, bool_or(w.clicked_at is not null) as clicked,
        bool_or(o.send is not null) as unsubscribed
    from went_out w
    left join reporting r on (r.journey_key, r.step, r.channel) = (w.journey_key, w.step, w.channel)
    left join opt_outs o on o.send = cast(w.id as text)
    where r.step is null or w.delivery = 'delivered' or w.opened_at is not null or w.clicked_at is not null
    group by w.journey_key, w.step, w.channel, w.message_class, w.customer_id
)
select journey_key, step, channel, message_class, count(*) as reached, count(*) filter (where opened) as opened,
    count(*) filter (where clicked) as clicked, count(*) filter (where unsubscribed) as unsubscribed
from people group by journey_key, step, channel, message_class
""")


async def load_message_figures(
    engine: AsyncEngine,
    journeys: Collection[str],
    *,
    since: datetime,
    until: datetime,
    opens: Collection[str],
    clicks: Collection[str],
) -> list[MessageFigures]:
    """Of messages that went out from ``since`` to before ``until``; journey time. All that became of them counts.

    ``opens`` and ``clicks``: the channels of which that can be known.
    """
    given: dict[str, Any] = {"journeys": sorted(journeys), "since": since, "until": until}
    async with engine.connect() as db:
        rows = (await db.execute(_FIGURES, given)).all()
    found = []
    for row in rows:
        metrics: list[tuple[Metric, int]] = [("unsubscribed", row.unsubscribed)]
        metrics += [("opened", row.opened)] if row.channel in opens else []
        metrics += [("clicked", row.clicked)] if row.channel in clicks else []
        found += [
            MessageFigures(row.journey_key, row.step, row.channel, row.message_class, metric, people, row.reached)
            for metric, people in metrics
        ]
    return found
