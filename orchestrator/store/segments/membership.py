"""Membership, kept: by events of a router's batch, by deadlines that pass, and anew where anything may have changed.

Of one customer all of it goes one after another, because it begins by locking their row: whoever comes last has seen
everything that was there before. A build does the same (``build.py``), so that nothing it writes is older than what it
replaces.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg.rows import DictRow
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.system_events import SEGMENT_ENTERED, SEGMENT_LEFT
from orchestrator.core.segments.definition import Cause, Definition, Definitions, Kept, Standing, keep
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.connection_pool import DirectConnection, direct
from orchestrator.store.customers.views import read_views
from orchestrator.store.events.shards import SHARD_OF, SHARDS, Fence, as_array, shard_of, standing
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.segments.definitions import IN_USE_LOCKED, KnownDefinitions

MOST_DUE = 256
"""Deadlines that are looked at in one go."""

_PATIENCE = "set local transaction_timeout = '10s'"
BY_INDEX = "set local enable_seqscan = off"
"""Of a table that has just been filled the server knows nothing yet, and would read all of it for each customer."""
_LOCK = """
select id, merged_into is null as stands from customers
where id = any(%(customers)s::uuid[]) order by id for no key update
"""
_LOCK_FREE = f"{_LOCK} skip locked"
_NEW = """
select asked.id from unnest(%(customers)s::uuid[]) as asked(id)
where not exists (select from events e where e.customer_id = asked.id and e.routed_at is not null)
"""
_BEFORE = """
select m.customer_id, m.segment_key, m.build, m.member, m.since, m.until
from unnest(%(customers)s::uuid[]) as who(id) cross join unnest(%(keys)s::text[]) as asked(key)
join segment_members m on m.customer_id = who.id and m.segment_key = asked.key
"""
_DUE = f"""
select customer_id, segment_key, build from segment_members
where until <= %(now)s and {SHARD_OF.format(customer="customer_id")} = any(%(shards)s::int[])
order by until limit %(most)s
"""
_RECHECK = f"""
select customer_id from segment_recheck where {SHARD_OF.format(customer="customer_id")} = any(%(shards)s::int[])
order by at limit %(most)s
"""
_KEEP = """
insert into segment_members (customer_id, segment_key, build, member, since, until)
select customer, segment, build, member, since, until
from json_to_recordset(%(rows)s::json) as given(customer uuid, segment text, build int, member boolean,
    since timestamptz, until timestamptz)
order by customer, segment, build
on conflict (customer_id, segment_key, build) do update
set member = excluded.member, since = excluded.since, until = excluded.until
"""
_DROP = """
delete from segment_members m
using json_to_recordset(%(rows)s::json) as gone(customer uuid, segment text, build int)
where m.customer_id = gone.customer and m.segment_key = gone.segment and m.build = gone.build
"""
_DROP_ALL = "delete from segment_members where customer_id = any(%(customers)s::uuid[])"
_CHANGED = """
insert into segment_changes (segment_key, version, customer_id, entered, at, cause, event)
select segment, version, customer, entered, at, cause, event
from json_to_recordset(%(rows)s::json) as given(segment text, version int, customer uuid, entered boolean,
    at timestamptz, cause text, event text)
