"""Names against what the workspace has seen: events, properties, attributes, template variables, journeys."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from orchestrator.core.channels.registry import CHANNELS
from orchestrator.core.conditions.model import Condition, leaves
from orchestrator.core.events.system_events import OWN_PROPERTIES, SYSTEM_EVENTS
from orchestrator.core.journey.chains import JourneyLinks
from orchestrator.core.journey.due_triggers import DateTrigger, ScheduleTrigger
from orchestrator.core.journey.graph import EventTrigger, Journey, SegmentTrigger
from orchestrator.core.journey.schema_errors import label_of
from orchestrator.core.journey.template_use import TemplateFacts
from orchestrator.core.problems import Problem
from orchestrator.core.steps import Step
from orchestrator.core.steps.message import Sending
from orchestrator.core.steps.references import Reference, SurveyReference, TemplateReference
from orchestrator.core.templating.engine import ROOTS, TemplateSyntaxProblem, variables
from orchestrator.core.text import Named, Names, Text, joined, spelt_out, verbatim
from orchestrator.core.traits.definition import is_computed
from orchestrator.core.values import Ref

CUSTOMER_FIELDS = frozenset(
    {"id", "external_id", "email", "phone", "locale", "time_zone", "stage", "tags", "first_name", "name"}
)
"""What a template may always say after ``customer.``; first_name and name may be unset."""


_SENDING = {name: frozenset(properties) for name, properties in OWN_PROPERTIES.items()}
"""What sending adds to customers' logs, known before it has happened for the first time."""

ABOUT_A_NAME = frozenset(
    {"unknown_event", "unknown_property", "unknown_attribute", "unknown_journey", "unknown_secret"}
)
"""Problems of a name, wherever it stands: said once, not once for each place."""


class Place(NamedTuple):
    """A condition in a journey's file."""

    step: str | None
    field: str
    """Dotted: within the step, or within the file."""
    name: Text
    """As the forms call it."""
    condition: Condition


PoolStanding = Literal["ready", "low", "empty", "over", "archived"]
"""How a coupon pool stands: with codes enough; with few; with none; past its last day; put away."""

SegmentStanding = Literal["ready", "building", "failed", "archived"]
"""How a segment stands: its members are known; they are being worked out for the first time; that failed; put away."""


@dataclass(frozen=True)
class Vocabulary:
    """What the workspace has: event names with their properties, attributes of customers, journeys, templates, pools,
    surveys."""

    events: Mapping[str, frozenset[str]] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    journeys: frozenset[str] = frozenset()
    templates: Mapping[str, TemplateFacts] = field(default_factory=dict)
    coupons: Mapping[str, PoolStanding] = field(default_factory=dict)
    """Coupon pools."""
    surveys: Mapping[str, frozenset[str]] | None = None
    """Answer groups by survey; None: not known, and not looked for."""
    secrets: frozenset[str] | None = None
    """Names of the secrets that requests can use; None: not known, and not looked for."""
    live: Mapping[str, JourneyLinks] = field(default_factory=dict)
    """What the journeys that customers enter pass on to one another, by key."""
    names: Names = field(default_factory=dict)
    """What journeys, surveys, pools, templates and segments are called."""
    segments: Mapping[str, SegmentStanding] | None = None
    """How each segment stands; None: not known, and not looked for."""


def check_names(journey: Journey, conditions: list[Place], vocabulary: Vocabulary | None) -> list[Problem]:
    """Unknown names. What can be told from the file alone is told without a vocabulary too."""
    known = None if vocabulary is None else _with_own_names(journey, vocabulary)
    found = [problem for step in journey.steps for problem in _templates(journey, step, known)]
    found += _undeclared(journey)
    found += [
        Problem("computed_attribute", step.id, {"name": name})
        for step in journey.steps
        for name in sorted(step.writes())
        if is_computed(name)
    ]
    if journey.entry.filter is None and any(isinstance(one, ScheduleTrigger) for one in journey.entry.triggers):
        found.append(Problem("schedule_for_everybody", None, {}, "entry.filter"))
    if known is None:
        return found
    found += _events(journey, known)
    for n, trigger in enumerate(journey.entry.triggers):
        if isinstance(trigger, SegmentTrigger):
            found += _segment(None, trigger.segment, known, f"entry.triggers.{n}.segment")
    for place in conditions:
        found += _condition_names(place, known)
    for node in journey.steps:
        found += _step_names(node, known)
    return found


