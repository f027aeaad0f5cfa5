"""A condition with its references looked up: what a run asks the store, and what is written into a plan's history."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from orchestrator.core.conditions.model import All, AnyOf, Attribute, Condition, History, Not, Property
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.paths import lookup
from orchestrator.core.values import Ref, without_nul


def literal(value: Any) -> Any:
    """A JSON value as an operand: scalars as they are, an array as the tuple of its scalars, all else None."""
    if isinstance(value, str):
        # Half a surrogate pair, which some JSON readers let through, is no text to PostgreSQL either.
        return without_nul(value if value.isascii() else value.encode("utf-8", "replace").decode())
    if isinstance(value, bool | int) or (isinstance(value, float) and value - value == 0):  # not NaN, not infinite
        return value
    if isinstance(value, list | tuple):
        return tuple(one for one in map(literal, value) if one is not None and not isinstance(one, tuple))
    return None


def bind(
    condition: Condition,
    entry: CustomerEvent | None = None,
    event: CustomerEvent | None = None,
    variables: Mapping[str, Any] | None = None,
    entered_at: datetime | None = None,
) -> Condition:
    """The condition with every ``Ref`` replaced by its value (missing: None) and ``since_entry`` by ``after``.

    Unbound, a ``Ref`` compares as None and ``since_entry`` restricts nothing.
    """
    scope = {
        "entry": entry.properties if entry else {},
        "event": event.properties if event else {},
        "var": variables or {},
    }
    return _bound(condition, scope, entered_at)


def is_plain(condition: Condition) -> bool:
    """Whether there is nothing in it to look up: bound or not, it is the same."""
    return bind(condition, entered_at=_SOME_TIME) is condition


_SOME_TIME = datetime.min.replace(tzinfo=UTC)


def _bound(condition: Condition, scope: Mapping[str, Mapping[str, Any]], entered_at: datetime | None) -> Condition:
    changes: dict[str, Any] = {}
    match condition:
        case All(of=parts) | AnyOf(of=parts):
            bound = tuple(_bound(part, scope, entered_at) for part in parts)
            changes = {"of": bound} if any(new is not old for new, old in zip(bound, parts, strict=True)) else {}
        case Not(of=part):
            inner = _bound(part, scope, entered_at)
            changes = {"of": inner} if inner is not part else {}
        case Attribute(value=Ref(ref=ref)) | Property(value=Ref(ref=ref)):
            changes = {"value": _resolved(ref, scope)}
        case History(value=value, where=where):
            if isinstance(value, Ref):
                changes["value"] = _resolved(value.ref, scope)
            if where is not None and (filter_ := _bound(where, scope, entered_at)) is not where:
                changes["where"] = filter_
            if condition.since_entry and entered_at is not None:
                later = condition.after is not None and condition.after > entered_at
                changes |= {"since_entry": False, "after": condition.after if later else entered_at}
    return condition.model_copy(update=changes) if changes else condition


def _resolved(ref: str, scope: Mapping[str, Mapping[str, Any]]) -> Any:
    root, _, path = ref.partition(".")
    return literal(lookup(scope[root], path))
