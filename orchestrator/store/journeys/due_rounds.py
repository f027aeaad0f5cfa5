"""Who enters because a day has come: customers by zone and date, and up to when each trigger was looked after.

Looking again finds the same, and offers nobody twice: an entry's message id is derived from its day. So a round that
broke off begins where the last whole one ended.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, not_, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.conditions.condition_sql import customers, to_sql
from orchestrator.store.runs.requests import Request, add_requests

CHUNK = 1_000
"""Customers at a time."""
FIRST = UUID(int=0)

_BEGIN = text("""
insert into due_rounds (journey_key, trigger, done_until) values (:journey, :trigger, :now) on conflict do nothing
""")
_UNTIL = text("select done_until from due_rounds where journey_key = :journey and trigger = :trigger")
_DONE = text("""
update due_rounds set done_until = :now where journey_key = :journey and trigger = :trigger and done_until < :now
""")
_DATES = text("""
select id, time_zone,
    case when attributes ? :name then attributes -> :name else attributes #> cast(:path as text[]) end as value
from customers
where id > :after and merged_into is null and (
    time_zone = any(cast(:zones as text[]))
    or (:own and (time_zone is null or not time_zone = any(cast(:known as text[]))))
)
order by id limit :most
""")


@dataclass(frozen=True, slots=True)
class Zones:
    """Zones in which something may be due. ``own``: those of whom no known zone is known are among them."""

    names: Collection[str]
    own: bool
    known: Collection[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody for whom something may be due. ``value``: of the attribute with the date."""

    id: UUID
    time_zone: str | None
    value: Any = None


async def looked_until(engine: AsyncEngine, journey: str, trigger: str, now: datetime) -> datetime:
    """Up to when a trigger was looked after; one that is new begins now, and what was before is none of its."""
    given = {"journey": journey, "trigger": trigger}
    async with engine.begin() as db:
        await db.execute(_BEGIN, {**given, "now": now})
        found: datetime = (await db.execute(_UNTIL, given)).scalar_one()
    return found


async def dated(db: AsyncConnection, attribute: str, zones: Zones, after: UUID) -> list[Candidate]:
    """The next customers by id, in these zones, with what an attribute says (a path, as ``core.paths`` reads it)."""
    given = {"name": attribute, "path": attribute.split("."), "after": after, "most": CHUNK, **_of(zones)}
    return [Candidate(*row) for row in await db.execute(_DATES, given)]


async def audience(
    db: AsyncConnection, condition: Condition | None, zones: Zones, after: UUID, now: datetime, event: CustomerEvent
) -> list[Candidate]:
    """The next customers by id, in these zones, who meet a condition. ``event``: in its scope."""
    where: ColumnElement[bool] = true() if condition is None else to_sql(condition, now, event)
    query = (
        select(customers.c.id, customers.c.time_zone)
        .where(customers.c.id > after, customers.c.merged_into.is_(None), _in_zones(zones), where)
        .order_by(customers.c.id)
        .limit(CHUNK)
    )
    return [Candidate(*row) for row in await db.execute(query)]


async def offer(engine: AsyncEngine, requests: Sequence[Request], now: datetime) -> int:
    """Add entries that are due to their customers' logs; how many were new."""
    async with engine.begin() as db:
        return await add_requests(db, requests, now)


async def looked(engine: AsyncEngine, journey: str, trigger: str, now: datetime) -> None:
    """A trigger has been looked after until now."""
    async with engine.begin() as db:
        await db.execute(_DONE, {"journey": journey, "trigger": trigger, "now": now})


def _of(zones: Zones) -> dict[str, Any]:
    return {"zones": sorted(zones.names), "own": zones.own, "known": sorted(zones.known)}


def _in_zones(zones: Zones) -> ColumnElement[bool]:
    named = customers.c.time_zone.in_(sorted(zones.names)) if zones.names else false()
    unknown = or_(customers.c.time_zone.is_(None), not_(customers.c.time_zone.in_(sorted(zones.known))))
    return or_(named, unknown) if zones.own else named
