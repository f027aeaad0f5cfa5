r"""What customers did after they were exposed: for each arm the sums that its statistics are made of, day by day.

One statement for each metric. It tells what each day adds to :math:`n, \sum y, \sum y^2, \sum x, \sum x^2, \sum xy`
of an arm, so that the last day's totals are the figures of now and every day's are those that somebody saw then. A
customer is added on the day of their exposure, with what they did before it (``x``), and again whenever they did
something that counts.

Left out: who has two arms by a merge, who was moved to another arm, and who came while one arm alone had a weight.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.experiments.metrics import OF_MESSAGES, Metric
from orchestrator.core.experiments.periods import Period
from orchestrator.core.experiments.sums import ArmSums, pooled
from orchestrator.core.traits.definition import Orders
from orchestrator.store.traits.order_sql import AMOUNT, CURRENCY, order_parameters

_COUNTS = """not crossed and moved_from is null
    and (select count(*) > 1 from jsonb_each(weights) where cast(value as numeric) > 0)"""
_GOALS = """(
    select x.customer_id, min(t.at) as at, '' as currency, 1.0 as value
    from transitions t join exposed x on x.customer_id = t.customer_id
    where t.journey_key = :journey and t.what = 'goal' and t.port = :name and t.at >= x.at
        and t.at <= :until and (cast(:within as interval) is null or t.at <= x.at + cast(:within as interval))
    group by x.customer_id
)"""
_WITHIN = """e.customer_id = x.customer_id and e.name = :event and e.occurred_at >= x.at and e.occurred_at <= :until
        and (cast(:within as interval) is null or e.occurred_at <= x.at + cast(:within as interval))"""
_EVENTS = f"""(
    select x.customer_id, min(e.occurred_at) as at, '' as currency, 1.0 as value
    from exposed x join events e on {_WITHIN}
    where {{which}} group by x.customer_id
)"""
_REVENUE = f"""(
    select x.customer_id, e.occurred_at as at, {CURRENCY} as currency, {AMOUNT} as value
    from exposed x join events e on {_WITHIN}
)"""
_BEFORE = "e.customer_id = x.customer_id and e.name = :order_event and e.occurred_at < x.at and e.occurred_at >= x.at"
_ORDERS_BEFORE = f"""(
    select x.customer_id, '' as currency, cast(count(*) as float8) as value
    from exposed x join events e on {_BEFORE} - cast(:before as interval) group by x.customer_id
)"""
_REVENUE_BEFORE = f"""(
    select customer_id, currency, cast(sum(value) as float8) as value from (
        select x.customer_id, {CURRENCY} as currency, {AMOUNT} as value
        from exposed x join events e on {_BEFORE} - cast(:before as interval)
    ) as orders where value is not null group by customer_id, currency
)"""
_STATEMENT = f"""
with exposed as materialized (
    select customer_id, arm, at, cast(weights as text) as weights from exposures
    where experiment_id = :experiment and at <= :until and {_COUNTS}
), acts as {{acts}}, growing as (
    select customer_id, currency, cast(at at time zone :zone as date) as day, cast(value as float8) as value,
        sum(cast(value as float8)) over (partition by customer_id, currency order by at, value rows unbounded preceding)
            as so_far
    from acts where value is not null
), earlier as materialized {{before}}, days as (
    select weights, arm, cast(at at time zone :zone as date) as day, null as currency,
        1 as n, 0.0 as y, 0.0 as yy, 0.0 as x, 0.0 as xx, 0.0 as xy from exposed
    union all
    select x.weights, x.arm, cast(x.at at time zone :zone as date), b.currency, 0, 0, 0, b.value, b.value * b.value, 0
    from earlier b join exposed x using (customer_id)
    union all
    select x.weights, x.arm, g.day, g.currency, 0, g.value, g.so_far ^ 2 - (g.so_far - g.value) ^ 2, 0, 0,
        g.value * coalesce(b.value, 0)
    from growing g join exposed x using (customer_id) left join earlier b using (customer_id, currency)
)
select weights, arm, day, currency, sum(n) as n, sum(y) as y, sum(yy) as yy, sum(x) as x, sum(xx) as xx, sum(xy) as xy
from days group by weights, arm, day, currency order by day, weights
"""
_ROOM = text("set local work_mem = '64MB'")
_PLAIN, _OF_JOURNEY = "true", "e.properties ->> 'journey' = :journey"
_BY_GOALS = text(_STATEMENT.format(acts=_GOALS, before=_ORDERS_BEFORE))
_BY_EVENTS = text(_STATEMENT.format(acts=_EVENTS.format(which=_PLAIN), before=_ORDERS_BEFORE))
_BY_MESSAGES = text(_STATEMENT.format(acts=_EVENTS.format(which=_OF_JOURNEY), before=_ORDERS_BEFORE))
_BY_REVENUE = text(_STATEMENT.format(acts=_REVENUE, before=_REVENUE_BEFORE))
_NUMBERS = ("n", "y", "yy", "x", "xx", "xy")


@dataclass(frozen=True)
class Outcomes:
    """The sums of a metric, by day, weights and arm."""

    days: Mapping[date, Mapping[tuple[str, str, str | None], tuple[float, ...]]]
    """What a day adds, by weights (as JSON) at the exposure, arm and currency, in the order of :data:`_NUMBERS`; the
    customers under no currency."""

    @property
    def currencies(self) -> tuple[str, ...]:
        """In which something was measured after the exposure or before, the one of most days first."""
        found: dict[str, int] = defaultdict(int)
        for added in self.days.values():
            for _, _, currency in added:
                if currency is not None:
                    found[currency] += 1
        return tuple(sorted(found, key=lambda one: (-found[one], one)))

    def periods(self, currency: str = "") -> list[Period]:
        """As of the last day: one period for each set of weights, the earliest first."""
        found: list[Period] = []
        for _, periods in self.course(currency):
            found = periods
        return found

    def totals(self, arms: Sequence[str], currency: str = "") -> list[ArmSums]:
        """Of these arms, in their order, as of the last day, over all weights."""
        periods = self.periods(currency)
        return [pooled((period.get(arm) for period in periods), arm) for arm in arms]

    def course(self, currency: str = "") -> Iterator[tuple[date, list[Period]]]:
        """The periods as of the end of each day on which something happened."""
        so_far: dict[str, dict[str, list[float]]] = {}
        for day, added in sorted(self.days.items()):
            for (weights, arm, of), numbers in added.items():
                if weights not in so_far:
                    so_far[weights] = {one: [0.0] * len(_NUMBERS) for one in shares_of(weights)}
                if of in (None, currency):
                    sums = so_far[weights].setdefault(arm, [0.0] * len(_NUMBERS))
                    so_far[weights][arm] = [a + b for a, b in zip(sums, numbers, strict=True)]
            yield day, [_period(weights, arms) for weights, arms in so_far.items()]


def shares_of(weights: str) -> dict[str, float]:
    """The arms that had a weight, with it."""
    return {arm: float(weight) for arm, weight in orjson.loads(weights).items() if weight > 0}


def _period(weights: str, arms: Mapping[str, Sequence[float]]) -> Period:
    shares = shares_of(weights)
    return Period([_sums(arm, numbers) for arm, numbers in arms.items()], {**dict.fromkeys(arms, 0.0), **shares})


def _sums(arm: str, numbers: Sequence[float]) -> ArmSums:
    n, y, yy, x, xx, xy = numbers
    return ArmSums(arm, round(n), y, max(0.0, yy), x, max(0.0, xx), xy)


async def load_outcomes(
    engine: AsyncEngine, experiment: UUID, journey: str, metric: Metric, orders: Orders, until: datetime, zone: str
) -> Outcomes:
    """What became of everybody who was exposed, up to an instant of journey time.

    Args:
        orders: What an order of this workspace is.
        zone: In which days are told.
    """
    given: dict[str, Any] = {"experiment": experiment, "until": until, "within": metric.within, "zone": zone}
    given |= {"before": metric.before, "order_event": orders.event}
    statement = _BY_EVENTS
    if metric.kind == "goal":
        statement, given = _BY_GOALS, {**given, "journey": journey, "name": metric.name}
    elif metric.kind == "revenue":
        statement, given = _BY_REVENUE, {**given, **order_parameters(orders), "event": orders.event}
    elif metric.kind in OF_MESSAGES:
        statement, given = _BY_MESSAGES, {**given, "journey": journey, "event": OF_MESSAGES[metric.kind]}
    else:
        given["event"] = orders.event if metric.kind == "orders" else metric.name
    days: dict[date, dict[tuple[str, str, str | None], tuple[float, ...]]] = defaultdict(dict)
    async with engine.connect() as db:
        await db.execute(_ROOM)
        for row in await db.execute(statement, given):
            days[row.day][row.weights, row.arm, row.currency] = tuple(float(getattr(row, name)) for name in _NUMBERS)
    return Outcomes(days)
