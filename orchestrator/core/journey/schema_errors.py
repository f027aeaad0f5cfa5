"""What is wrong with the shape of a journey file, before its meaning can be looked at: fields and values, by name."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from orchestrator.core.journey.graph import JOURNEY_KEY, MOST_EDGES, MOST_RULES, MOST_STEPS, Journey
from orchestrator.core.labels import schema_of
from orchestrator.core.problems import Problem
from orchestrator.core.steps import KINDS, AnyStep, Step
from orchestrator.core.steps.contract import STEP_ID
from orchestrator.core.templating.request_secrets import NAME_PATTERN
from orchestrator.core.text import Text, joined, verbatim

MOST_LEVELS = 100
"""How deep a file may be nested: far more than anybody can follow, far less than a reader's stack holds."""
MOST_VALUES = 300_000
"""Of a file: 2,000 steps with messages in five languages take half of them."""
MOST_LETTERS = 100_000
"""Of any text or name in a file: twice what a template may have."""

_INSTANT = Text("a date and time with its time zone, such as 2026-03-01 10:00+09:00, is expected")
SHAPES: dict[str, Text] = {
    "string_type": Text("text is expected"),
    "string_too_short": Text("it must not be empty"),
    "string_too_long": Text("at most {max_length} characters"),
    "int_type": Text("a whole number is expected"),
    "int_parsing": Text("a whole number is expected"),
    "int_from_float": Text("a whole number is expected"),
    "float_type": Text("a number is expected"),
    "bool_type": Text("true or false is expected"),
    "bool_parsing": Text("true or false is expected"),
    "dict_type": Text("an object is expected"),
    "model_type": Text("an object is expected"),
    "model_attributes_type": Text("an object is expected"),
    "tuple_type": Text("a list is expected"),
    "too_long": Text("at most {max_length}"),
    "finite_number": Text("a number is expected"),
    "too_short": Text("at least {min_length} is needed"),
    "literal_error": Text("choose one of those offered"),
    "greater_than_equal": Text("it must be at least {ge}"),
    "greater_than": Text("it must be more than {gt}"),
    "less_than_equal": Text("it must be at most {le}"),
    "time_delta_type": Text("a duration such as 7d or 1h30m is expected"),
    "time_delta_parsing": Text("a duration such as 7d or 1h30m is expected"),
    "time_type": Text("a time of day such as 10:00 is expected"),
    "time_parsing": Text("a time of day such as 10:00 is expected"),
    "date_type": Text("a date such as 2026-03-01 is expected"),
    "date_from_datetime_parsing": Text("a date such as 2026-03-01 is expected"),
    "date_from_datetime_inexact": Text("a date such as 2026-03-01 is expected"),
    "date_parsing": Text("a date such as 2026-03-01 is expected"),
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "datetime_object_invalid": _INSTANT,
    "timezone_aware": _INSTANT,
    "duration_too_long": Text("a duration such as 7d or 1h30m is expected, of at most {most} characters"),
    "duration_of_the_calendar": Text("months and years vary in length: write days, such as 30d or 365d"),
    "duration_unit_twice": Text("“{unit}” is written twice: add the two up"),
    "time_of_day": Text("a time of day such as 10:00 is expected, without a zone: it is the customer's own"),
    "recurrence_rule": Text("a rule of days is expected, such as FREQ=WEEKLY;BYDAY=MO,TH"),
    "trait_taken": Text("“{key}” is computed for everybody already: choose another key"),
    "trait_of_traits": Text("“{event}” tells of computed traits: count another event"),
    "trait_property": Text("every measure but “count” needs a property, and “count” has none"),
    "trait_where": Text("the filter may look at properties of the event only"),
    "trait_twice": Text("each trait needs a key of its own"),
    "condition_too_long": Text("at most {most} conditions in all"),
    "union_tag_not_found": Text("choose one of those offered"),
    "union_tag_invalid": Text("choose one of those offered"),
}
"""Pydantic's kinds of fault in the product's words."""
FORMS: dict[str, Text] = {
    STEP_ID: Text("use lower-case letters, digits, - and _, at most 64"),
    JOURNEY_KEY: Text("use lower-case letters, digits and hyphens, starting with a letter"),
    NAME_PATTERN: Text("use lower-case letters, digits and _, starting with a letter"),
    r"^[A-Z]{3}$": Text("use three capital letters, such as KRW"),
    r"^#[0-9A-Fa-f]{6}$": Text("use a colour such as #1A73E8"),
}
"""What a field takes, by its regular expression, which is for programs."""
_FORM = Text("this does not have the form that is needed here")
_OTHER = Text("this value cannot be used here")
"""Of any other kind: pydantic's own sentences are for programmers."""


