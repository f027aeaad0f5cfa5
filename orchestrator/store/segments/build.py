"""Builds: who is in a segment is worked out for everybody, in chunks of customers in the order of their ids.

Each chunk is one transaction, so a build that was broken off goes on where it stood, and two who build do not meet.
While it is under way routers keep the new build up to date beside the live one. A chunk locks its customers before it
looks at them, as routers do: what it writes is never older than what it replaces. When the last chunk is done, the
build takes over (``takeover.py``).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
import structlog
from psycopg.rows import DictRow
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.segments.definition import Definition, Standing, keep
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.conditions.condition_sql import customers, to_sql
from orchestrator.store.connection_pool import DirectConnection, direct
from orchestrator.store.customers.views import read_views
from orchestrator.store.faults import is_transient
from orchestrator.store.segments.definitions import read_condition
from orchestrator.store.segments.membership import BY_INDEX
from orchestrator.store.segments.takeover import clean_up, take_over

log = structlog.get_logger()

CHUNK = 1_000
"""Customers of one transaction: whoever stores or routes something of theirs waits for it, some tenths of a second."""
_DIALECT: Any = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives dialects no types

_PATIENCE = "set local transaction_timeout = '120s'"
# A plan for arrays of any length would be one for short ones.
_PLAN_EACH = "set local plan_cache_mode = force_custom_plan"
_NEXT = """
select key, live_build, live_version, build, build_version, build_condition, build_after, build_starts, build_of
from segments where build is not null and build_error is null and archived_at is null
order by build_since, key limit 1 for no key update skip locked
"""
_COUNT = "select count(*) as n from customers where merged_into is null"
_CUSTOMERS = """
select id from customers
where id > coalesce(%(after)s::uuid, '00000000-0000-0000-0000-000000000000') and merged_into is null
order by id limit %(size)s for no key update
"""
_WITH_DEADLINES = """
select who.id as customer_id from unnest(%(customers)s::uuid[]) as who(id)
where exists (
    select from unnest(%(names)s::text[], %(since)s::timestamptz[]) as asked(name, since)
    join events e on e.customer_id = who.id and e.name = asked.name and e.occurred_at >= asked.since
)
"""
_BEFORE = """
select m.customer_id, m.build, m.member, m.since, m.until
from unnest(%(customers)s::uuid[]) as who(id) cross join unnest(%(builds)s::int[]) as asked(build)
join segment_members m on m.customer_id = who.id and m.segment_key = %(key)s and m.build = asked.build
"""
_CLEAR = """
delete from segment_members m using unnest(%(customers)s::uuid[]) as who(id)
where m.customer_id = who.id and m.segment_key = %(key)s and m.build = %(build)s
"""
_WRITE = """
insert into segment_members (customer_id, segment_key, build, member, since, until)
select customer, %(key)s, %(build)s, member, since, until
from json_to_recordset(%(rows)s::json) as given(customer uuid, member boolean, since timestamptz, until timestamptz)
"""
_PROGRESS = """
update segments set build_after = %(after)s, build_done = build_done + %(n)s, build_of = %(of)s
where key = %(key)s and build = %(build)s
"""
_FAILED = "update segments set build_error = %(error)s where key = %(key)s and build = %(build)s"


BuildError = Literal["unreadable", "failed"]
"""Why a build cannot go on: this build of the product cannot read the condition; or else, as the log says."""


class UnreadableCondition(Exception):
    """The condition of a segment was written by another build of the product."""


async def build_some(
    engine: AsyncEngine, now: datetime, time_zone: str = DEFAULT_ZONE, chunk: int = CHUNK
) -> str | None:
    """One chunk of the build that has waited longest; its segment's key, or None where nothing is to be built.

    A build that cannot go on says so in its segment, and keeps what stood before. Raises what the database raises of
    the moment.
    """
    row: DictRow | None = None
    try:
        async with direct(engine).connection() as db, db.transaction():
            await db.execute(_PATIENCE)
            await db.execute(_PLAN_EACH)
            await db.execute(BY_INDEX)
            row = await (await db.execute(_NEXT)).fetchone()
            if row is None:
                return None
            done = not await _build_chunk(db, row, now, time_zone, chunk)
            if done:
                await take_over(db, row, now)
                log.info("segment built", segment=row["key"], build=row["build"])
    except Exception as error:
        if row is None or is_transient(error):
            raise
        log.error("segment cannot be built", segment=row["key"], build=row["build"], exc_info=error)
        async with direct(engine).connection() as db:
            code: BuildError = "unreadable" if isinstance(error, UnreadableCondition) else "failed"
            told = {"key": row["key"], "build": row["build"], "error": code}
            await db.execute(_FAILED, told)
        return str(row["key"])
    if done:
        await clean_up(engine, row["key"])
    return str(row["key"])


async def _build_chunk(db: DirectConnection, row: DictRow, now: datetime, time_zone: str, chunk: int) -> bool:
    """The next customers; False where there are none."""
    condition = read_condition(row["key"], row["build_condition"])
    if condition is None:
        raise UnreadableCondition(row["key"])
    definition = Definition(row["key"], row["build"], row["build_version"], condition, live=False)
    of = row["build_of"]
    if row["build_after"] is None:
        of = (await (await db.execute(_COUNT)).fetchall())[0]["n"]
    found = await db.execute(_CUSTOMERS, {"after": row["build_after"], "size": chunk})
    people = [one["id"] for one in await found.fetchall()]
    if people:
        rows = await _members(db, definition, row["live_build"], people, now, time_zone)
        place = {"key": definition.key, "build": definition.build, "customers": people}
        await db.execute(_CLEAR, place)
        if rows:
            await db.execute(_WRITE, {**place, "rows": orjson.dumps(rows).decode()})
        await db.execute(_PROGRESS, {**place, "after": people[-1], "n": len(people), "of": of})
    return bool(people)


async def _members(
    db: DirectConnection,
    definition: Definition,
    live: int | None,
    people: Sequence[UUID],
    now: datetime,
    time_zone: str,
) -> list[dict[str, Any]]:
    """The rows of these customers: by SQL who is in it, and in memory those whom time may bring in or out."""
    within = await _who_is_in(db, definition, people, now)
    asked = {"customers": people, "key": definition.key, "builds": [definition.build, live or -1]}
    before: dict[UUID, Standing] = {}
    for row in await (await db.execute(_BEFORE, asked)).fetchall():
        if row["member"] and (row["build"] == definition.build or row["customer_id"] not in before):
            before[row["customer_id"]] = Standing(True, row["since"], None)
    kept: dict[UUID, Standing] = {}
    for one in within:
        kept[one] = Standing(True, before[one].since if one in before else now, None)
    closer = await _with_deadlines(db, definition, people, now)
    if closer:
        views = await read_views(db, closer, [definition.condition], now, time_zone)
        for one in closer:
            kept.pop(one, None)
            after = keep(definition, views.view(one), before.get(one), now).standing
            if after is not None:
                kept[one] = after
    return [{"customer": one, **standing._asdict()} for one, standing in sorted(kept.items())]


async def _who_is_in(db: DirectConnection, definition: Definition, people: Sequence[UUID], now: datetime) -> list[UUID]:
    query = select(customers.c.id).where(customers.c.id.in_(people), to_sql(definition.condition, now))
    compiled = query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    rows = await (await db.execute(str(compiled), compiled.construct_params())).fetchall()
    return [row["id"] for row in rows]


async def _with_deadlines(
    db: DirectConnection, definition: Definition, people: Sequence[UUID], now: datetime
) -> list[UUID]:
    """Those whose verdict time alone may end."""
    since: Mapping[str, datetime] | None = definition.deadlines_from(now)
    if since is None:
        return list(people)
    if not since:
        return []
    asked = {"customers": people, "names": list(since), "since": list(since.values())}
    return [row["customer_id"] for row in await (await db.execute(_WITH_DEADLINES, asked)).fetchall()]
