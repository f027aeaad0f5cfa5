"""Counting a customer's traits anew from their own events, where one of these may have changed them.

A customer's row is locked before their events are read, so that of two who count the later one sees all that the
earlier one saw. What is written is the namespace ``computed`` of the attributes alone.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.conditions.customer import Log
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.system_events import CUSTOMER_UPDATED
from orchestrator.core.timing import zone
from orchestrator.core.traits.compute import counted_traits
from orchestrator.core.traits.definition import NAMESPACE, TraitSettings
from orchestrator.store.connection_pool import direct
from orchestrator.store.database import dump_json
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.events.unrouted import Unrouted

_SETTINGS = "select settings -> 'traits' as traits, time_zone from workspace"
_LOCK = """
select id, attributes -> 'computed' as computed from customers
where id = any(%(customers)s::uuid[]) and merged_into is null order by id for no key update
"""
_HISTORY = """
select e.customer_id, e.message_id, e.name, e.occurred_at, e.properties
from unnest(%(names)s::text[], %(since)s::timestamptz[]) as asked(name, since)
join events e on e.name = asked.name and e.occurred_at >= coalesce(asked.since, '-infinity')
where e.customer_id = any(%(customers)s::uuid[])
"""
_WRITE = """
update customers set attributes = customers.attributes || jsonb_build_object('computed', given.computed),
    updated_at = %(now)s
from json_to_recordset(%(rows)s::json) as given(id uuid, computed jsonb) where customers.id = given.id
"""
_TELL = """
with added as (
    insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
    select given.message, given.customer, 'system', %(name)s, given.properties, '{}', %(now)s, %(now)s
    from json_to_recordset(%(rows)s::json) as given(message text, customer uuid, properties jsonb)
    on conflict (message_id) do nothing returning message_id
)
select count(pg_notify(%(channel)s, '')) from added
"""
_WAITING = """
select distinct customer_id from listening
where customer_id = any(%(customers)s::uuid[]) and event_name = %(name)s
"""

Connection = psycopg.AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class Computing:
    """What a workspace computes. ``zone``: its own, where days of orders are counted."""

    settings: TraitSettings
    zone: str


@dataclass(frozen=True, slots=True)
class Counted:
    """One customer's traits, as they were and as they are, and the log that they were counted of."""

    before: Mapping[str, Any]
    after: dict[str, Any]
    log: Log

    @property
    def changes(self) -> dict[str, Any]:
        """What is otherwise now; None where there is no such trait any more."""
        names = [*self.after, *(name for name in self.before if name not in self.after)]
        return {name: self.after.get(name) for name in names if self.before.get(name) != self.after.get(name)}


def as_settings(stored: Any) -> TraitSettings | None:
    """The settings that the workspace's row has; None where nothing is computed, or another build's cannot be read."""
    try:
        return None if stored is None else TraitSettings.model_validate_json(dump_json(stored))
    except ValidationError:
        return None


async def load_computing(db: Connection) -> Computing | None:
    """What the workspace computes; None where it computes nothing."""
    async with db.cursor(row_factory=dict_row) as cursor:
        row = await (await cursor.execute(_SETTINGS)).fetchone()
    settings = as_settings(row["traits"]) if row else None
    return Computing(settings, row["time_zone"]) if settings is not None and row else None


async def count_traits(
    db: Connection,
    customers: Collection[UUID],
    computing: Computing,
    now: datetime,
    later: Mapping[UUID, datetime] = MappingProxyType({}),
) -> dict[UUID, Counted]:
    """Count the traits of these customers anew, and write down those that changed. The caller has begun a transaction,
    and ends it.

    ``later``: as of when it is for some of them, instead of ``now``: an event that is just routed counts, though the
    clock of who sent it is ahead.
    """
    settings = computing.settings
    names, since = sorted(settings.events), settings.since(now)
    histories: dict[UUID, list[CustomerEvent]] = defaultdict(list)
    async with db.cursor(row_factory=dict_row) as cursor:
        locked = await (await cursor.execute(_LOCK, {"customers": sorted(customers)})).fetchall()
        before = {row["id"]: row["computed"] or {} for row in locked}
        asked = {"customers": list(before), "names": names, "since": [since.get(name) for name in names]}
        for row in await (await cursor.execute(_HISTORY, asked)).fetchall():
            event = CustomerEvent(row["message_id"], row["name"], row["occurred_at"], row["properties"])
            histories[row["customer_id"]].append(event)
    found: dict[UUID, Counted] = {}
    for customer, known in before.items():
        log = Log(histories.get(customer, ()))
        counted = counted_traits(settings, log, later.get(customer, now), zone(computing.zone))
        kept = {name: value for name, value in known.items() if name not in settings.counted}
        found[customer] = Counted(known, {**kept, **counted}, log)
    await write_traits(db, {customer: one.after for customer, one in found.items() if one.changes}, now)
    return found


async def write_traits(db: Connection, computed: Mapping[UUID, Mapping[str, Any]], now: datetime) -> None:
    """Write down the computed traits of customers, all of each. The caller commits."""
    if computed:
        rows = [{"id": customer, NAMESPACE: dict(traits)} for customer, traits in computed.items()]
        await db.execute(_WRITE, {"now": now, "rows": dump_json(rows)})


async def tell_changes(db: Connection, changes: Mapping[UUID, Mapping[str, Any]], cause: str, now: datetime) -> None:
    """``Customer Updated`` in the log of each, with what changed. ``cause``: what it is told of, once."""
    rows = [
        {
            "message": derived_event_id(CUSTOMER_UPDATED, str(customer), cause),
            "customer": customer,
            "properties": {NAMESPACE: dict(changed)},
        }
        for customer, changed in changes.items()
    ]
    if rows:
        given = {"name": CUSTOMER_UPDATED, "now": now, "rows": dump_json(rows), "channel": EVENTS_CHANNEL}
        await db.execute(_TELL, given)


async def who_waits(db: Connection, customers: Collection[UUID]) -> set[UUID]:
    """Those of whom a run waits to hear of a change."""
    async with db.cursor(row_factory=dict_row) as cursor:
        given = {"customers": list(customers), "name": CUSTOMER_UPDATED}
        return {row["customer_id"] for row in await (await cursor.execute(_WAITING, given)).fetchall()}


async def count_at_events(
    engine: AsyncEngine, events: Sequence[Unrouted], stored: Any, zone_name: str, now: datetime
) -> int:
    """Count the traits of those whose events are about to be routed, so that journeys see them as they are by then.

    Args:
        stored: The workspace's settings of traits, as its row has them.
        now: Journey time.

    Returns:
        How many customers' traits changed. Looking again changes nothing.
    """
    settings = as_settings(stored)
    if settings is None:
        return 0
    names = settings.events
    last = {one.customer_id: one.customer_event for one in events if one.customer_event.name in names}
    if not last:
        return 0
    later: dict[UUID, datetime] = {}
    for one in events:
        if one.customer_id in last and one.customer_event.occurred_at > later.get(one.customer_id, now):
            later[one.customer_id] = one.customer_event.occurred_at
    computing = Computing(settings, zone_name)
    async with direct(engine).connection() as db, db.transaction():
        found = await count_traits(db, last.keys(), computing, now, later)
        changed = {customer: one.changes for customer, one in found.items() if one.changes}
        for customer, changes in changed.items():
            await tell_changes(db, {customer: changes}, last[customer].message_id, now)
    return len(changed)
