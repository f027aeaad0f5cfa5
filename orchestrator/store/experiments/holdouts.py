r"""What messages brought beyond what would have come by itself: those who were let in against a holdout.

Of a journey's holdout, and of the workspace's. Each customer counts from the first decision on an entry of theirs: in
the holdout, or not. The holdout is drawn before an entry filter is looked at, so those whom the filter refused are
on the other side too: without them the two would not be alike. Orders and revenue after it are summed as for arms.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.experiments.sums import ArmSums
from orchestrator.core.traits.definition import Orders
from orchestrator.store.traits.order_sql import AMOUNT, CURRENCY, order_parameters

TREATED, HELD_OUT = "treated", "holdout"
_FIRST = """
    select distinct on (customer_id) customer_id, at, version,
        case when reason = :reason then 'holdout' else 'treated' end as arm
    from entry_decisions
    where {which} and at <= :until and reason <> all(cast(:before_holdout as text[]))
    order by customer_id, at, id
"""
_OF_JOURNEY = "journey_key = :journey and reason <> 'workspace_holdout'"
_OF_WORKSPACE = "journey_key <> all(cast(:everybody as text[]))"
_VERSIONS = """left join (
    select version as numbered, coalesce(cast(document -> 'entry' ->> 'holdout' as float8), 0) / 100 as part
    from journey_versions where journey_key = :journey
) v on v.numbered = f.version"""
_STATEMENT = f"""
with first as materialized (<first>
), orders as (
    select f.customer_id, {CURRENCY} as currency, {AMOUNT} as value,
        e.occurred_at >= f.at as later
    from first f join events e on e.customer_id = f.customer_id and e.name = :order_event
        and e.occurred_at <= :until and e.occurred_at <= f.at + cast(:within as interval)
        and e.occurred_at >= f.at - cast(:before as interval)
), by_customer as (
    select customer_id, currency, cast(coalesce(sum(value) filter (where later), 0) as float8) as y,
        cast(coalesce(sum(value) filter (where not later), 0) as float8) as x
    from orders group by customer_id, currency
), ordered as (
    select customer_id, cast(count(*) filter (where later) > 0 as int) as y,
        cast(count(*) filter (where not later) as float8) as x
    from orders group by customer_id
)
select f.arm, null as currency, count(*) as n, coalesce(sum(o.y), 0) as y, coalesce(sum(o.y), 0) as yy,
    coalesce(sum(o.x), 0) as x, coalesce(sum(o.x * o.x), 0) as xx, coalesce(sum(o.x * o.y), 0) as xy,
    coalesce(sum(<share>), 0) as intended, min(f.at) as since
from first f left join ordered o using (customer_id) <versions> group by f.arm
union all
select f.arm, b.currency, 0, sum(b.y), sum(b.y * b.y), sum(b.x), sum(b.x * b.x), sum(b.x * b.y), 0, null
from first f join by_customer b using (customer_id) group by f.arm, b.currency
"""
_BY_JOURNEY = text(
    _STATEMENT.replace("<first>", _FIRST.format(which=_OF_JOURNEY))
    .replace("<share>", "v.part")
    .replace("<versions>", _VERSIONS)
)
_BY_WORKSPACE = text(
    _STATEMENT.replace("<first>", _FIRST.format(which=_OF_WORKSPACE)).replace("<share>", "0").replace("<versions>", "")
)
_WITH_HOLDOUT = text("""
select distinct j.key, j.name from journey_versions v join journeys j on j.key = v.journey_key
where coalesce(cast(v.document -> 'entry' ->> 'holdout' as float8), 0) > 0 order by j.key
""")
_FOR_EVERYBODY = text("""
select distinct journey_key from journey_versions where document -> 'entry' ->> 'everybody' = 'true'
""")
_ROOM = text("set local work_mem = '64MB'")
_BEFORE = ("already_in", "re_entry", "cool_down", "no_key", "chain", "paused", "recalled")
"""Reasons that are found before the holdout is looked at: they say nothing of it."""


@dataclass(frozen=True)
class HoldoutSums:
    """Orders by customers (one or none), and revenue by currency; each as treated and held out. ``intended``: how many
    should be held out by the versions' percentages, None where that is not known."""

    orders: tuple[ArmSums, ArmSums]
    revenue: dict[str, tuple[ArmSums, ArmSums]]
    since: datetime | None
    intended: float | None

    @property
    def people(self) -> int:
        """All of them."""
        return sum(one.n for one in self.orders)


async def load_journey_holdout(
    engine: AsyncEngine, journey: str, orders: Orders, until: datetime, within: timedelta, before: timedelta
) -> HoldoutSums:
    """A journey's own holdout against everybody else whom it might have let in, each within so long of that."""
    given = {"journey": journey, "reason": "holdout"}
    return await _load(engine, _BY_JOURNEY, given, orders, until, within, before)


async def load_workspace_holdout(
    engine: AsyncEngine, orders: Orders, until: datetime, within: timedelta, before: timedelta
) -> HoldoutSums:
    """The workspace's holdout against everybody else, over all journeys that it keeps out of."""
    async with engine.connect() as db:
        everybody: Collection[str] = list((await db.execute(_FOR_EVERYBODY)).scalars())
    given = {"everybody": everybody, "reason": "workspace_holdout"}
    return await _load(engine, _BY_WORKSPACE, given, orders, until, within, before)


async def journeys_with_holdout(engine: AsyncEngine) -> dict[str, dict[str, str]]:
    """Those that hold customers out, or did, with their names by language."""
    async with engine.connect() as db:
        return {row.key: row.name for row in await db.execute(_WITH_HOLDOUT)}


async def _load(
    engine: AsyncEngine,
    statement: Any,
    given: dict[str, Any],
    orders: Orders,
    until: datetime,
    within: timedelta,
    before: timedelta,
) -> HoldoutSums:
    given |= {**order_parameters(orders), "order_event": orders.event, "until": until, "within": within}
    given |= {"before": before, "before_holdout": list(_BEFORE)}
    async with engine.connect() as db:
        await db.execute(_ROOM)
        rows = list(await db.execute(statement, given))
    people = {row.arm: row for row in rows if row.currency is None}
    intended = sum(row.intended for row in people.values())
    currencies = sorted({row.currency for row in rows if row.currency is not None})
    revenue = {}
    for currency in currencies:
        of = {row.arm: row for row in rows if row.currency == currency}
        revenue[currency] = (_sums(TREATED, people, of), _sums(HELD_OUT, people, of))
    return HoldoutSums(
        (_sums(TREATED, people, people), _sums(HELD_OUT, people, people)),
        revenue,
        min((row.since for row in people.values()), default=None),
        intended or None,
    )


def _sums(arm: str, people: dict[str, Any], of: dict[str, Any]) -> ArmSums:
    n, row = people[arm].n if arm in people else 0, of.get(arm)
    if row is None:
        return ArmSums(arm, n, 0.0, 0.0)
    return ArmSums(arm, n, *(float(getattr(row, name)) for name in ("y", "yy", "x", "xx", "xy")))
