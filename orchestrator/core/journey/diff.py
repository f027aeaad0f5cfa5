"""What changed between two files of one journey, in the words of the forms: steps, lines, the journey's own settings.

Positions and notes on the canvas are no difference, and neither is spelling: ``60m`` is ``1h``. Unfinished files can be
compared as well; what cannot be read of them is told as it is written.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter, ValidationError

from orchestrator.core.conditions.describe import describe, value_words
from orchestrator.core.conditions.model import Condition
from orchestrator.core.formatting import span
from orchestrator.core.journey.graph import Edge, Entry, ExitRule, GoalRule, Journey, Reentry
from orchestrator.core.journey.schema_errors import readable_step
from orchestrator.core.labels import schema_of
from orchestrator.core.steps import KINDS
from orchestrator.core.templating.request_secrets import HIDDEN, SEALED
from orchestrator.core.text import LOCALES, Named, Names, Text, joined, language_text, shortened, spelt_out, verbatim
from orchestrator.core.values import Duration, Ref

Change = Literal["added", "removed", "changed"]
MOST_LETTERS = 2_000
"""Of a value that is told; the rest of a longer one is left out."""
NOTHING = verbatim("—")
YES, NO = Text("yes"), Text("no")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One setting. ``field``: the place, dotted; a list's entry is known by its port or id, where it has one."""

    field: str
    label: Text
    before: Text
    after: Text

    def naming(self, names: Names) -> "FieldChange":
        """The same, with the workspace's things called by their names."""
        return replace(self, before=self.before.naming(names), after=self.after.naming(names))


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step; ``fields`` are those of a step that was changed."""

    change: Change
    title: Text
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class EdgeChange:
    """A line that is there no more, or was not there before."""

    source: str
    port: str
    target: str
    change: Change


@dataclass(frozen=True, slots=True)
class Difference:
    """All of it. Nothing at all, where both files mean the same."""

    steps: Mapping[str, StepChange]
    edges: tuple[EdgeChange, ...]
    journey: tuple[FieldChange, ...]

    def count(self, change: Change) -> int:
        """Steps that were added, removed or changed."""
        return sum(step.change == change for step in self.steps.values())

    def __bool__(self) -> bool:
        return bool(self.steps or self.edges or self.journey)


def difference(before: Any, after: Any) -> Difference:
    """What changed from one file to the other."""
    old, new = _steps(before), _steps(after)
    steps: dict[str, StepChange] = {}
    for name in dict.fromkeys([*new, *old]):
        if name not in old or name not in new:
            node = new.get(name) or old[name]
            steps[name] = StepChange("added" if name in new else "removed", _title(node))
        elif fields := _changes(_step_fields(old[name]), _step_fields(new[name])):
            steps[name] = StepChange("changed", _title(new[name]), fields)
    return Difference(steps, _edge_changes(before, after), _changes(_journey_fields(before), _journey_fields(after)))


Fields = dict[str, tuple[Text, Text]]
"""Label and value of each setting, by its place."""


def _changes(old: Fields, new: Fields) -> tuple[FieldChange, ...]:
    found = []
    for place in dict.fromkeys([*new, *old]):
        label = (new.get(place) or old[place])[0]
        values = [fields[place][1] if place in fields else NOTHING for fields in (old, new)]
        if values[0] != values[1]:
            found.append(FieldChange(place, label, _short(values[0]), _short(values[1])))
    return tuple(found)


def _short(text: Text) -> Text:
    return shortened(text, MOST_LETTERS)


def _members(document: Any, name: str) -> list[Any]:
    listed = document.get(name) if isinstance(document, Mapping) else None
    return list(listed) if isinstance(listed, list | tuple) else []


def _steps(document: Any) -> dict[str, Mapping[str, Any]]:
    nodes = [node for node in _members(document, "steps") if isinstance(node, Mapping)]
    return {node["id"]: _whole_step(node) for node in nodes if isinstance(node.get("id"), str)}


def _whole_step(node: Mapping[str, Any]) -> Mapping[str, Any]:
    step = readable_step(node)
    return node if step is None else step.model_dump(mode="json", by_alias=True)


def titles(document: Any) -> dict[str, Text]:
    """What the steps of a file are called, by id, however unfinished they are."""
    return {name: _title(node) for name, node in _steps(document).items()}


def _title(node: Mapping[str, Any]) -> Text:
    step = readable_step(node)
    if step is None:
        kind = KINDS.get(str(node.get("kind")))
        label = node.get("label")
        words = {str(k): str(v) for k, v in label.items()} if isinstance(label, Mapping) else {}
        summary = kind.TITLE if kind else verbatim(str(node["id"]))
    else:
        words, summary = step.label, step.summary()
    return verbatim(words, summary)


def _edge_changes(before: Any, after: Any) -> tuple[EdgeChange, ...]:
    old, new = dict.fromkeys(_edges(before)), dict.fromkeys(_edges(after))
    gone = [EdgeChange(*edge, "removed") for edge in old if edge not in new]
    return (*gone, *(EdgeChange(*edge, "added") for edge in new if edge not in old))


def _edges(document: Any) -> Iterator[tuple[str, str, str]]:
    for node in _members(document, "edges"):
        try:
            edge = Edge.model_validate(node)
        except ValidationError:
            continue
        yield edge.source, edge.port, edge.target


# --- every setting in words ------------------------------------------------------------------------------------------


def _step_fields(node: Mapping[str, Any]) -> Fields:
    kind = KINDS.get(str(node.get("kind")))
    schema = _schema(kind) if kind else {}
    fields: Fields = {"kind": (Text("Kind"), kind.TITLE if kind else _same(node.get("kind")))}
    for name in ("stage", "label", "settings"):
        path = () if name == "settings" else None
        property_schema = schema.get("properties", {}).get(name, {})
        fields |= _flat(node.get(name), property_schema, schema, name, path)
    return fields


_PARTS: dict[str, type[BaseModel]] = {"entry": Entry, "exits": ExitRule, "goals": GoalRule, "reentry": Reentry}
_OWN = ("name", "description", "entry", "exits", "goals", "reentry", "moves_stage", "variables")


def _journey_fields(document: Any) -> Fields:
    schema = _schema(Journey)
    fields: Fields = {}
    given: Mapping[str, Any] = document if isinstance(document, Mapping) else {}
    for name in _OWN:
        node = _whole_part(name, given.get(name))
        if name in ("name", "description") and isinstance(node, str):
            node = {"ko": node, "en": node}
        if name == "moves_stage" and node is None:
            node = False
        fields |= _flat(node, schema["properties"][name], schema, name, None)
    return fields


def _whole_part(name: str, node: Any) -> Any:
    model = _PARTS.get(name)
    if model is None:
        return node
    if name in ("exits", "goals"):
        return [_dumped(model, one) for one in node] if isinstance(node, list | tuple) else node
    return _dumped(model, {} if node is None else node)


def _dumped(model: type[BaseModel], node: Any) -> Any:
    try:
        return model.model_validate(node).model_dump(mode="json", by_alias=True)
    except ValidationError:
        return node


@cache
def _schema(model: type[BaseModel]) -> Mapping[str, Any]:
    return schema_of(model)


def _flat(node: Any, schema: Mapping[str, Any], root: Mapping[str, Any], place: str, above: Any) -> Fields:
    """Every setting below a node. ``above``: labels on the way, None for one that stands by itself."""
    schema = _resolved(schema, root)
    label = [*(above or ()), *([verbatim(schema["x-label"])] if "x-label" in schema and above != () else [])]
    if node is None or schema.get("x-editor") in _IN_ONE:
        return {place: (_joined(label, place), _words(node, schema))} if node is not None else {}
    mapping = schema.get("discriminator", {}).get("mapping")
    if mapping is not None and isinstance(node, Mapping):
        return _variant(node, schema, root, place, label)
    if isinstance(node, Mapping):
        return _object(node, schema, root, place, label)
    if isinstance(node, list | tuple) and any(isinstance(member, Mapping) for member in node):
        return _list(node, schema, root, place, label)
    return {place: (_joined(label, place), _words(node, schema))}


def _variant(
    node: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], place: str, label: list[Text]
) -> Fields:
    by = schema["discriminator"]["propertyName"]
    target = schema["discriminator"]["mapping"].get(str(node.get(by)))
    if target is None:
        return {place: (_joined(label, place), _same(node))}
    variant = _resolved({"$ref": target}, root)
    named = label or [verbatim(schema["x-label"]) if "x-label" in schema else Text("Kind")]
    chosen: Fields = {f"{place}.{by}": (_joined(named, place), verbatim(variant["x-label"]))}
    return {**chosen, **_object(node, variant, root, place, label)}


def _object(
    node: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any], place: str, label: list[Text]
) -> Fields:
    fields: Fields = {}
    known, further = schema.get("properties", {}), schema.get("additionalProperties")
    for name, value in node.items():
        below = known.get(name)
        if below is not None and "const" in below:
            continue
        if below is None:
            below = further if isinstance(further, Mapping) else {}
            fields |= _flat(value, below, root, f"{place}.{name}", [*label, _member(str(name))])
        else:
            fields |= _flat(value, below, root, f"{place}.{name}", label or None)
    return fields


def _member(name: str) -> Text:
    """What an entry by a free name is called: words by language, by the language."""
    return language_text(name) if name in LOCALES else verbatim(name)


def _list(
    node: list[Any] | tuple[Any, ...],
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    place: str,
    label: list[Text],
) -> Fields:
    item = verbatim(schema["x-item"]) if "x-item" in schema else (label[-1] if label else verbatim(""))
    fields: Fields = {}
    for n, member in enumerate(node):
        own = next((member[name] for name in ("port", "id") if isinstance(member, Mapping) and name in member), n + 1)
        words = Text("{item} {own}", item=item, own=_called(member, own))
        fields |= _flat(member, schema.get("items", {}), root, f"{place}.{own}", [*label[:-1], words])
    return fields


def _called(member: Any, own: object) -> Text:
    """An entry of a list by its name, else by its id in words, else by its number."""
    label = member.get("label") if isinstance(member, Mapping) else None
    words = {str(k): str(v) for k, v in label.items()} if isinstance(label, Mapping) else {}
    return verbatim(words, spelt_out(str(own)))


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in schema:
        found = root.get("$defs", {})[schema["$ref"].rpartition("/")[2]]
        return {**found, **{name: value for name, value in schema.items() if name != "$ref"}}
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        own = {name: value for name, value in schema.items() if name != "anyOf"}
        return {**_resolved(options[0], root), **own}
    return schema


def _joined(label: list[Text], place: str) -> Text:
    if not label:
        return verbatim(place)
    return joined(label, " › ")


# --- one value in words ----------------------------------------------------------------------------------------------

_CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
_DURATION: TypeAdapter[Any] = TypeAdapter(Duration)
_IN_ONE = frozenset({"condition", "duration", "value", "time"})
"""Editors of what is told in one phrase, however it is written."""


def _words(node: Any, schema: Mapping[str, Any]) -> Text:
    try:
        match schema.get("x-editor"):
            case "condition":
                return describe(_CONDITION.validate_python(node))
            case "duration":
                return span(_DURATION.validate_python(node))
            case "value" if isinstance(node, Mapping):
                return value_words(Ref.model_validate(node))
            case "time" if isinstance(node, str):
                return _same(node[:5])
    except ValidationError:
        return _same(node)
    if schema.get("x-editor") in _NAMED and isinstance(node, str) and node:
        return Named(_NAMED[schema["x-editor"]], node)
    options = schema.get("x-options", {})
    if isinstance(node, list | tuple):
        words = [_words(member, {"x-options": options}) for member in node]
        return joined(words) if words else NOTHING
    if isinstance(node, str) and node in options:
        return verbatim(options[node])
    return _same(node)


_NAMED = {"survey": "survey", "coupon_pool": "coupon_pool", "journey_key": "journey", "message_template": "template"}
"""Editors that pick one of the workspace's things, with their kinds."""

_HIDDEN = re.compile(SEALED + "[A-Za-z0-9_-]{0,20000}([A-Za-z0-9_-]{4})")
"""A hidden secret: its last letters tell it from another."""


def _same(node: Any) -> Text:
    if isinstance(node, bool):
        return YES if node else NO
    words = node if isinstance(node, str) else json.dumps(node, ensure_ascii=False, default=str)
    words = _HIDDEN.sub(lambda found: f"{HIDDEN} ({found[1]})", words)
    return verbatim(words) if words else NOTHING
