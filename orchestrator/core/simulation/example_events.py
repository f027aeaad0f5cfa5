"""Events that would do: of a name, with properties that pass a filter. For people who try a journey out by hand.

A best effort: a filter that no such guess passes is left to the person.
"""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.conditions.model import All, AnyOf, Condition, Property
from orchestrator.core.events.system_events import JOURNEY_REQUESTED
from orchestrator.core.journey.graph import RequestTrigger, Trigger
from orchestrator.core.journey.plan import Plan
from orchestrator.core.values import Ref

_BY_NAME: Mapping[str, Any] = {
    "revenue": 29_000,
    "total": 29_000,
    "value": 29_000,
    "price": 29_000,
    "quantity": 1,
    "currency": "KRW",
}


def entry_events(plan: Plan) -> list[dict[str, Any]]:
    """One for each trigger: ``{"name", "properties"}``."""
    found = []
    for trigger in plan.journey.entry.triggers:
        properties = _properties_of(trigger, plan)
        for name in sorted(plan.mentioned):
            if "." not in name and name in _BY_NAME:
                properties.setdefault(name, _BY_NAME[name])
        name = JOURNEY_REQUESTED if isinstance(trigger, RequestTrigger) else trigger.event
        found.append({"name": name, "properties": properties})
    return found


def _properties_of(trigger: Trigger, plan: Plan) -> dict[str, Any]:
    entry = plan.journey.entry
    properties: dict[str, Any] = {} if entry.key is None else _nested(entry.key, "example-1")
    if isinstance(trigger, RequestTrigger):
        return {**properties, "journey": plan.key}
    for condition in (trigger.where, entry.filter):
        if condition is not None:
            properties |= passing(condition)
    return properties


def passing(condition: Condition | None) -> dict[str, Any]:
    """Properties with which an event passes a filter, as far as they can be guessed."""
    match condition:
        case All(of=parts):
            return {name: value for part in parts for name, value in passing(part).items()}
        case AnyOf(of=parts):
            return passing(parts[0]) if parts else {}
        case Property(name=name, op=op, value=operand):
            value = _value(op, None if isinstance(operand, Ref) else operand, name)
            return {} if value is None else _nested(name, value)
    return {}


def _value(op: str, operand: Any, name: str) -> Any:
    one = operand[0] if isinstance(operand, tuple) and operand else operand
    number = one if isinstance(one, int | float) and not isinstance(one, bool) else None
    match op:
        case "eq" | "gte" | "lte" | "in" | "contains" | "starts_with":
            return one
        case "gt":
            return None if number is None else number + 1
        case "lt":
            return None if number is None else number - 1
        case "exists":
            return _BY_NAME.get(name, "example")
        case "ne" | "not_in":
            return "another" if isinstance(one, str) else None
    return None


def _nested(path: str, value: Any) -> dict[str, Any]:
    *before, last = path.split(".")
    found: dict[str, Any] = {last: value}
    for name in reversed(before):
        found = {name: found}
    return found
