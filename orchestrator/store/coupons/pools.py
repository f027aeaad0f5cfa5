"""Coupon pools: what they promise, how their stock stands, what came of their codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from orchestrator.core.coupons.pool import PoolDocument
from orchestrator.core.journey.vocabulary import PoolStanding
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.database import dump_json

_STOCK = """
select pool_key, count(*) as total, count(taken_by) as taken,
    count(*) filter (where taken_by is null and redeemed_at is null) as free, count(redeemed_at) as redeemed
from coupon_codes {where} group by pool_key
"""
_POOLS = """
select p.key, p.document, p.created_at, p.updated_at, p.edited_by, p.archived_at,
    coalesce(s.total, 0) as total, coalesce(s.taken, 0) as taken, coalesce(s.free, 0) as free,
    coalesce(s.redeemed, 0) as redeemed
from coupon_pools p left join ({stock}) s on s.pool_key = p.key
{where} order by p.archived_at is not null, p.created_at desc, p.key
"""
_LIST = text(_POOLS.format(stock=_STOCK.format(where=""), where=""))
_ONE = text(_POOLS.format(stock=_STOCK.format(where="where pool_key = :key"), where="where p.key = :key"))
_STANDINGS = text("""
select p.key, p.document, p.archived_at is not null as archived,
    exists (
        select from coupon_codes c where c.pool_key = p.key and c.taken_by is null and c.redeemed_at is null
    ) as some,
    (select count(*) from (
        select from coupon_codes c where c.pool_key = p.key and c.taken_by is null and c.redeemed_at is null
        limit coalesce((p.document ->> 'low_at')::int, 100)
    ) few) as counted
from coupon_pools p
""")
_USED = text("""
select j.key as journey, step -> 'settings' ->> 'pool' as pool
from journeys j join journey_versions v on v.journey_key = j.key and v.version = j.live_version
cross join jsonb_array_elements(v.document -> 'steps') as step
where j.status in ('live', 'paused', 'closed') and step ->> 'kind' = :kind
""")
_ZONE = text(f"select coalesce((select time_zone from workspace), '{DEFAULT_ZONE}')")
_CREATE = text("""
insert into coupon_pools (key, document, created_at, updated_at, edited_by)
values (:key, cast(:document as jsonb), :now, :now, :by)
""")
_CHANGE = text("""
update coupon_pools set document = cast(:document as jsonb), updated_at = :now, edited_by = :by where key = :key
""")
_ARCHIVE = text("""
update coupon_pools set archived_at = case when :archived then coalesce(archived_at, cast(:now as timestamptz)) end,
    updated_at = :now, edited_by = :by
where key = :key
""")
_BY_JOURNEY = text("""
select journey_key, count(taken_by) as taken, count(redeemed_at) as redeemed from coupon_codes
where pool_key = :key and (taken_by is not null or redeemed_at is not null) group by journey_key
order by count(*) desc, journey_key
""")
_REVENUE = text("""
select journey_key, currency, sum(revenue) as revenue from coupon_codes
where pool_key = :key and revenue is not null group by journey_key, currency order by sum(revenue) desc
""")


class PoolExists(Exception):
    """There is a pool of this key already."""


@dataclass(frozen=True)
class Stock:
    """Codes of a pool. ``free``: neither taken nor redeemed by somebody who never got one here."""

    total: int
    taken: int
    free: int
    redeemed: int


@dataclass(frozen=True)
class Pool:
    """A pool with its stock."""

    key: str
    document: PoolDocument
    created_at: datetime
    updated_at: datetime
    edited_by: str | None
    archived_at: datetime | None
    stock: Stock

    def standing(self, now: datetime, time_zone: str) -> PoolStanding:
        """Whether it gives codes, and how long it will."""
        return _standing(self.document, self.archived_at is not None, self.stock.free, now, time_zone)


@dataclass(frozen=True)
class JourneyPart:
    """What came of a pool's codes in one journey; None: codes redeemed that no journey gave."""

    journey: str | None
    taken: int
    redeemed: int
    revenue: Mapping[str, Decimal]
    """By currency; an empty one where the order did not say."""


