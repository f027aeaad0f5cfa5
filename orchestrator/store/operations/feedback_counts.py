"""How many of a journey's messages were complained of or came back: what the breaker looks at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.sending.breaker import Feedback
from orchestrator.store.runs.trouble import JOURNEY_NOW

_WINDOW = f"{JOURNEY_NOW} - cast(:window as interval)"
_MARKS = text(f"""
select journey_key, count(*) as said, max(at) as newest from (
    select journey_key, complained_at as at from sends where complained_at > {_WINDOW}
    union all select journey_key, bounced_at from sends where bounced_at > {_WINDOW}
) said group by 1
""")
# Since they were resumed last.
_FEEDBACK = text(f"""
with since as (
    select j.key, greatest(
        {_WINDOW}, cast(w.settings -> 'paused' -> 'resumed' ->> j.key as timestamptz)) as at
    from journeys j left join workspace w on w.id = 1
    where j.status = 'live' and j.key = any(cast(:journeys as text[]))
)
select s.journey_key as journey, count(*) as sent,
    count(*) filter (where s.complained_at is not null) as complaints,
    count(*) filter (where s.bounced_at is not null) as bounces
from since join sends s on s.journey_key = since.key
where (s.status = 'sent' and s.sent_at > since.at) or (s.status = 'failed' and s.bounced_at > since.at)
group by 1
""")


@dataclass(frozen=True, slots=True)
class FeedbackMark:
    """How much was said of a journey's messages, and when something was last (journey time): another one means that
    more was said."""

    said: int
    newest: datetime


async def feedback_marks(engine: AsyncEngine, window: timedelta) -> Mapping[str, FeedbackMark]:
    """Of the journeys of which anything was said since ``window`` (journey time) ago. Costs what was said, and not what
    was sent."""
    async with engine.connect() as db:
        return {row[0]: FeedbackMark(*row[1:]) for row in await db.execute(_MARKS, {"window": window})}


async def feedback_of_journeys(engine: AsyncEngine, window: timedelta, journeys: Collection[str]) -> list[Feedback]:
    """Of those of these journeys that are live: since ``window`` ago, or since each was resumed. Counts all that they
    sent."""
    async with engine.connect() as db:
        given = {"window": window, "journeys": list(journeys)}
        return [Feedback(*row) for row in await db.execute(_FEEDBACK, given)]