def exceeds_limits(document: object) -> Problem | None:
    """What makes a file too large to be looked at, and where; found without recursion, for it may be meant to harm."""
    listed = document if isinstance(document, Mapping) else {}
    for name, most in (("steps", MOST_STEPS), ("edges", MOST_EDGES), ("exits", MOST_RULES), ("goals", MOST_RULES)):
        members = listed.get(name)
        if isinstance(members, list | tuple) and len(members) > most:
            return _too_large(name, Text("{count:,}, and at most {most:,}", count=len(members), most=most))
    level: list[Any] = [document]
    seen = 0
    for _ in range(MOST_LEVELS):
        seen += len(level)
        if seen > MOST_VALUES:
            return _too_large("journey", Text("more than {most_values:,} values", most_values=MOST_VALUES))
        if any(len(value) > MOST_LETTERS for value in level if isinstance(value, str)):
            words = Text("at most {most_letters:,} characters", most_letters=MOST_LETTERS)
            return _too_large(
                _where(document, lambda value: isinstance(value, str) and len(value) > MOST_LETTERS), words
            )
        level = _below(level)
        if not level:
            return None
    levels = Text("more than {most_levels} levels deep", most_levels=MOST_LEVELS)
    return _too_large(_where(document, lambda value: False), levels)


def _below(level: list[Any]) -> list[Any]:
    """All that stands in the values of a level, names included."""
    below: list[Any] = []
    for value in level:
        if isinstance(value, dict):
            below += value
            below += value.values()
        elif isinstance(value, list | tuple):
            below += value
    return below


def _where(document: Any, wanted: Callable[[Any], bool]) -> str:
    """The way to the first value of a kind, or to the deepest there is; each step of it knows only the one before."""
    level: list[tuple[Any, Any]] = [(document, None)]
    for _ in range(MOST_LEVELS):
        found = next((way for value, way in level if wanted(value)), None)
        if found is not None:
            return _place(found)
        level = [part for value, way in level for part in _parts(value, way)]
    return _place(level[0][1]) if level else "journey"


