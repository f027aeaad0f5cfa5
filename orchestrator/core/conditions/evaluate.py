"""Conditions evaluated in memory: of one customer, as of one instant, with the instant up to which the answer holds."""

from datetime import datetime

from orchestrator.core.conditions.contract import Node, Verdict
from orchestrator.core.conditions.customer import Customer, utc
from orchestrator.core.events.customer_event import CustomerEvent


def evaluate(condition: Node, customer: Customer, now: datetime, event: CustomerEvent | None = None) -> Verdict:
    """The truth of a bound condition as of ``now`` (aware), seeing only events with ``occurred_at <= now``.

    ``event`` is the event in scope of leaves that look at one; without one, every property is missing.
    """
    return condition.evaluate(customer, utc(now), event)


def matches(filter: Node | None, customer_event: CustomerEvent) -> bool:
    """Whether one event passes a bound filter: leaves on the event and connectives only (TypeError otherwise)."""
    return filter is None or filter.matches(customer_event)