async def list_pools(engine: AsyncEngine) -> list[Pool]:
    """Every pool; those in use first, the newest of them first."""
    async with engine.connect() as db:
        return [_pool(row) for row in await db.execute(_LIST)]


async def load_pool(engine: AsyncEngine, key: str) -> Pool | None:
    """One pool; None: there is none."""
    async with engine.connect() as db:
        row = (await db.execute(_ONE, {"key": key})).one_or_none()
    return None if row is None else _pool(row)


async def create_pool(engine: AsyncEngine, key: str, document: PoolDocument, now: datetime, by: str | None) -> None:
    """A new pool without codes. Raises ``PoolExists``."""
    given = {"key": key, "document": dump_json(document.model_dump(mode="json")), "now": now, "by": by}
    try:
        async with engine.begin() as db:
            await db.execute(_CREATE, given)
    except IntegrityError:
        raise PoolExists(key) from None


async def change_pool(engine: AsyncEngine, key: str, document: PoolDocument, now: datetime, by: str | None) -> bool:
    """Another promise for codes that are taken from now on; False: there is no such pool."""
    given = {"key": key, "document": dump_json(document.model_dump(mode="json")), "now": now, "by": by}
    async with engine.begin() as db:
        return (await db.execute(_CHANGE, given)).rowcount == 1


async def archive_pool(engine: AsyncEngine, key: str, archived: bool, now: datetime, by: str | None) -> bool:
    """Puts a pool away, or takes it back: an archived one gives no codes; those it gave stay good."""
    async with engine.begin() as db:
        done = await db.execute(_ARCHIVE, {"key": key, "archived": archived, "now": now, "by": by})
        return done.rowcount == 1


async def pool_report(engine: AsyncEngine, key: str) -> list[JourneyPart]:
    """Taken, redeemed and revenue, by journey."""
    async with engine.connect() as db:
        revenue: dict[str | None, dict[str, Decimal]] = {}
        for row in await db.execute(_REVENUE, {"key": key}):
            revenue.setdefault(row.journey_key, {})[row.currency or ""] = row.revenue
        return [
            JourneyPart(row.journey_key, row.taken, row.redeemed, revenue.get(row.journey_key, {}))
            for row in await db.execute(_BY_JOURNEY, {"key": key})
        ]


async def load_standings(db: AsyncConnection | AsyncSession, now: datetime) -> dict[str, PoolStanding]:
    """How every pool stands. Counts no further than a pool's threshold, for editors ask while one types."""
    time_zone = str((await db.execute(_ZONE)).scalar_one())
    return {
        row.key: _standing(
            PoolDocument.model_validate(row.document), row.archived, row.counted, now, time_zone, row.some
        )
        for row in await db.execute(_STANDINGS)
    }


async def journeys_short_of_codes(engine: AsyncEngine, now: datetime) -> dict[str, list[str]]:
    """The live journeys that take codes from pools which run low or give none any more, with those pools."""
    kind = Coupon.model_fields["kind"].default
    found: dict[str, list[str]] = {}
    async with engine.connect() as db:
        used = (await db.execute(_USED, {"kind": kind})).all()
        standings = await load_standings(db, now) if used else {}
    for row in used:
        pools = found.setdefault(row.journey, [])
        if standings.get(row.pool) != "ready" and row.pool not in pools:
            pools.append(row.pool)
    return {journey: pools for journey, pools in found.items() if pools}


def _standing(
    document: PoolDocument, archived: bool, free: int, now: datetime, time_zone: str, some: bool | None = None
) -> PoolStanding:
    if archived:
        return "archived"
    if document.over(now, time_zone):
        return "over"
    if not (free if some is None else some):
        return "empty"
    return "low" if free < document.low_at else "ready"


def _pool(row: Any) -> Pool:
    stock = Stock(row.total, row.taken, row.free, row.redeemed)
    document = PoolDocument.model_validate(row.document)
    return Pool(row.key, document, row.created_at, row.updated_at, row.edited_by, row.archived_at, stock)
