"""What a step may need to know of a customer (``commands.Fact``), from the same view that conditions see."""

from bisect import bisect_right
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from orchestrator.core.commands import Fact
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.coupons.pool import coupon_value, virtual_code
from orchestrator.core.paths import lookup
from orchestrator.core.timing import zone

RECENT = timedelta(days=90)
FEWEST_FOR_A_HABIT = 5


def fact(asked: Fact, customer: Customer, now: datetime) -> Any:
    """The value of one fact as of ``now``; JSON."""
    match asked.kind:
        case "zone":
            return customer.zone
        case "attribute":
            return lookup(customer.attributes, asked.name)
        case "own_interval":
            return _own_interval(customer, asked.name, now)
        case "best_hour":
            return _best_hour(customer, now)
        case "coupon":  # a customer's history has no code to give: the store has pools, all others make do with this
            return coupon_value(virtual_code(asked.id), None, None, "")


def _own_interval(customer: Customer, name: str, now: datetime) -> list[Any] | None:
    """``[last instant, mean days between events]``, of at least two that do not all fall in one instant."""
    instants = customer.history.named(name)[0]
    instants = instants[: bisect_right(instants, now)]
    if len(instants) < 2 or instants[0] == instants[-1]:
        return None
    mean = (instants[-1] - instants[0]) / (len(instants) - 1)
    return [instants[-1].isoformat(), mean / timedelta(days=1)]


def _best_hour(customer: Customer, now: datetime) -> int | None:
    """The local hour with most events; on a tie the earlier."""
    where = zone(customer.zone)
    recent = [h for h in customer.history if now - RECENT < h.occurred_at <= now]
    if len(recent) < FEWEST_FOR_A_HABIT:
        return None
    hours = Counter(customer_event.occurred_at.astimezone(where).hour for customer_event in recent)
    return min(hours, key=lambda hour: (-hours[hour], hour))
