"""Conditions as SQL over ``customers`` and ``events``: what a segment asks of everybody at once.

Says the same as ``core.conditions.evaluate`` of every customer; ``tests/store/conditions/test_condition_sql.py`` holds
the two equal.
"""

from datetime import datetime

from orchestrator.core.conditions.contract import Node
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.conditions import leaves  # noqa: F401  # every leaf brings its SQL
from orchestrator.store.conditions.json_sql import Truth, customers, events
from orchestrator.store.conditions.tree_sql import customers_sql

__all__ = ["customers", "events", "to_sql"]


def to_sql(condition: Node, now: datetime, event: CustomerEvent | None = None) -> Truth:
    """A bound condition as an expression over a row of ``customers``, as of ``now`` (aware).

    ``event`` is the event in scope, as in ``core.conditions.evaluate.evaluate``. Use it in a statement that selects
    from the ``customers`` table under its own name: each ``History`` leaf is a correlated subquery. LookupError: a leaf
    has no SQL.
    """
    return customers_sql(condition, now, event)
