"""How many of a journey's messages were complained of or came back: what the breaker looks at."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.sending.breaker import Feedback
from orchestrator.store.runs.trouble import JOURNEY_NOW

# Only of journeys of which anything was said at all, and since they were resumed last.
_FEEDBACK = text(f"""
with since as (
    select j.key, greatest(
        {JOURNEY_NOW} - cast(:window as interval),
        cast(w.settings -> 'paused' -> 'resumed' ->> j.key as timestamptz)) as at
    from journeys j left join workspace w on w.id = 1 where j.status = 'live'
), told as (
    select distinct journey_key from sends where complained_at > {JOURNEY_NOW} - cast(:window as interval)
    union select journey_key from sends where bounced_at > {JOURNEY_NOW} - cast(:window as interval)
)
select s.journey_key as journey, count(*) as sent,
    count(*) filter (where s.complained_at is not null) as complaints,
    count(*) filter (where s.bounced_at is not null) as bounces
from told join since on since.key = told.journey_key join sends s on s.journey_key = told.journey_key
where (s.status = 'sent' and s.sent_at > since.at) or (s.status = 'failed' and s.bounced_at > since.at)
group by 1
""")


async def feedback_of_journeys(engine: AsyncEngine, window: timedelta) -> list[Feedback]:
    """Of live journeys of which something was said, since ``window`` (journey time) ago or since each was resumed."""
    async with engine.connect() as db:
        return [Feedback(*row) for row in await db.execute(_FEEDBACK, {"window": window})]
