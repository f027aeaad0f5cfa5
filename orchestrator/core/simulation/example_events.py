"""Events that would do: of a name, with properties that pass a filter. For people who try a journey out by hand.

A best effort: a filter that no such guess passes is left to the person.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from orchestrator.core.conditions.compare import nested
from orchestrator.core.conditions.model import Condition
from orchestrator.core.journey.due_triggers import DateTrigger, ScheduleTrigger, due_properties
from orchestrator.core.journey.graph import RequestTrigger, Trigger
from orchestrator.core.journey.plan import Plan

EXAMPLE_DAY = date(2026, 3, 2)
"""Of an entry that is due."""
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
        found.append({"name": trigger.event, "properties": properties})
    return found


def _properties_of(trigger: Trigger, plan: Plan) -> dict[str, Any]:
    entry = plan.journey.entry
    properties: dict[str, Any] = {} if entry.key is None else nested(entry.key, "example-1")
    if isinstance(trigger, RequestTrigger):
        return {**properties, "journey": plan.key}
    if isinstance(trigger, DateTrigger | ScheduleTrigger):
        return {**properties, **due_properties(plan.key, trigger, EXAMPLE_DAY)}
    for condition in (trigger.where, entry.filter):
        if condition is not None:
            properties |= passing(condition)
    return properties


def passing(condition: Condition | None) -> dict[str, Any]:
    """Properties with which an event passes a filter, as far as they can be guessed."""
    return {} if condition is None else condition.example(_BY_NAME)
