"""Who is in a segment, how that came about, and how large it has been."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, literal_column, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.model import Condition
from orchestrator.store.conditions.condition_sql import customers, to_sql
from orchestrator.store.connection_pool import direct
from orchestrator.store.customer_names import CALLED
from orchestrator.store.customers.views import read_views
from orchestrator.store.pagination import Page, cut, read_cursor
from orchestrator.store.segments.takeover import SIZE

_MEMBERS = text(f"""
select c.id, {CALLED} as called, m.since from segments s
join segment_members m on m.segment_key = s.key and m.build = s.live_build and m.member
join customers c on c.id = m.customer_id
where s.key = :key and s.archived_at is null order by m.customer_id limit :limit
""")
_CHANGES = text(f"""
select h.id, h.customer_id, h.entered, h.at, h.cause, h.version, {CALLED} as called, e.name as event
from segment_changes h left join customers c on c.id = h.customer_id left join events e on e.message_id = h.event
where h.segment_key = :key and (h.at, h.id) < (:at, :id) order by h.at desc, h.id desc limit :limit
""")
_SIZES = text("""
select at, size from segment_sizes where segment_key = :key and at >= :since order by at
""")
_OF_CUSTOMER = text("""
select s.key, s.document -> 'name' as name, m.since, h.cause, h.at, e.name as event
from segment_members m join segments s on s.key = m.segment_key and s.live_build = m.build
left join lateral (
    select cause, at, event from segment_changes
    where customer_id = m.customer_id and segment_key = m.segment_key and entered order by at desc, id desc limit 1
) h on true
left join events e on e.message_id = h.event
where m.customer_id = :customer and m.member and s.archived_at is null order by m.since desc, s.key
""")
_CALLED_HERE: ColumnElement[str | None] = literal_column(CALLED.replace("c.", "customers."))
_IN_USE = text("select key from segments where live_build is not null and archived_at is null order by key")
_SIZED = text("select max(at) from segment_sizes where segment_key = any(cast(:keys as text[]))")


@dataclass(frozen=True)
class SegmentMemberRow:
    """A customer in a segment."""

    customer: UUID
    called: str
    since: datetime


@dataclass(frozen=True)
class SegmentChangeRow:
    """A customer who came in or left. ``cause``: event, time, definition or merge; ``event``: the event's name."""

    id: int
    customer: UUID
    entered: bool
    at: datetime
    cause: str
    version: int
    called: str
    event: str | None


@dataclass(frozen=True)
class CustomersSegment:
    """A segment that a customer is in. ``cause`` and ``event``: how they came in; None where a build found them."""

    key: str
    name: dict[str, str]
    since: datetime
    cause: str | None
    event: str | None


async def sample_members(engine: AsyncEngine, key: str, limit: int = 20) -> list[SegmentMemberRow]:
    """Some who are in it."""
    async with engine.connect() as db:
        rows = await db.execute(_MEMBERS, {"key": key, "limit": limit})
        return [SegmentMemberRow(row.id, row.called or "", row.since) for row in rows]


async def segment_changes(
    engine: AsyncEngine, key: str, *, before: str | None = None, limit: int = 50
) -> Page[SegmentChangeRow]:
    """Who came in and left, the newest first."""
    at, identity = read_cursor(before)
    given = {"key": key, "at": at, "id": min(identity.int, 2**63 - 1), "limit": limit + 1}
    async with engine.connect() as db:
        found = [
            SegmentChangeRow(
                row.id, row.customer_id, row.entered, row.at, row.cause, row.version, row.called or "", row.event
            )
            for row in await db.execute(_CHANGES, given)
        ]
    return cut(found, limit, lambda one: (one.at, UUID(int=one.id)))


async def segment_sizes(engine: AsyncEngine, key: str, since: datetime) -> list[tuple[datetime, int]]:
    """How large it was, by the hour, from an instant on."""
    async with engine.connect() as db:
        return [(row.at, row.size) for row in await db.execute(_SIZES, {"key": key, "since": since})]


async def segments_of(engine: AsyncEngine, customer: UUID) -> list[CustomersSegment]:
    """The segments that a customer is in, since when, and how they came in."""
    async with engine.connect() as db:
        rows = await db.execute(_OF_CUSTOMER, {"customer": customer})
        return [CustomersSegment(row.key, row.name, row.since, row.cause, row.event) for row in rows]


async def note_sizes(engine: AsyncEngine, now: datetime) -> int:
    """Write down how large segments are at this hour, where that is not done yet; of how many it was."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    async with engine.connect() as db:
        keys = list((await db.execute(_IN_USE)).scalars())
        newest = (await db.execute(_SIZED, {"keys": keys})).scalar_one_or_none() if keys else None
    if not keys or (newest is not None and newest >= hour):
        return 0
    async with direct(engine).connection() as db:
        await db.execute(SIZE, {"keys": keys, "now": hour})
    return len(keys)


async def load_one_view(
    engine: AsyncEngine, customer: UUID, conditions: Sequence[Condition], now: datetime, time_zone: str
) -> Customer:
    """One customer as these conditions see them, for whoever tells why."""
    async with direct(engine).connection() as db:
        return (await read_views(db, [customer], conditions, now, time_zone)).view(customer)


async def sample_matching(
    db: AsyncConnection, condition: Condition, now: datetime, limit: int = 8
) -> list[tuple[UUID, str]]:
    """Some customers who meet a bound condition now, with what they are called."""
    query = (
        customers.select()
        .with_only_columns(customers.c.id, _CALLED_HERE)
        .where(customers.c.merged_into.is_(None), to_sql(condition, now))
        .order_by(customers.c.id)
        .limit(limit)
    )
    return [(row[0], row[1] or "") for row in await db.execute(query)]