def _undeclared(journey: Journey) -> Iterator[Problem]:
    """References to variables that the journey does not have."""
    declared = variables_of(journey)
    places = [(step.id, step) for step in journey.steps]
    for owner, place in [*places, *((None, rule) for rule in (*journey.exits, *journey.goals))]:
        for ref in _refs(place):
            root, _, path = ref.partition(".")
            if root == "var" and path.split(".")[0] not in declared:
                yield Problem("undeclared_variable", owner, {"name": path.split(".")[0]})


def variables_of(journey: Journey) -> frozenset[str]:
    """Names of the variables that a journey begins with, or that its steps fill."""
    return frozenset(journey.variables) | {name for step in journey.steps for name in step.sets()}


def _refs(root: Any) -> list[str]:
    """References below a part of the file."""
    found: list[str] = []
    ahead = [root]
    while ahead:
        node = ahead.pop()
        if isinstance(node, Ref):
            found.append(node.ref)
        elif isinstance(node, BaseModel):
            ahead += node.__dict__.values()
        elif isinstance(node, dict):
            ahead += node.values()
        elif isinstance(node, list | tuple):
            ahead += node
    return found


def _with_own_names(journey: Journey, vocabulary: Vocabulary) -> Vocabulary:
    """What the journey itself emits or sets counts as seen."""
    emitted = {name: said for step in journey.steps for name, said in step.emits().items() if said is not None}
    return replace(
        vocabulary,
        events={**dict.fromkeys(SYSTEM_EVENTS, frozenset()), **_SENDING, **vocabulary.events, **emitted},
        attributes=vocabulary.attributes | {name for step in journey.steps for name in step.writes()},
        journeys=vocabulary.journeys | {journey.key},
    )


def _events(journey: Journey, known: Vocabulary) -> Iterator[Problem]:
    named: dict[str, list[str | None]] = {
        "entry.triggers": [t.event if isinstance(t, EventTrigger) else None for t in journey.entry.triggers],
        "exits": [rule.event for rule in journey.exits],
        "goals": [goal.event for goal in journey.goals],
    }
    for n, trigger in enumerate(journey.entry.triggers):
        if (
            isinstance(trigger, DateTrigger)
            and not {trigger.attribute, trigger.attribute.split(".")[0]} & known.attributes
        ):
            yield Problem("unknown_attribute", None, {"name": trigger.attribute}, f"entry.triggers.{n}.attribute")
    for place, names in named.items():
        for n, name in enumerate(names):
            if name is not None and name not in known.events:
                yield Problem("unknown_event", None, {"name": name}, f"{place}.{n}.event")


def _condition_names(place: Place, known: Vocabulary) -> Iterator[Problem]:
    step, field = place.step, place.field
    for leaf in leaves(place.condition):
        properties: dict[str, set[str]] = {}
        for used in leaf.names():
            match used:
                case ("attribute", name, _) if not {name, name.split(".")[0]} & known.attributes:
                    yield Problem("unknown_attribute", step, {"name": name}, field)
                case ("event", name, _) if name not in known.events:
                    yield Problem("unknown_event", step, {"name": name}, field)
                case ("segment", key, _):
                    yield from _segment(step, key, known, field)
                case ("property", name, event) if event is not None and event in known.events:
                    properties.setdefault(event, set()).add(name)
        for event, names in properties.items():
            yield from _properties(step, event, names, known, field)


_SEGMENTS: dict[str | None, str] = {
    "ready": "",
    "building": "segment_building",
    "failed": "segment_failed",
    "archived": "segment_archived",
}


def _segment(step: str | None, key: str, known: Vocabulary, field: str) -> Iterator[Problem]:
    """A segment that is asked about is in use, and its members are known."""
    if known.segments is None:
        return
    if code := _SEGMENTS.get(known.segments.get(key), "unknown_segment"):
        yield Problem(code, step, {"name": Named("segment", key), "key": key}, field)


def _properties(step: str | None, event: str, names: set[str], known: Vocabulary, field: str) -> Iterator[Problem]:
    seen = known.events.get(event, frozenset())
    if event in SYSTEM_EVENTS or not seen:
        return
    for name in sorted(names):
        if name not in seen and name.split(".")[0] not in seen:
            yield Problem("unknown_property", step, {"event": event, "name": name}, field)


