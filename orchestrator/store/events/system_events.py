"""Events that the product itself adds to a customer's log, such as that a message was opened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

EVENTS_CHANNEL = "sojourn_events"
"""PostgreSQL channel that tells the router of new events."""

# A customer may have been merged into another since the link was made: the event belongs to whom they became.
_ADD = text("""
with added as (
    insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
    select :message_id, coalesce(merged_into, id), 'system', :name, cast(:properties as jsonb), '{}', :at, :at
    from customers where id = :customer
    on conflict (message_id) do nothing returning message_id
)
select count(pg_notify(:channel, '')) as added from added
""")


async def add_event(
    db: AsyncConnection, customer: UUID, name: str, properties: Mapping[str, Any], at: datetime, message_id: str
) -> bool:
    """Add one event at the journey's instant ``at``, and tell the router when the transaction commits.

    False where it stands there already, or nobody has this id. ``message_id`` is derived from the cause
    (``core.events.system_events.event_of_send``). The caller commits.
    """
    given = {
        "message_id": message_id,
        "customer": customer,
        "name": name,
        "properties": orjson.dumps(dict(properties), option=orjson.OPT_NON_STR_KEYS).decode(),
        "at": at,
        "channel": EVENTS_CHANNEL,
    }
    return bool((await db.execute(_ADD, given)).scalar_one())