"""
_TELL = """
with told as (
    insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
    select message, customer, 'system', name, properties, context, at, %(now)s
    from json_to_recordset(%(rows)s::json) as given(message text, customer uuid, name text, properties jsonb,
        context jsonb, at timestamptz)
    on conflict (message_id) do nothing returning message_id
)
select count(pg_notify(%(channel)s, '')) from (select from told limit 1) as first
"""
_RECHECKED = "delete from segment_recheck where customer_id = any(%(customers)s::uuid[])"
RECHECK = """
insert into segment_recheck (customer_id, at)
select asked.id, now() from unnest(%(customers)s::uuid[]) as asked(id)
where exists (select from segments where archived_at is null)
order by asked.id on conflict (customer_id) do update set at = segment_recheck.at
"""
"""Have all membership of these customers worked out anew, within a second or so: whatever of them may have changed.
Where that is wanted already, the row is held, so that whoever is about to do it waits and sees what this commits."""


@dataclass(frozen=True, slots=True)
class Woken:
    """Why a definition is asked of a customer. ``event``: message id of what happened; ``chain``: its depth."""

    cause: Cause
    event: str | None = None
    chain: int = 0


Asked = dict[UUID, dict[tuple[str, int], Woken]]
"""By customer and definition (key and build)."""


@dataclass
class MembershipStore:
    """Membership's side of the database. ``time_zone``: of customers whose own is not known."""

    engine: AsyncEngine
    time_zone: str = DEFAULT_ZONE
    definitions: KnownDefinitions = field(init=False)

    def __post_init__(self) -> None:
        self.definitions = KnownDefinitions(self.engine)

    async def newcomers(self, events: Sequence[Unrouted]) -> frozenset[UUID]:
        """Customers of whom nothing has been routed yet."""
        customers = sorted({event.customer_id for event in events})
        async with direct(self.engine).connection() as db:
            rows = await (await db.execute(_NEW, {"customers": customers})).fetchall()
        return frozenset(row["id"] for row in rows)

    async def keep_by_events(
        self, events: Sequence[Unrouted], fresh: Collection[UUID], now: datetime, fence: Fence | None = None
    ) -> int | None:
        """Bring membership in line with these events, which are stored; how many came in or left.

        ``fresh``: those of the customers who are new. Repeating it changes nothing. None, and nothing is written, where
        one of the customers' shards is another router's by now.
        """
        customers = sorted({event.customer_id for event in events})
        async with direct(self.engine).connection() as db, db.pipeline(), db.transaction():
            await db.execute(_PATIENCE)
            await db.execute(BY_INDEX)
            held = await standing(db, fence) if fence is not None else None
            locked = await db.execute(_LOCK, {"customers": customers})
            rows = await db.execute(IN_USE_LOCKED)
            if held is not None:
                ours = {row["shard"] for row in await held.fetchall()}
                if any(shard_of(customer) not in ours for customer in customers):
                    return None
            stand = {row["id"] for row in await locked.fetchall() if row["stands"]}
            definitions = await self.definitions.of(db, await rows.fetchall())
            asked = _woken(definitions, [one for one in events if one.customer_id in stand], fresh, now)
            return await self._keep(db, asked, definitions, now)

    async def keep_due(self, now: datetime, shards: Collection[int] = range(SHARDS), most: int = MOST_DUE) -> int:
        """Look at deadlines that have passed, and at customers who are to be looked at anew; how many were.

        Customers whom somebody else has locked are left for the next time.
        """
        given = {"now": now, "shards": as_array(shards), "most": most}
        async with direct(self.engine).connection() as db:
            async with db.pipeline():
                passed, anew = await db.execute(_DUE, given), await db.execute(_RECHECK, given)
                due, recheck = await passed.fetchall(), {row["customer_id"] for row in await anew.fetchall()}
            customers = sorted({row["customer_id"] for row in due} | recheck)
            if not customers:
                return 0
            async with db.pipeline(), db.transaction():
                await self._keep_these(db, customers, due, recheck, now)
        return len(due) + len(recheck)

    async def _keep_these(
        self, db: DirectConnection, customers: list[UUID], due: Sequence[DictRow], recheck: set[UUID], now: datetime
    ) -> None:
        await db.execute(_PATIENCE)
        await db.execute(BY_INDEX)
        locked = await db.execute(_LOCK_FREE, {"customers": customers})
        rows = await db.execute(IN_USE_LOCKED)
        free = {row["id"]: row["stands"] for row in await locked.fetchall()}
        definitions = await self.definitions.of(db, await rows.fetchall())
        known = {(one.key, one.build) for one in definitions.all}
        asked: Asked = defaultdict(dict)
        for row in due:
            if free.get(row["customer_id"]) and (row["segment_key"], row["build"]) in known:
                asked[row["customer_id"]][row["segment_key"], row["build"]] = Woken("time")
        for customer in recheck:
            if free.get(customer):
                asked[customer].update(dict.fromkeys(known, Woken("merge")))
        looked_at = [row for row in due if row["customer_id"] in free]
        places = [(row["customer_id"], row["segment_key"], row["build"]) for row in looked_at]
        if gone := [_place(*place) for place in places if place[1:] not in known]:
            await db.execute(_DROP, {"rows": _json(gone)})
        if others := [customer for customer, stands in free.items() if not stands]:
            await db.execute(_DROP_ALL, {"customers": others})
        if done := [customer for customer in recheck if customer in free]:
            await db.execute(_RECHECKED, {"customers": done})
        await self._keep(db, asked, definitions, now)

    async def _keep(
        self,
        db: DirectConnection,
        asked: Mapping[UUID, Mapping[tuple[str, int], Woken]],
        definitions: Definitions,
        now: datetime,
    ) -> int:
        """Work out who is in what, and write down what changed; the customers are locked."""
        by_place = {(one.key, one.build): one for one in definitions.all}
        used = [by_place[place] for place in sorted({place for own in asked.values() for place in own})]
        if not used:
            return 0
        given = {"customers": sorted(asked), "keys": [one.key for one in used]}
        before_rows = await db.execute(_BEFORE, given)
        views = await read_views(db, asked.keys(), [one.condition for one in used], now, self.time_zone)
        before = {
            (row["customer_id"], row["segment_key"], row["build"]): Standing(row["member"], row["since"], row["until"])
            for row in await before_rows.fetchall()
        }
        changes = Changes(now)
        for customer, own in sorted(asked.items()):
            view = views.view(customer)
            for place, why in sorted(own.items(), key=lambda one: one[0]):
                known = before.get((customer, *place))
                changes.add(customer, by_place[place], known, keep(by_place[place], view, known, now), why)
        await changes.write(db)
        return len(changes.changed)


