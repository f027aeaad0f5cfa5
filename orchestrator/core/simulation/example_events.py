"""Events that would do: of a name, with properties that pass a filter. For people who try a journey out by hand.

A best effort: a filter that no such guess passes is left to the person.
"""

from collections.abc import Mapping
from typing import Any

from orchestrator.core.conditions.compare import nested
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.system_events import JOURNEY_REQUESTED
from orchestrator.core.journey.graph import RequestTrigger, Trigger
from orchestrator.core.journey.plan import Plan

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
    properties: dict[str, Any] = {} if entry.key is None else nested(entry.key, "example-1")
    if isinstance(trigger, RequestTrigger):
        return {**properties, "journey": plan.key}
    for condition in (trigger.where, entry.filter):
        if condition is not None:
            properties |= passing(condition)
    return properties


def passing(condition: Condition | None) -> dict[str, Any]:
    """Properties with which an event passes a filter, as far as they can be guessed."""
    return {} if condition is None else condition.example(_BY_NAME)