def _step_names(step: Step, known: Vocabulary) -> Iterator[Problem]:
    for named in step.references():
        match named:
            case TemplateReference():
                yield from _template_used(step, named, known)
            case SurveyReference():
                yield from _survey(step, named, known)
            case Reference(kind="property"):
                yield from _properties(step.id, named.of, {named.name}, known, named.field)
            case Reference(kind="coupon_pool"):
                if code := _COUPONS.get(known.coupons.get(named.name), "unknown_coupons"):
                    told = {"name": Named("coupon_pool", named.name), "key": named.name}
                    yield Problem(code, step.id, told, named.field)
            case Reference(kind="secret") if known.secrets is not None and named.name not in known.secrets:
                yield Problem("unknown_secret", step.id, {"name": named.name}, named.field)
            case Reference(kind="event") if named.name not in known.events:
                yield Problem("unknown_event", step.id, {"name": named.name}, named.field)
            case Reference(kind="attribute") if named.name not in known.attributes:
                yield Problem("unknown_attribute", step.id, {"name": named.name}, named.field)
            case Reference(kind="journey") if named.name not in known.journeys:
                yield Problem("unknown_journey", step.id, {"name": named.name}, named.field)


def _template_used(step: Step, named: TemplateReference, known: Vocabulary) -> Iterator[Problem]:
    """A template that a step names is in use, and speaks on every channel of the step."""
    facts = known.templates.get(named.name)
    about = {"name": Named("template", named.name), "key": named.name}
    if facts is None:
        yield Problem("unknown_message_template", step.id, about, named.field)
    elif facts.archived:
        yield Problem("template_archived", step.id, about, named.field)
    elif not facts.live:
        yield Problem("template_not_in_use", step.id, about, named.field)
    else:
        for place, channel in named.channels.items():
            if channel not in facts.channels:
                told = {**about, "channel": CHANNELS[channel].title}
                yield Problem("template_lacks_channel", step.id, told, place)
        if facts.message_class == "advertising" and named.message_class != "advertising":
            yield Problem("template_is_advertising", step.id, about, "settings.class")


_COUPONS: dict[str | None, str] = {
    "ready": "",
    "low": "coupons_low",
    "empty": "coupons_gone",
    "over": "coupons_over",
    "archived": "coupons_archived",
}


def _survey(step: Step, named: SurveyReference, known: Vocabulary) -> Iterator[Problem]:
    """The survey is there, and each of its answer groups has a way, and no other has."""
    if known.surveys is None:
        return
    if named.name not in known.surveys:
        yield Problem("unknown_survey", step.id, {"name": named.name}, named.field)
    elif named.groups != known.surveys[named.name]:
        groups = joined(spelt_out(group) for group in sorted(known.surveys[named.name]))
        told = {"name": Named("survey", named.name), "key": named.name, "groups": groups}
        yield Problem("survey_groups_differ", step.id, told, "settings.groups")


_PARTS = {
    "subject": Text("Subject"),
    "body": Text("Text", context="body"),
    "preheader": Text("Preview line"),
}
"""What the form calls them; by test."""


def _templates(journey: Journey, step: Step, known: Vocabulary | None) -> Iterator[Problem]:
    if not isinstance(step, Sending):
        yield from _own_templates(journey, step, known)
        return
    for locale, content in step.settings.content.items():
        for part in _PARTS:
            source = getattr(content, part)
            if "{" not in source:
                continue
            try:
                paths = variables(source)
            except TemplateSyntaxProblem as fault:
                where = {"part": _PARTS[part], "locale": locale, "line": fault.line, "message": fault.text}
                yield Problem("template_syntax", step.id, where, f"settings.content.{locale}.{part}")
                continue
            for path in sorted(paths):
                for problem in _template_variable(journey, step, _PARTS[part], path, known):
                    yield replace(problem, field=f"settings.content.{locale}.{part}")


def _own_templates(journey: Journey, step: Step, known: Vocabulary | None) -> Iterator[Problem]:
    """The templates of kinds that are no message."""
    for place, source in step.templates():
        if "{" not in source:
            continue
        label = label_of(("steps", 0, step.kind, *place.split("."))) or verbatim(place)
        try:
            paths = variables(source)
        except TemplateSyntaxProblem as fault:
            told = {"field": place, "label": label, "message": fault.text}
            yield Problem("invalid_value", step.id, told, place)
            continue
        for path in sorted(path for path in paths if not path.startswith("secret.")):  # by ``references``
            for problem in _template_variable(journey, step, label, path, known):
                yield replace(problem, field=place)


def _template_variable(
    journey: Journey, step: Step, part: Text, path: str, known: Vocabulary | None
) -> Iterator[Problem]:
    root, _, rest = path.partition(".")
    name = rest.split(".")[0]
    if root == "var" and name and name not in variables_of(journey):
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
    names = [trigger.event for trigger in journey.entry.triggers]
    seen: list[Any] = [known.events.get(event) for event in names]
    if all(seen) and not any(name in properties for properties in seen):
        yield Problem("unknown_property", step.id, {"event": names[0], "name": name})
