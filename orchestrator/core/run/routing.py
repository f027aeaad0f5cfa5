"""Who gets an event: the journeys that it lets its customer into, and the runs that listen for it.

Admission is decided before the event reaches the runs, so an event that ends a run does not also begin the next.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from orchestrator.core.commands import Commit
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.evaluate import evaluate, matches
from orchestrator.core.conditions.model import wakes_on
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import derived_event_id, derived_id
from orchestrator.core.events.system_events import (
    CONSENT_CHANGED,
    CUSTOMER_UPDATED,
    ENTRY_DUE,
    JOURNEY_REQUESTED,
    STAGE_CHANGED,
)
from orchestrator.core.experiments.assignment import bucket
from orchestrator.core.journey.due_triggers import DateTrigger, ScheduleTrigger
from orchestrator.core.journey.graph import RequestTrigger
from orchestrator.core.journey.plan import Plan
from orchestrator.core.paths import lookup
from orchestrator.core.text import Text

MOST_CHAIN = 10
"""Events of journeys that may lead one to the next within an hour. What comes after lets nobody in, wakes no run."""
MOST_STARTS = 100
"""Runs that one customer may begin within an hour, unless the workspace says another number."""

REASONS: dict[str, Text] = {
    "admitted": Text("Entered"),
    "already_in": Text("Already in this journey"),
    "re_entry": Text("Has already been in this journey"),
    "cool_down": Text("Entered too recently"),
    "holdout": Text("In the holdout group"),
    "workspace_holdout": Text("In the workspace's holdout group"),
    "filter": Text("Does not meet the entry filter"),
    "no_key": Text("The event has no value for the property that separates entries"),
    "paused": Text("The journey is paused"),
    "recalled": Text("The broadcast was recalled"),
    "chain": Text("Journeys keep starting each other: stopped after {depth} rounds", depth=MOST_CHAIN),
    "limit": Text("The entry limit of the journey is reached"),
    "too_many_starts": Text("Started too many journeys within an hour"),
}
"""Why a customer entered or did not, in words."""
CUT = frozenset({"chain", "too_many_starts"})
"""Reasons that say that something goes round, which somebody has to look at."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of earlier runs under the same identity."""

    live: bool = False
    last_entered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """A decision on one entry. ``reason`` is a code of :data:`REASONS`."""

    admitted: bool
    reason: str


