"""Entries that come due by a date or a schedule, as simulations have them: no round looks, so they stand in the log,
or come as time passes (:class:`Calendar`)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import ENTRY_DUE
from orchestrator.core.journey.due_triggers import (
    DateTrigger,
    ScheduleTrigger,
    due_between,
    due_message,
    due_properties,
)
from orchestrator.core.journey.graph import Trigger
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


class Calendar:
    """Who comes due as time passes, by what is known of the customer at each moment: each entry once, in order.

    ``start``: nothing before it is due any more. ``workspace``: its zone.
    """

    def __init__(self, plans: Iterable[Plan], workspace: str, start: datetime) -> None:
        self._plans = [plan for plan in plans if any(_is_due(one) for one in plan.journey.entry.triggers)]
        self._workspace = workspace
        self._looked = start - timedelta(microseconds=1)
        self._seen: set[str] = set()
        self._basis: list[Any] = []
        self._ahead: list[CustomerEvent] = []

    def __bool__(self) -> bool:
        """Whether anybody is let in by a date or a schedule at all."""
        return bool(self._plans)

    def next(self, person: Person, until: datetime) -> CustomerEvent | None:
        """The first that is due until an instant and has not been taken."""
        basis = [until, *self._known(person)]
        if basis != self._basis:
            found = due_events(self._plans, person, self._looked, until, self._workspace)
            ahead = [one for one in found if one.message_id not in self._seen]
            self._basis, self._ahead = basis, sorted(ahead, key=lambda one: one.occurred_at, reverse=True)
        return self._ahead[-1] if self._ahead else None

    def take(self) -> CustomerEvent:
        """The one that ``next`` told of; it is due no more."""
        due = self._ahead.pop()
        self._looked = due.occurred_at - timedelta(microseconds=1)
        self._seen.add(due.message_id)
        return due

    def passed(self, instant: datetime) -> None:
        """Nothing before then is due any more."""
        self._looked = max(self._looked, instant - timedelta(microseconds=1))

    def _known(self, person: Person) -> list[Any]:
        """What decides about the days."""
        triggers = (trigger for plan in self._plans for trigger in plan.journey.entry.triggers)
        named = (trigger.attribute for trigger in triggers if isinstance(trigger, DateTrigger))
        return [person.zone, *(lookup(person.attributes, name) for name in named)]


def _is_due(trigger: Trigger) -> bool:
    return isinstance(trigger, DateTrigger | ScheduleTrigger)
