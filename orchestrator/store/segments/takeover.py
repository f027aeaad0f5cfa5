"""A finished build takes over from the one before: what differs is written down and told; what is left over goes."""

from datetime import datetime

from psycopg.rows import DictRow
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.conditions.model import segments_of
from orchestrator.core.events.system_events import SEGMENT_ENTERED, SEGMENT_LEFT
from orchestrator.store.connection_pool import DirectConnection, direct
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.segments.definitions import read_condition

MOST_DELETED = 10_000

_LOCK = "select live_build from segments where key = %(key)s and build = %(build)s for update"
_DIFFERENCE = """
select coalesce(after.customer_id, before.customer_id) as customer_id, after.customer_id is not null as entered
from (select customer_id from segment_members where segment_key = %(key)s and build = %(build)s and member) as after
full join (
    select customer_id from segment_members where segment_key = %(key)s and build = %(live)s and member
) as before on before.customer_id = after.customer_id
where after.customer_id is null or before.customer_id is null
"""
_CHANGED = f"""
insert into segment_changes (segment_key, version, customer_id, entered, at, cause)
select %(key)s, %(version)s, d.customer_id, d.entered, %(now)s, 'definition' from ({_DIFFERENCE}) as d
"""
# Whoever waits for membership hears of it. Journeys begin by it only where that was asked for.
_TELL = f"""
with told as (
    insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
    select gen_random_uuid()::text, d.customer_id, 'system',
        case when d.entered then %(entered)s else %(left)s end,
        jsonb_build_object('segment', %(key)s::text, 'cause', 'definition', 'version', %(version)s::int)
            || case when %(starts)s then '{{}}'::jsonb else '{{"quiet": true}}'::jsonb end,
        '{{}}', %(now)s, %(now)s
    from ({_DIFFERENCE}) as d
    where %(starts)s or exists (
        select from listening l
        where l.customer_id = d.customer_id and l.event_name = any(array[%(entered)s, %(left)s]::text[])
    )
    returning message_id
)
select count(pg_notify(%(channel)s, '')) from (select from told limit 1) as first
"""
_TAKE_OVER = """
update segments set live_build = build, live_version = build_version, live_condition = build_condition,
    build = null, build_version = null, build_condition = null, build_after = null, build_since = null,
    build_error = null, build_starts = false
where key = %(key)s and build = %(build)s
"""
SIZE = """
insert into segment_sizes (segment_key, at, size)
select s.key, %(now)s, (
    select count(*) from segment_members m where m.segment_key = s.key and m.build = s.live_build and m.member
)
from segments s where s.key = any(%(keys)s::text[]) and s.live_build is not null and s.archived_at is null
on conflict (segment_key, at) do update set size = excluded.size
"""
_CONDITIONS = """
select key, document -> 'condition' as condition from segments where archived_at is null and key <> %(key)s
"""
BUILD_ANEW = """
update segments set builds = builds + 1, build = builds + 1, build_version = version,
    build_condition = document -> 'condition', build_after = null, build_done = 0, build_of = 0,
    build_since = %(now)s, build_error = null, build_starts = false
where key = any(%(keys)s::text[]) and archived_at is null
"""
# Two ranges of builds, each found by the index; which is in use, or under way, is asked beforehand.
_IN_USE = """
select coalesce(live_build, build, builds + 1) as live, coalesce(build, 0) as build from segments where key = %(key)s
"""
_CLEAN_UP = """
delete from segment_members where ctid = any(array(
    select ctid from segment_members where segment_key = %(key)s and build < %(live)s
    union all select ctid from segment_members where segment_key = %(key)s and build > %(live)s and build < %(build)s
    limit %(most)s
))
"""


async def take_over(db: DirectConnection, row: DictRow, now: datetime) -> None:
    """Make a build the one that conditions see. ``row``: the segment, as the build found it. The caller commits.

    Of a first build nobody is told, and no change is written down, unless it is to start journeys: nobody came in then;
    one only began to look.
    """
    given = {"key": row["key"], "build": row["build"], "live": row["live_build"] or -1, "now": now}
    given |= {"version": row["build_version"], "starts": row["build_starts"]}
    await db.execute(_LOCK, given)
    if row["live_build"] is not None or row["build_starts"]:
        await db.execute(_CHANGED, given)
    names = {"entered": SEGMENT_ENTERED, "left": SEGMENT_LEFT, "channel": EVENTS_CHANNEL}
    await db.execute(_TELL, {**given, **names})
    await db.execute(_TAKE_OVER, given)
    await db.execute(SIZE, {"keys": [row["key"]], "now": now})
    others = await (await db.execute(_CONDITIONS, given)).fetchall()
    conditions = ((one["key"], read_condition(one["key"], one["condition"])) for one in others)
    upon = [key for key, condition in conditions if condition is not None and row["key"] in segments_of(condition)]
    if upon:
        await db.execute(BUILD_ANEW, {"keys": upon, "now": now})


async def clean_up(engine: AsyncEngine, key: str) -> None:
    """Delete the rows of builds that are in use no more, a few thousand at a time."""
    async with direct(engine).connection() as db:
        row = await (await db.execute(_IN_USE, {"key": key})).fetchone()
        given = {**(row or {"live": 0, "build": 0}), "key": key, "most": MOST_DELETED}
        while (await db.execute(_CLEAN_UP, given)).rowcount == MOST_DELETED:
            pass
