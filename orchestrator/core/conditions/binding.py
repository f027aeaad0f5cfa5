"""A condition with its references looked up: what a run asks the store, and what is written into a plan's history."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from orchestrator.core.conditions.contract import Bindings, Node
from orchestrator.core.events.customer_event import CustomerEvent


def bind(
    condition: Node,
    entry: CustomerEvent | None = None,
    event: CustomerEvent | None = None,
    variables: Mapping[str, Any] | None = None,
    entered_at: datetime | None = None,
) -> Node:
    """The condition with every ``Ref`` replaced by its value (missing: None) and ``since_entry`` by ``after``.

    Unbound, a ``Ref`` compares as None and ``since_entry`` restricts nothing.
    """
    scope = {
        "entry": entry.properties if entry else {},
        "event": event.properties if event else {},
        "var": variables or {},
    }
    return condition.bind(Bindings(scope, entered_at))


def is_plain(condition: Node) -> bool:
    """Whether there is nothing in it to look up: bound or not, it is the same."""
    return bind(condition, entered_at=_SOME_TIME) is condition


_SOME_TIME = datetime.min.replace(tzinfo=UTC)
