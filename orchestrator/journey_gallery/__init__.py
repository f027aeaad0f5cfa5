"""Journeys to begin with: complete, in Korean and English, opened as a draft and changed from there.

Each is a journey file beside this one; ``ORDER`` is the order in which people meet them.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from orchestrator.core.conditions.model import leaves
from orchestrator.core.events.system_events import SYSTEM_EVENTS
from orchestrator.core.journey.checks import conditions_of
from orchestrator.core.journey.graph import EventTrigger, Journey
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.steps.message import Sending
from orchestrator.core.text import SOURCE, Text, verbatim
from orchestrator.core.values import STAGES
from orchestrator.files.yaml_text import load_yaml

FOLDER = Path(__file__).parent
ORDER = (
    "lifecycle",
    "welcome",
    "first-purchase",
    "cart-recovery",
    "post-purchase",
    "repurchase",
    "birthday",
    "vip",
    "win-back",
    "satisfaction-survey",
    "consent-renewal",
)


@dataclass(frozen=True)
class Template:
    """One journey to begin with. ``events``: those that it needs the shop to send."""

    id: str
    document: dict[str, Any]
    plan: Plan
    name: Text
    description: Text
    stages: tuple[str, ...]
    channels: tuple[str, ...]
    steps: int
    events: tuple[str, ...]

    def copy(self) -> dict[str, Any]:
        """The document, for whoever means to change it."""
        return deepcopy(self.document)


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """All of them, in order."""
    return tuple(_load(name) for name in ORDER)


def find_template(identity: str) -> Template | None:
    """The one of this id."""
    return next((one for one in templates() if one.id == identity), None)


def _load(name: str) -> Template:
    document = load_yaml((FOLDER / f"{name}.yaml").read_bytes())
    result = compile_journey(document)
    if result.plan is None:
        raise ValueError(f"the template {name} has errors: {[problem.text.to(SOURCE) for problem in result.errors]}")
    journey = result.plan.journey
    return Template(
        name,
        document,
        result.plan,
        verbatim(journey.name),
        verbatim(journey.description),
        tuple(stage for stage in STAGES if any(step.stage == stage for step in journey.steps)),
        tuple(dict.fromkeys(_channels(journey))),
        len(journey.steps),
        tuple(dict.fromkeys(_events(journey))),
    )


def _channels(journey: Journey) -> Iterator[str]:
    messages = [step.settings for step in journey.steps if isinstance(step, Sending)]
    yield from (settings.channel for settings in messages)
    yield from (channel for settings in messages for channel in settings.fallback)


def _events(journey: Journey) -> Iterator[str]:
    """Names of the events that it asks for, those left out that it brings about itself."""
    own = SYSTEM_EVENTS | {name for step in journey.steps for name in step.emits()}
    named = [trigger.event for trigger in journey.entry.triggers if isinstance(trigger, EventTrigger)]
    for step in journey.steps:
        named += [awaited.event for awaited in step.awaits()]
    named += [goal.event for goal in journey.goals]
    named += [rule.event for rule in journey.exits if rule.event is not None]
    named += [
        used.name
        for place in conditions_of(journey)
        for leaf in leaves(place.condition)
        for used in leaf.names()
        if used.kind == "event"
    ]
    yield from (name for name in named if name not in own)
