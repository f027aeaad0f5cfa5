"""Entries that come due by a date or a schedule, as simulations have them: no round looks, so they stand in the log."""

from collections.abc import Iterable
from datetime import datetime

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import ENTRY_DUE
from orchestrator.core.journey.due_triggers import (
    DateTrigger,
    ScheduleTrigger,
    due_between,
    due_message,
    due_properties,
)
from orchestrator.core.journey.plan import Plan
from orchestrator.core.paths import lookup
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.timing import zone
from orchestrator.core.zone_settings import DEFAULT_ZONE


def due_events(
    plans: Iterable[Plan], person: Person, after: datetime, until: datetime, workspace: str = DEFAULT_ZONE
) -> list[CustomerEvent]:
    """What becomes due for a customer after an instant and until another, by what is known of them at first.

    ``workspace``: its zone.
    """
    found = []
    for plan in plans:
        for trigger in plan.journey.entry.triggers:
            if isinstance(trigger, DateTrigger | ScheduleTrigger):
                value = lookup(person.attributes, trigger.attribute) if isinstance(trigger, DateTrigger) else None
                for due in due_between(trigger, value, zone(person.zone), zone(workspace), after, until):
                    message = due_message(plan.key, trigger, person.id, due.day)
                    properties = due_properties(plan.key, trigger, due.day)
                    found.append(CustomerEvent(message, ENTRY_DUE, due.at, properties))
    return found
