"""Names against what the workspace has seen: events, properties, attributes, template variables, journeys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from orchestrator.core.conditions import Attribute, Condition, History, Property, Ref, leaves
from orchestrator.core.events import JOURNEY_REQUESTED, SYSTEM_EVENTS
from orchestrator.core.graph import EventTrigger, Journey
from orchestrator.core.problems import Problem
from orchestrator.core.steps import Step
from orchestrator.core.steps.delay import Delay, ForOwnInterval, UntilAttribute
from orchestrator.core.steps.emit_event import EmitEvent
from orchestrator.core.steps.message import Message
from orchestrator.core.steps.start_journey import StartJourney
from orchestrator.core.steps.update_customer import UpdateCustomer
from orchestrator.core.steps.wait_for_event import WaitForEvent
from orchestrator.core.templates import ROOTS, TemplateSyntaxProblem, variables

CUSTOMER_FIELDS = frozenset(
    {"id", "external_id", "email", "phone", "locale", "time_zone", "stage", "tags", "first_name", "name"}
)
"""What a template may always say after ``customer.``; first_name and name may be unset."""

Places = list[tuple[str | None, str, Condition]]


@dataclass(frozen=True)
class Vocabulary:
    """What the workspace has seen: event names with their properties, attributes of customers, journeys."""

    events: Mapping[str, frozenset[str]] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    journeys: frozenset[str] = frozenset()


def check_names(journey: Journey, conditions: Places, vocabulary: Vocabulary | None) -> list[Problem]:
    """Unknown names. What can be told from the file alone is told without a vocabulary too."""
    known = None if vocabulary is None else _with_own_names(journey, vocabulary)
    found = [problem for step in journey.steps for problem in _templates(journey, step, known)]
    found += _undeclared(journey)
    if known is None:
        return found
    found += _events(journey, known)
    for step, _, condition in conditions:
        found += _condition_names(step, condition, known)
    for node in journey.steps:
        found += _step_names(node, known)
    return found


def _undeclared(journey: Journey) -> Iterator[Problem]:
    """References to variables that the journey does not have."""
    places = [(step.id, step) for step in journey.steps]
    for owner, place in [*places, *((None, rule) for rule in (*journey.exits, *journey.goals))]:
        for ref in _refs(place):
            root, _, path = ref.partition(".")
            if root == "var" and path.split(".")[0] not in journey.variables:
                yield Problem("undeclared_variable", owner, {"name": path.split(".")[0]})


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, Ref):
        yield node.ref
    elif isinstance(node, BaseModel):
        yield from _refs(list(node.__dict__.values()))
    elif isinstance(node, dict):
        yield from _refs(list(node.values()))
    elif isinstance(node, list | tuple):
        for part in node:
            yield from _refs(part)


def _with_own_names(journey: Journey, vocabulary: Vocabulary) -> Vocabulary:
    """What the journey itself emits or sets counts as seen."""
    emitted = {s.settings.event: frozenset(s.settings.properties) for s in journey.steps if isinstance(s, EmitEvent)}
    changes = [change for s in journey.steps if isinstance(s, UpdateCustomer) for change in s.settings.changes]
    return Vocabulary(
        {**dict.fromkeys(SYSTEM_EVENTS, frozenset()), **vocabulary.events, **emitted},
        vocabulary.attributes | {change.name for change in changes},
        vocabulary.journeys | {journey.key},
    )


def _events(journey: Journey, known: Vocabulary) -> Iterator[Problem]:
    triggers = [t.event for t in journey.entry.triggers if isinstance(t, EventTrigger)]
    rules = [rule.event for rule in journey.exits if rule.event is not None] + [goal.event for goal in journey.goals]
    for name in dict.fromkeys([*triggers, *rules]):
        if name not in known.events:
            yield Problem("unknown_event", None, {"name": name})


def _condition_names(step: str | None, condition: Condition, known: Vocabulary) -> Iterator[Problem]:
    for leaf in leaves(condition):
        match leaf:
            case Attribute(name=name) if not {name, name.split(".")[0]} & known.attributes:
                yield Problem("unknown_attribute", step, {"name": name})
            case History(event=event) if event not in known.events:
                yield Problem("unknown_event", step, {"name": event})
            case History(event=event, where=where) if where is not None:
                names = {leaf.name for leaf in leaves(where) if isinstance(leaf, Property)}
                yield from _properties(step, event, names, known)


def _properties(step: str | None, event: str, names: set[str], known: Vocabulary) -> Iterator[Problem]:
    seen = known.events.get(event, frozenset())
    if event in SYSTEM_EVENTS or not seen:
        return
    for name in sorted(names):
        if name not in seen and name.split(".")[0] not in seen:
            yield Problem("unknown_property", step, {"event": event, "name": name})


def _step_names(step: Step, known: Vocabulary) -> Iterator[Problem]:
    match step:
        case WaitForEvent():
            for branch in step.settings.branches:
                if branch.event not in known.events:
                    yield Problem("unknown_event", step.id, {"name": branch.event})
                elif branch.where is not None:
                    names = {leaf.name for leaf in leaves(branch.where) if isinstance(leaf, Property)}
                    yield from _properties(step.id, branch.event, names, known)
        case Delay(settings=UntilAttribute(attribute=name)) if name not in known.attributes:
            yield Problem("unknown_attribute", step.id, {"name": name})
        case Delay(settings=ForOwnInterval(event=event)) if event not in known.events:
            yield Problem("unknown_event", step.id, {"name": event})
        case StartJourney() if step.settings.journey not in known.journeys:
            yield Problem("unknown_journey", step.id, {"name": step.settings.journey})


def _templates(journey: Journey, step: Step, known: Vocabulary | None) -> Iterator[Problem]:
    if not isinstance(step, Message):
        return
    for locale, content in step.settings.content.items():
        for part in ("subject", "body", "preheader"):
            try:
                paths = variables(getattr(content, part))
            except TemplateSyntaxProblem as fault:
                where = {"part": part, "locale": locale, "line": fault.line, "message": fault.message}
                yield Problem("template_syntax", step.id, where)
                continue
            for path in sorted(paths):
                yield from _template_variable(journey, step, part, path, known)


def _template_variable(
    journey: Journey, step: Step, part: str, path: str, known: Vocabulary | None
) -> Iterator[Problem]:
    root, _, rest = path.partition(".")
    name = rest.split(".")[0]
    if root == "var" and name and name not in journey.variables:
        yield Problem("undeclared_variable", step.id, {"name": name})
    elif root not in ROOTS:
        yield Problem("unknown_variable", step.id, {"name": path, "part": part})
    elif known is not None and root == "customer" and name:
        if name not in CUSTOMER_FIELDS and name not in known.attributes:
            yield Problem("unknown_attribute", step.id, {"name": name})
    elif known is not None and root == "entry" and name:
        yield from _entry_property(journey, step, name, known)


def _entry_property(journey: Journey, step: Step, name: str, known: Vocabulary) -> Iterator[Problem]:
    """Known when any trigger's event has been seen with it, or when a trigger's properties cannot be known."""
    names = [t.event if isinstance(t, EventTrigger) else JOURNEY_REQUESTED for t in journey.entry.triggers]
    seen: list[Any] = [known.events.get(event) for event in names]
    if all(seen) and not any(name in properties for properties in seen):
        yield Problem("unknown_property", step.id, {"event": names[0], "name": name})
