"""What can happen to a customer of given journeys: the events, values and lengths of time that they look at.

Anything else is noise to them, so a made-up customer meets little of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.contract import Node
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.model import leaves
from orchestrator.core.events.system_events import CUSTOMER_UPDATED, SYSTEM_EVENTS
from orchestrator.core.journey.due_triggers import DateTrigger, ScheduleTrigger
from orchestrator.core.journey.graph import ExitRule, GoalRule
from orchestrator.core.journey.plan import Plan
from orchestrator.core.simulation.example_events import entry_events
from orchestrator.core.steps import Step
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.message import Sending
from orchestrator.core.steps.survey import Survey
from orchestrator.core.steps.webhook import Webhook
from orchestrator.core.values import Ref

OFTEN_LONG = (timedelta(0), timedelta(seconds=1), timedelta(minutes=10), timedelta(hours=3), timedelta(days=1))

AFTERWARDS, BRIEFLY = timedelta(days=400), timedelta(days=40)


@dataclass(frozen=True)
class KnownEvent:
    """An event that something listens for. ``where``: what it has to pass there; None: nothing."""

    name: str
    where: Node | None = None


@dataclass(frozen=True)
class FuzzVocabulary:
    """``values``: what attributes are compared with, by name; ``surveys``: their groups; ``sends``: steps and channels
    on which the world outside may answer otherwise; ``spans``: waits, windows and look-backs."""

    entries: tuple[Mapping[str, Any], ...]
    events: tuple[KnownEvent, ...]
    values: Mapping[str, tuple[Any, ...]]
    surveys: Mapping[str, tuple[str, ...]]
    webhooks: tuple[str, ...]
    channels: tuple[str, ...]
    pools: tuple[str, ...]
    consents: tuple[str, ...]
    spans: tuple[timedelta, ...]
    keys: tuple[str, ...]
    """Properties that tell entries apart."""
    mentioned: tuple[str, ...]
    """Names of properties that anything looks at."""
    segments: tuple[str, ...]
    afterwards: timedelta
    """How long to look on after the last that happens, so that nearly every wait is over."""


def vocabulary_of(plans: tuple[Plan, ...]) -> FuzzVocabulary:
    """Everything that these journeys look at."""
    steps = [step for plan in plans for step in plan.journey.steps]
    conditions = [one for plan in plans for one in plan.conditions]
    channels = {
        c for step in steps if isinstance(step, Sending) for c in (step.settings.channel, *step.settings.fallback)
    }
    return FuzzVocabulary(
        tuple(one for plan in plans for one in entry_events(plan)),
        _events(plans, conditions),
        _values(conditions, [*_dated(plans), *_named_by(steps)]),
        {s.settings.survey: tuple(g.port for g in s.settings.groups) for s in steps if isinstance(s, Survey)},
        tuple(step.id for step in steps if isinstance(step, Webhook)),
        tuple(sorted(channels)),
        tuple(sorted({step.settings.pool for step in steps if isinstance(step, Coupon)})),
        tuple(name for channel in sorted(channels) for name in CHANNELS[channel].consents),
        tuple(sorted({*OFTEN_LONG, *(span for plan in plans for span in _spans(plan.journey))})),
        tuple(sorted({plan.journey.entry.key for plan in plans if plan.journey.entry.key is not None})),
        tuple(sorted({name for plan in plans for name in plan.mentioned})),
        tuple(sorted({key for plan in plans for key in plan.segments})),
        BRIEFLY if any(_again_and_again(plan) for plan in plans) else AFTERWARDS,
    )


def _events(plans: tuple[Plan, ...], conditions: list[Node]) -> tuple[KnownEvent, ...]:
    """What waits, exits, goals and conditions listen for. What the product itself tells journeys comes of itself."""
    found: dict[tuple[str, str], KnownEvent] = {}

    def note(name: str | None, where: Node | None) -> None:
        if name is not None and name not in SYSTEM_EVENTS - {CUSTOMER_UPDATED}:
            found.setdefault((name, repr(where)), KnownEvent(name, where))

    for plan in plans:
        for step in plan.journey.steps:
            for awaited in step.awaits():
                note(awaited.event, awaited.where)
        rules: tuple[ExitRule | GoalRule, ...] = (*plan.journey.exits, *plan.journey.goals)
        for rule in rules:
            note(rule.event, rule.where)
    for condition in conditions:
        for leaf in leaves(condition):
            if isinstance(leaf, History):
                note(leaf.event, leaf.where)
    return tuple(found.values())


def _again_and_again(plan: Plan) -> bool:
    """Whether the calendar lets the same customer in more than a few times a year."""
    triggers = plan.journey.entry.triggers
    return any(isinstance(one, ScheduleTrigger) and one.repeat != "once" for one in triggers)


def _dated(plans: tuple[Plan, ...]) -> Iterator[str]:
    """Attributes whose date lets customers in."""
    triggers = (trigger for plan in plans for trigger in plan.journey.entry.triggers)
    yield from (trigger.attribute for trigger in triggers if isinstance(trigger, DateTrigger))


def _named_by(steps: list[Step]) -> Iterator[str]:
    """Attributes that steps look at, as a delay until a date does."""
    yield from (one.name for step in steps for one in step.references() if one.kind == "attribute")


def _values(conditions: list[Node], dates: list[str]) -> dict[str, tuple[Any, ...]]:
    """Of attributes: what conditions compare them with; days where one may be a date."""
    found: dict[str, list[Any]] = {name: [*DATES] for name in dates}
    for condition in conditions:
        for leaf in leaves(condition):
            if isinstance(leaf, Attribute):
                value = leaf.value
                given = value if isinstance(value, tuple) else () if isinstance(value, Ref | None) else (value,)
                found.setdefault(leaf.name, []).extend([*given, *_near(given)])
    return {name: tuple(values) for name, values in found.items()}


DATES = ("1990-03-05", "2000-02-29", "2026-02-10", "2027-01-01T09:00:00Z", "yesterday", "9999-12-31")
"""Such as dates of customers are: some long ago, one every four years, some to come, some that are none."""


def _near(values: tuple[Any, ...]) -> Iterator[Any]:
    """Values beside those that are compared with: on either side of a bound, or simply another."""
    for value in values:
        if isinstance(value, bool):
            yield not value
        elif isinstance(value, int | float):
            yield from (value - 1, value + 1)
        else:
            yield f"not {value}"


def _spans(node: Any) -> Iterator[timedelta]:
    if isinstance(node, timedelta):
        yield node
    elif isinstance(node, BaseModel):
        yield from (span for name in type(node).model_fields for span in _spans(getattr(node, name)))
    elif isinstance(node, tuple | list):
        yield from (span for member in node for span in _spans(member))
