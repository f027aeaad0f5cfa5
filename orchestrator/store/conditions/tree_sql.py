"""The condition tree in SQL, over customers or over events; leaves say their own part (``store/conditions/leaves``).

A leaf without SQL is refused: it never passes for true or false.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import and_, false, not_, or_, true

from orchestrator.core.conditions.contract import NO_EVENT, EventLeaf, Leaf, Node
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.conditions.json_sql import Truth, constant

_OF_CUSTOMERS: dict[type[Leaf], Callable[[Any, datetime], Truth]] = {}
_OF_EVENTS: dict[type[Leaf], Callable[[Any], Truth]] = {}

L = TypeVar("L", bound=Leaf)
E = TypeVar("E", bound=EventLeaf)


def of_customers(
    leaf: type[L],
) -> Callable[[Callable[[L, datetime], Truth]], Callable[[L, datetime], Truth]]:
    """Makes a function of a bound leaf and ``now`` (aware) its SQL, an expression over a row of ``customers``."""

    def keep(part: Callable[[L, datetime], Truth]) -> Callable[[L, datetime], Truth]:
        _OF_CUSTOMERS[leaf] = part
        return part

    return keep


def of_events(leaf: type[E]) -> Callable[[Callable[[E], Truth]], Callable[[E], Truth]]:
    """Makes a function of a bound leaf on the event its SQL, an expression over a row of ``events``."""

    def keep(part: Callable[[E], Truth]) -> Callable[[E], Truth]:
        _OF_EVENTS[leaf] = part
        return part

    return keep


def has_sql(leaf: type[Leaf]) -> bool:
    """Whether a kind of leaf has its SQL."""
    return leaf in (_OF_EVENTS if issubclass(leaf, EventLeaf) else _OF_CUSTOMERS)


def customers_sql(condition: Node, now: datetime, event: CustomerEvent | None) -> Truth:
    """A bound condition as an expression over a row of ``customers``. LookupError: a leaf has no SQL."""
    match condition:
        case AllOf(of=parts):
            return and_(true(), *(customers_sql(part, now, event) for part in parts))
        case AnyOf(of=parts):
            return or_(false(), *(customers_sql(part, now, event) for part in parts))
        case Not(of=part):
            return not_(customers_sql(part, now, event))
        case EventLeaf():
            return constant(condition.matches(event or NO_EVENT))
    return _part(_OF_CUSTOMERS, condition)(condition, now)


def events_sql(filter: Node) -> Truth:
    """A bound filter as an expression over a row of ``events``: ``core.conditions.evaluate.matches`` of it.

    LookupError: a leaf has no SQL. TypeError: a leaf asks about the customer.
    """
    match filter:
        case AllOf(of=parts):
            return and_(true(), *map(events_sql, parts))
        case AnyOf(of=parts):
            return or_(false(), *map(events_sql, parts))
        case Not(of=part):
            return not_(events_sql(part))
        case EventLeaf():
            return _part(_OF_EVENTS, filter)(filter)
    raise TypeError(f"a filter on an event cannot ask about the customer: {filter.kind}")


def _part(parts: dict[type[Leaf], Callable[..., Truth]], leaf: Any) -> Callable[..., Truth]:
    part = parts.get(type(leaf))
    if part is None:
        raise LookupError(f"no SQL for conditions of the kind {leaf.kind}: see orchestrator/store/conditions/leaves")
    return part