def _parts(value: Any, way: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        yield from ((name, (way, name)) for name in value)
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    yield from ((member, (way, name)) for name, member in members)


def _place(way: Any) -> str:
    names: list[str] = []
    while way is not None:
        way, name = way
        names.append(str(name)[:40])
    return ".".join(reversed(names))[:200] or "journey"


def _too_large(place: str, words: Text) -> Problem:
    return Problem("invalid_value", None, {"field": place, "label": verbatim(place), "message": words}, place)


_STEP: TypeAdapter[Step] = TypeAdapter(AnyStep)


def readable_step(document: object) -> Step | None:
    """One step by itself; None where something in it is wrong."""
    try:
        return _STEP.validate_python(document)
    except ValidationError:
        return None


def problems_of_shape(document: object, error: ValidationError) -> tuple[Problem, ...]:
    """What pydantic found, as problems of the steps concerned; one for each field."""
    found: dict[tuple[str | None, str], Problem] = {}
    faults = error.errors(include_url=False)
    inner = {fault["loc"][:n] for fault in faults for n in range(len(fault["loc"]))}
    for fault in faults:
        if fault["type"] == "too_short" and fault["loc"] in inner:
            continue  # pydantic counts the sound members only, and of the others it has told
        problem = _problem(document, fault)
        found.setdefault((problem.step, problem.parameters.get("field", problem.code)), problem)
    return tuple(found.values())


def _problem(document: object, fault: Mapping[str, Any]) -> Problem:
    place, kind = fault["loc"], fault["type"]
    step, node = _step(document, place)
    if kind == "union_tag_invalid" and len(place) == 2 and isinstance(node, Mapping):
        kinds = ", ".join(KINDS)
        return Problem("unknown_kind", step, {"kind": str(node.get("kind"))[:100], "kinds": kinds}, "kind")
    field = _field(document, place, kind)
    own = field if step is None else field.split(".", 2)[-1]
    code, parameters = worded(fault, field, label_of(place))
    return Problem(code, step, parameters, own)


def worded(fault: Mapping[str, Any], field: str, label: Text | None) -> tuple[str, dict[str, Any]]:
    """The problem's code and parameters for one of pydantic's faults at a field, which forms call ``label``."""
    kind = fault["type"]
    if kind == "extra_forbidden":
        return "unknown_field", {"field": field}
    about = {"field": field, "label": label or verbatim(field)}
    if kind == "missing":
        return "missing_field", about
    if _is_empty(fault):
        return "empty_value", about
    return "invalid_value", {**about, "message": sentence_of(fault)}


def sentence_of(fault: Mapping[str, Any]) -> Text:
    """One of pydantic's faults in the product's words: no expression, no sentence of a programmer's."""
    context = {name: str(value).replace("'", "") for name, value in fault.get("ctx", {}).items()}
    if fault["type"] == "string_pattern_mismatch":
        return FORMS.get(context.get("pattern", ""), _FORM)
    return SHAPES.get(fault["type"], _OTHER).format(**context)


def _is_empty(fault: Mapping[str, Any]) -> bool:
    """Whether something was simply not filled in yet: nothing is wrong with it, it is only not there."""
    return fault["type"] in ("string_too_short", "too_short") and not fault["input"]


def _step(document: object, place: tuple[Any, ...]) -> tuple[str | None, object]:
    """The step that a place lies in: its id, where it has one, and what stands there."""
    if len(place) < 2 or place[0] != "steps" or not isinstance(place[1], int) or not isinstance(document, Mapping):
        return None, None
    node = document["steps"][place[1]]
    known = isinstance(node, Mapping) and node.get("id") is not None
    return (str(node["id"])[:100] if known else None), node


def _field(document: object, place: tuple[Any, ...], kind: str) -> str:
    """The place as a person would point at it: without the names that pydantic adds for a union's members."""
    path, node = [], document
    for n, part in enumerate(place):
        tagged = isinstance(node, Mapping) and part in (node.get("kind"), node.get("mode")) and n + 1 < len(place)
        if not tagged and _holds(node, part):
            node = node[part]  # type: ignore[index]
            path.append(str(part))
    if kind == "missing":
        path.append(str(place[-1]))
    return ".".join(path) or "journey"


def label_of(place: tuple[Any, ...], whole: Mapping[str, Any] | None = None) -> Text | None:
    """What forms call a place in the file, such as “Events 2 › Event”; None where they have no words for it.

    ``whole``: the schema of the file (``core.labels.schema_of``), a journey's unless it is given.
    """
    words = labels_along(place, whole)
    return joined(words, " › ") if words else None


def labels_along(place: tuple[Any, ...], whole: Mapping[str, Any] | None = None) -> list[Text]:
    """The same as a list: the labels on the way to a place."""
    whole = _schema() if whole is None else whole
    node: Mapping[str, Any] = whole
    words: list[Text] = []
    for part in place:
        node = _resolved(node, whole)
        if isinstance(part, int):
            if words and "items" in node:
                words[-1] = _numbered(node, words[-1], part)
            node = node.get("items", {})
        elif part in node.get("properties", {}):
            node = node["properties"][part]
            if "x-label" in node:
                words.append(verbatim(node["x-label"]))
        else:
            node = _variant(node, str(part), whole)
    return words[1:] if place and place[0] == "steps" else words


@cache
def _schema() -> Mapping[str, Any]:
    return schema_of(Journey)


def _resolved(node: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in node:
        return {**whole["$defs"][node["$ref"].rpartition("/")[2]], **node}
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    return {**_resolved(options[0], whole), **node} if len(options) == 1 else node


def _variant(node: Mapping[str, Any], part: str, whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where pydantic's place goes on into a variant of a union, or into an entry of an open object."""
    mapping = node.get("discriminator", {}).get("mapping", {})
    if part in mapping:
        return _resolved({"$ref": mapping[part]}, whole)
    further = node.get("additionalProperties")
    return further if isinstance(further, Mapping) else node


def _numbered(node: Mapping[str, Any], label: Text, n: int) -> Text:
    item = verbatim(node["x-item"]) if "x-item" in node else label
    return Text("{item} {n}", item=item, n=n + 1)


def _holds(node: object, part: object) -> bool:
    if isinstance(node, Mapping):
        return part in node
    return isinstance(node, list | tuple) and isinstance(part, int) and part < len(node)
