"""Some customers as back-tests walk them: profile, events, and what else they were sent."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.backtest.walk import Backtest, WalkedCustomer
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMERS_ACTS
from orchestrator.core.sending.frequency import LONGEST, Counted
from orchestrator.store.customers import sample

FAR_BACK = timedelta(days=400)
"""Before the window: what conditions on the history can see."""
MOST_EVENTS = 2_000
"""Of one customer: their newest."""
_PEOPLE = text(f"{sample.PERSON} where id = any(cast(:ids as uuid[])) order by id")
_EVENTS = text("""
select c.id as customer_id, e.* from unnest(cast(:ids as uuid[])) c(id) cross join lateral (
    select message_id, kind, name, occurred_at, properties from events
    where customer_id = c.id and name = any(:names) and occurred_at > :since and occurred_at <= :now
    order by occurred_at desc limit :most
) e
""")
_OTHER_SENDS = text("""
select customer_id, id, counted_at, channel, message_class, tags from sends
where customer_id = any(cast(:ids as uuid[])) and counted_at > :since and counted_at <= :now and journey_key <> :journey
order by counted_at
""")


async def load_walked(engine: AsyncEngine, asked: Backtest, ids: Sequence[UUID]) -> list[WalkedCustomer]:
    """These customers; those who are gone meanwhile are left out."""
    async with engine.connect() as db:
        rows = (await db.execute(_PEOPLE, {"ids": ids})).all()
        given = {
            "ids": ids,
            "names": sorted(asked.names),
            "since": asked.since - FAR_BACK,
            "now": asked.now,
            "most": MOST_EVENTS,
        }
        events: dict[UUID, list[Any]] = defaultdict(list)
        for row in await db.execute(_EVENTS, given):
            events[row.customer_id].append(row)
        sent = await _other_sends(db, asked, ids)
        segments = await sample.segments_of(db, list(ids))
    return [
        WalkedCustomer(
            sample.person_of(row, asked.time_zone, segments[row.id]),
            [CustomerEvent(one.message_id, one.name, one.occurred_at, one.properties) for one in events[row.id]],
            frozenset(one.message_id for one in events[row.id] if _told(one)),
            sent[row.id],
        )
        for row in rows
    ]


def _told(row: Any) -> bool:
    """Whether an event is no act of its customer."""
    return row.kind == "system" and row.name not in CUSTOMERS_ACTS


async def _other_sends(db: AsyncConnection, asked: Backtest, ids: Sequence[UUID]) -> dict[UUID, list[Counted]]:
    found: dict[UUID, list[Counted]] = defaultdict(list)
    given = {"ids": ids, "since": asked.lead_in - LONGEST, "now": asked.now, "journey": asked.draft.key}
    for row in await db.execute(_OTHER_SENDS, given):
        counted = Counted(str(row.id), row.counted_at, row.channel, row.message_class, tuple(row.tags))
        found[row.customer_id].append(counted)
    return found
