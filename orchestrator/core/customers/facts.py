"""Facts that follow from a customer's profile and history: time zone, an attribute, their own rhythm."""

from bisect import bisect_right
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from orchestrator.core.commands import Fact
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.facts import FactKind
from orchestrator.core.paths import lookup
from orchestrator.core.timing import zone

RECENT = timedelta(days=90)
FEWEST_FOR_A_HABIT = 5


def _zone(asked: Fact, customer: Customer, now: datetime) -> str:
    return customer.zone


def _attribute(asked: Fact, customer: Customer, now: datetime) -> Any:
    return lookup(customer.attributes, asked.name)


def _own_interval(asked: Fact, customer: Customer, now: datetime) -> list[Any] | None:
    instants = customer.history.named(asked.name)[0]
    instants = instants[: bisect_right(instants, now)]
    if len(instants) < 2 or instants[0] == instants[-1]:
        return None
    mean = (instants[-1] - instants[0]) / (len(instants) - 1)
    return [instants[-1].isoformat(), mean / timedelta(days=1)]


def _best_hour(asked: Fact, customer: Customer, now: datetime) -> int | None:
    tz = zone(customer.zone)
    told = customer.history.told
    recent = [h for h in customer.history if now - RECENT < h.occurred_at <= now and h.message_id not in told]
    if len(recent) < FEWEST_FOR_A_HABIT:
        return None
    hours = Counter(customer_event.occurred_at.astimezone(tz).hour for customer_event in recent)
    return min(hours, key=lambda hour: (-hours[hour], hour))


ZONE = FactKind("zone", _zone, profile=False)
"""The IANA name of the customer's time zone."""
ATTRIBUTE = FactKind("attribute", _attribute)
"""The JSON value of the attribute that ``name`` leads to (a dotted path), or None."""
OWN_INTERVAL = FactKind("own_interval", _own_interval, events=lambda asked: frozenset({asked.name}))
"""``[last instant in ISO 8601, mean days between events called name]``; None with fewer than two, or all at once."""
BEST_HOUR = FactKind("best_hour", _best_hour, events=lambda asked: None)
"""The local hour (0-23) in which most of what the customer did in the last 90 days fell, the earlier on a tie; None
with fewer than five acts. What journeys and the product add to their log is none."""

FACTS = (ZONE, ATTRIBUTE, OWN_INTERVAL, BEST_HOUR)