@dataclass(frozen=True)
class Routes:
    """The live plans by the names of the events that may let a customer in."""

    plans: tuple[Plan, ...]
    _by_event: dict[str, list[Plan]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for plan in self.plans:
            for name in dict.fromkeys(trigger.event for trigger in plan.journey.entry.triggers):
                self._by_event.setdefault(name, []).append(plan)

    @property
    def names(self) -> frozenset[str]:
        """Every event name that may let somebody in."""
        return frozenset(self._by_event)

    def triggered(self, customer_event: CustomerEvent) -> list[Plan]:
        """The plans one of whose triggers this event fires, in the order given."""
        return [plan for plan in self._by_event.get(customer_event.name, ()) if fires(plan, customer_event)]


def fires(plan: Plan, customer_event: CustomerEvent) -> bool:
    """Whether an event fires one of a plan's triggers."""
    for trigger in plan.journey.entry.triggers:
        if isinstance(trigger, RequestTrigger):
            if customer_event.name == JOURNEY_REQUESTED and customer_event.properties.get("journey") == plan.key:
                return True
        elif isinstance(trigger, DateTrigger | ScheduleTrigger):
            properties = customer_event.properties
            ours = properties.get("journey") == plan.key and properties.get("trigger") == trigger.identity
            if customer_event.name == ENTRY_DUE and ours:
                return True
        elif trigger.event == customer_event.name and (trigger.where is None or matches(trigger.where, customer_event)):
            return True
    return False


def run_key(plan: Plan, customer_event: CustomerEvent) -> str | None:
    """The key that tells this customer's runs apart: empty where the journey has none, None where it is missing."""
    path = plan.journey.entry.key
    if path is None:
        return ""
    value = lookup(customer_event.properties, path)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 100.0 and 100 are one cart, and JSON has but one kind of number
    key = "" if value is None or isinstance(value, dict | list) else str(value).strip()
    return key or None


def admit(
    plan: Plan,
    customer_event: CustomerEvent,
    customer: Customer,
    customer_id: str,
    now: datetime,
    past: Past,
    workspace_holdout: int = 0,
) -> Admission:
    """Whether the event lets its customer in. The event is in ``customer.history`` already.

    ``workspace_holdout``: percent of customers, the same ones for all journeys, who enter none.
    """
    entry, reentry = plan.journey.entry, plan.journey.reentry
    if past.live:
        return Admission(False, "already_in")
    if past.last_entered is not None:
        if reentry.mode == "never":
            return Admission(False, "re_entry")
        if reentry.mode == "cool_down" and now < past.last_entered + reentry.cool_down:
            return Admission(False, "cool_down")
    if held_out(customer_id, workspace_holdout) and not entry.everybody:
        return Admission(False, "workspace_holdout")
    if entry.holdout and bucket(f"holdout/{plan.key}", customer_id, 100) < entry.holdout:
        return Admission(False, "holdout")
    if entry.filter is not None:
        as_of = max(now, customer_event.occurred_at)
        if not evaluate(entry.filter, customer, as_of, customer_event).truth:
            return Admission(False, "filter")
    return Admission(True, "admitted")


def held_out(customer_id: str, percent: int) -> bool:
    """Whether a customer is in the workspace's holdout. With more percent come more customers, and none leaves."""
    return percent > 0 and bucket("holdout of the workspace", customer_id, 100) < percent


EARLIER_NAME: Mapping[str, str] = {CONSENT_CHANGED: CUSTOMER_UPDATED}
"""Events that conditions have come to wake on since runs first waited for them, and the name under which those runs,
which may wait for years, were told of the same change before."""


def wakes_at(plan: Plan, step: str | None) -> frozenset[str]:
    """Names of the events that may change the truth of what a run at a step is asked: its step's conditions and the
    exit rules, by the plan as this build reads it."""
    at = plan.steps.get(step or "")
    asked = [] if at is None else [one.condition for one in at.conditions()]
    return plan.watched_names.union(*(wakes_on(condition) for condition in asked))


def under_earlier_name(customer_event: CustomerEvent) -> CustomerEvent:
    """The event as runs know it that began to wait before there was its name. Its properties were not those of that
    name, so none are told."""
    name = EARLIER_NAME[customer_event.name]
    message_id = derived_event_id(name, customer_event.message_id)
    return CustomerEvent(message_id, name, customer_event.occurred_at, {})


def consequences(commit: Commit, run_id: str, stage_before: str | None, now: datetime) -> tuple[CustomerEvent, ...]:
    """The events that a commit adds to its customer's log, with ids that are the same each time.

    What a step emits; a change of stage, if it is one; one ``Customer Updated`` for its changes.
    """
    found = list(commit.emit)
    if commit.changes:
        changed: Mapping[str, object] = {change.name: change.value for change in commit.changes if change.op == "set"}
        message_id = derived_id(run_id, commit.changes[0].id, 0, "updated")
        found.append(CustomerEvent(message_id, CUSTOMER_UPDATED, now, dict(changed)))
    if commit.stage is not None and commit.stage != stage_before:
        seq = commit.transitions[0].seq if commit.transitions else 0
        message_id = derived_id(run_id, commit.step or "", seq, "stage")
        found.append(CustomerEvent(message_id, STAGE_CHANGED, now, {"from": stage_before, "to": commit.stage}))
    return tuple(found)


def by_time(customer_events: Iterable[CustomerEvent]) -> tuple[CustomerEvent, ...]:
    """In the order in which they occurred; ties by id, so that every driver reads back the same order."""
    return tuple(sorted(customer_events, key=lambda one: (one.occurred_at, one.message_id)))


def may_listen_for(plan: Plan) -> frozenset[str]:
    """Names of all events that a run of the plan may be listening for, wherever it stands."""
    waits = {awaited.event for step in plan.journey.steps for awaited in step.awaits()}
    return plan.interests.union(waits, *(wakes_at(plan, step) for step in plan.steps))