def _woken(definitions: Definitions, events: Iterable[Unrouted], fresh: Collection[UUID], now: datetime) -> Asked:
    """What these events may change. Of one who has just come, also what holds of everybody of whom nothing is known."""
    asked: Asked = defaultdict(dict)
    always = definitions.greet(now) if fresh else []
    for event in events:
        why = Woken("event", event.customer_event.message_id, event.chain)
        concerned = list(definitions.woken_by(event.customer_event.name))
        if event.customer_id in fresh:
            concerned += always
        for one in concerned:
            asked[event.customer_id][one.key, one.build] = why
    return asked


@dataclass
class Changes:
    """What is to be written, all of it at once."""

    now: datetime
    kept: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)

    def add(self, customer: UUID, of: Definition, before: Standing | None, after: Kept, why: Woken) -> None:
        """What became of a customer and a definition. Only changes of the live build are told."""
        place = _place(customer, of.key, of.build)
        if after.standing is None:
            if before is not None:
                self.dropped.append(place)
        elif after.standing != before:
            self.kept.append({**place, **after.standing._asdict()})
        if after.change is None or not of.live:
            return
        at, entered = after.at or self.now, after.change == "entered"
        row = {"segment": of.key, "version": of.version, "customer": customer, "entered": entered, "at": at}
        self.changed.append({**row, "cause": why.cause, "event": why.event})
        name = SEGMENT_ENTERED if entered else SEGMENT_LEFT
        cause = (of.key, str(of.build), str(customer), why.event or "", at.isoformat())
        said = {"segment": of.key, "cause": why.cause, "version": of.version}
        told = {"message": derived_event_id(name, *cause), "customer": customer, "name": name, "properties": said}
        self.told.append({**told, "context": {"chain": why.chain} if why.chain else {}, "at": at})

    async def write(self, db: DirectConnection) -> None:
        """Members, changes and events. The caller's transaction holds the customers."""
        for statement, rows in ((_DROP, self.dropped), (_KEEP, self.kept), (_CHANGED, self.changed)):
            if rows:
                await db.execute(statement, {"rows": _json(rows)})
        if self.told:
            await db.execute(_TELL, {"rows": _json(self.told), "now": self.now, "channel": EVENTS_CHANNEL})


def _place(customer: UUID, key: str, build: int) -> dict[str, Any]:
    return {"customer": customer, "segment": key, "build": build}


def _json(rows: Iterable[Mapping[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
