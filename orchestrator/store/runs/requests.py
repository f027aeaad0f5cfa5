"""Entries that somebody asks for by name: customers found by their ids, requests in their logs, what was decided.

A request is an event like any other (``Journey Requested``), so that it is as durable, decided at the same place by the
same rules, and kept with its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.characters import comparable
from orchestrator.core.events.ids import derived_event_id, derived_id
from orchestrator.core.events.system_events import JOURNEY_REQUESTED
from orchestrator.store.database import dump_json
from orchestrator.store.events.system_events import EVENTS_CHANNEL

# Our own ids, then the shop's, then ids of visitors; each followed to whom they turned out to be.
_FIND = text("""
select asked.given, coalesce(c.merged_into, c.id) as customer
from unnest(cast(:given as text[]), cast(:own as uuid[])) as asked(given, own)
cross join lateral (
    select id, 0 as rank from customers where id = asked.own
    union all select id, 1 from customers where external_id = asked.given
    union all select customer_id, case kind when 'user' then 2 else 3 end from identities
    where kind in ('user', 'anonymous') and value = asked.given
    order by rank limit 1
) as known
join customers c on c.id = known.id
""")
# Whoever was merged meanwhile has their request in the log of whom they became.
_ADD = text("""
with given as (
    select * from json_to_recordset(cast(:rows as json)) as given(id text, customer uuid, name text,
        properties jsonb, at timestamptz)
), added as (
    insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
    select given.id, coalesce(c.merged_into, c.id), 'system', given.name, given.properties, '{}',
        coalesce(given.at, :now), :now
    from given join customers c on c.id = given.customer
    on conflict (message_id) do nothing returning message_id
)
select count(pg_notify(:channel, '')) as added from added
""")
_DECIDED = text("""
select id, admitted, reason, run_id from entry_decisions where id = any(cast(:ids as uuid[]))
""")


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody is to enter a journey. ``message``: its id, the same each time it is asked for."""

    message: str
    customer: UUID
    properties: Mapping[str, Any]
    name: str = JOURNEY_REQUESTED
    at: datetime | None = None
    """When it was due; None: it is now."""

    def decision(self, journey: str) -> UUID:
        """The id of what is decided of it (``store.runs.entries.Entry.decision``)."""
        return UUID(derived_id(journey, self.message, 0, "entry"))


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided. ``reason``: a code of ``core.run.routing.REASONS``."""

    admitted: bool
    reason: str
    run: UUID | None


def request_id(journey: str, key: str, customer: UUID, item: str = "") -> str:
    """Message id of a request. ``key``: of whoever asks, for all that they ask at once; ``item``: tells several
    requests of one customer apart."""
    return derived_event_id("enter", journey, key, str(customer), item)


async def find_customers(engine: AsyncEngine, given: Sequence[str]) -> dict[str, UUID]:
    """Customers by the ids that were given, ours or the shop's own; who is not there, nobody knows."""
    asked = sorted(set(given))
    spelt = {one: comparable(one) for one in asked}
    ids = {"given": list(spelt.values()), "own": [_uuid(one) for one in asked]}
    async with engine.connect() as db:
        found = {row.given: row.customer for row in await db.execute(_FIND, ids)}
    return {one: found[spelling] for one, spelling in spelt.items() if spelling in found}


async def add_requests(db: AsyncConnection, requests: Sequence[Request], now: datetime) -> int:
    """Write requests down, and tell the router when the transaction commits; how many were new. The caller commits."""
    rows = [
        {
            "id": one.message,
            "customer": one.customer,
            "name": one.name,
            "properties": dict(one.properties),
            "at": one.at,
        }
        for one in requests
    ]
    if not rows:
        return 0
    given = {"rows": dump_json(rows), "now": now, "channel": EVENTS_CHANNEL}
    return int((await db.execute(_ADD, given)).scalar_one())


async def decided(engine: AsyncEngine, decisions: Sequence[UUID]) -> dict[UUID, Decided]:
    """What has been decided so far, by the decision's id."""
    async with engine.connect() as db:
        rows = await db.execute(_DECIDED, {"ids": list(decisions)})
        return {row.id: Decided(row.admitted, row.reason, row.run_id) for row in rows}


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given.strip())
    except ValueError:
        return None
