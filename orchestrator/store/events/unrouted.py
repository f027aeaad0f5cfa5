"""Stored events that nobody has been offered yet: the line that routers read, from both ends, and mark."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.connection_pool import DirectConnection, direct
from orchestrator.store.events.shards import FENCE, SHARD_OF, SHARDS, Fence, as_array

LEAST_OF_A_SHARD = 16
"""Events that are looked for in each shard at least, however many shards there are."""

# Each shard by itself: the index has its events in this order, however much waits elsewhere.
_WAITING = f"""
from unnest(%(shards)s::int[]) as mine(shard) cross join lateral (
    select seq, message_id, customer_id, name, properties, occurred_at,
        case when kind = 'system' then coalesce(cast(context ->> 'chain' as int), 0) else 0 end as chain
    from events
    where routed_at is null and {SHARD_OF.format(customer="customer_id")} = mine.shard
        and customer_id <> all(%(excluded)s::uuid[])
    order by seq {{order}} limit %(each)s
) as waiting
"""
_OLDEST = f"select waiting.* {_WAITING.format(order='asc')} order by waiting.seq limit %(limit)s"
# Each is looked up by customer, so few are: that is what the order within is for. A join would read all that waits.
_NEWEST = f"""
select last.* from (
    select waiting.* {_WAITING.format(order="desc")} order by waiting.seq desc limit 4 * %(limit)s
) as last where (
    select earlier.seq from events as earlier
    where earlier.customer_id = last.customer_id and earlier.routed_at is null and earlier.seq < last.seq
    order by earlier.occurred_at, earlier.seq limit 1
) is null order by last.seq desc limit %(limit)s
"""
_ROUTED = """
update events set routed_at = %(now)s
from unnest(%(ids)s::text[], %(customers)s::uuid[]) as offered(id, customer)
where message_id = offered.id and customer_id = offered.customer and routed_at is null
"""
_ROUTED_UNDER_FENCE = f"""
with fence as ({FENCE}) {_ROUTED} and {SHARD_OF.format(customer="offered.customer")} in (select shard from fence)
"""


@dataclass(frozen=True, slots=True)
class Unrouted:
    """A stored event that nobody has been offered yet."""

    customer_id: UUID
    customer_event: CustomerEvent
    chain: int = 0
    """How many journeys' events led to it, one to the next, within the hour; 0 for what a customer did."""


async def read_oldest(
    engine: AsyncEngine, limit: int, excluded: Collection[UUID] = (), shards: Collection[int] = range(SHARDS)
) -> list[Unrouted]:
    """The oldest events that have not been routed, each customer's in the order in which they were stored.

    ``excluded``: customers whose events are not asked for now; ``shards``: of which they are asked for.
    """
    return await _read(engine, _OLDEST, limit, excluded, shards)


async def read_newest(
    engine: AsyncEngine, limit: int, excluded: Collection[UUID] = (), shards: Collection[int] = range(SHARDS)
) -> list[Unrouted]:
    """Of what was stored last, the events of customers who have no earlier one that waits: theirs may be routed before
    all others'. As :func:`read_oldest`, the newest first; at most so many."""
    return await _read(engine, _NEWEST, limit, excluded, shards)


async def _read(
    engine: AsyncEngine, statement: str, limit: int, excluded: Collection[UUID], shards: Collection[int]
) -> list[Unrouted]:
    each = max(LEAST_OF_A_SHARD, 4 * limit // max(len(shards), 1))
    given = {"shards": as_array(shards), "excluded": list(excluded), "each": each, "limit": limit}
    async with direct(engine).connection() as db:
        rows = await (await db.execute(statement, given)).fetchall()
    return [_unrouted(row) for row in rows]


def _unrouted(row: DictRow) -> Unrouted:
    event = CustomerEvent(row["message_id"], row["name"], row["occurred_at"], row["properties"])
    return Unrouted(row["customer_id"], event, row["chain"])


async def mark_routed(db: DirectConnection, events: Sequence[Unrouted], now: datetime, fence: Fence | None) -> None:
    """These events have reached everybody whom they concern.

    An event whose customer was merged into another meanwhile has not: it stays unrouted, and is offered once more to
    the other's runs. Whoever had it already knows it by its message id. Nor has one of a shard that is another
    router's.
    """
    given: dict[str, Any] = {"ids": [event.customer_event.message_id for event in events], "now": now}
    given["customers"] = [event.customer_id for event in events]
    if fence is None:
        await db.execute(_ROUTED, given)
    else:
        await db.execute(_ROUTED_UNDER_FENCE, given | fence.parameters())
