"""What a form must know of every kind of step, and of a journey as a whole: all of it taken from the models."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from orchestrator.core.channels.registry import PURPOSE_TEXT
from orchestrator.core.conditions.leaves import LEAVES
from orchestrator.core.conditions.measures import MEASURE_TEXT, OF_A_PROPERTY
from orchestrator.core.conditions.model import GROUPS
from orchestrator.core.conditions.operators import OPERATOR_TEXT
from orchestrator.core.journey.graph import Journey
from orchestrator.core.journey.schema_errors import readable_step
from orchestrator.core.labels import schema_of
from orchestrator.core.steps import KINDS, Step
from orchestrator.core.steps.contract import Port
from orchestrator.core.text import Frozen, Text
from orchestrator.core.values import STAGE_TEXT

FAMILY_TEXT: dict[str, Text] = {
    "action": Text("Action"),
    "wait": Text("Wait"),
    "decision": Text("Split"),
    "measure": Text("Measure", context="family"),
    "end": Text("End"),
}
SOURCE_TEXT: dict[str, Text] = {
    "entry": Text("Entry event"),
    "event": Text("This event"),
    "var": Text("Journey variable"),
}
_NUMBERS = ("gt", "gte", "lt", "lte")
_LISTS = ("in", "not_in")
_NO_OPERAND = ("exists", "missing")
_FORMS = {
    "entry": ("entry",),
    "exit": ("exits",),
    "goal": ("goals",),
    "reentry": ("reentry",),
    "settings": ("name", "description", "moves_stage", "variables"),
}


@cache
def step_types() -> tuple[dict[str, Any], ...]:
    """Every kind, in palette order."""
    return tuple(_step_type(name, kind) for name, kind in KINDS.items())


@cache
def journey_forms() -> dict[str, Any]:
    """The forms of a journey's own settings: JSON Schema of the entry, of one exit rule, of one goal and so on."""
    whole = schema_of(Journey)
    forms: dict[str, Any] = {}
    for name, fields in _FORMS.items():
        properties = {field: whole["properties"][field] for field in fields}
        if len(fields) > 1:
            required = [field for field in fields if field in whole["required"]]
            node: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
        else:
            node = properties[fields[0]]
        forms[name] = {"schema": self_contained_schema(node.get("items", node), whole["$defs"])}
        if "x-new" in node:
            forms[name]["defaults"] = node["x-new"]
    return forms


@cache
def condition_words() -> dict[str, Any]:
    """What a condition editor must know: leaves with their fields, groups, operators, measures, sources of values."""
    return {
        "groups": [{key: node[key] for key in ("kind", "title")} for node in map(_node, GROUPS)],
        "leaves": [{**_node(leaf), "scope": leaf.SCOPE} for leaf in LEAVES],
        "operators": {
            op: {"label": text.by_locale(), "operand": _operand(op), "numbers": op in _NUMBERS}
            for op, text in OPERATOR_TEXT.items()
        },
        "measures": {
            name: {"label": text.by_locale(), "property": name in OF_A_PROPERTY} for name, text in MEASURE_TEXT.items()
        },
        "sources": {name: text.by_locale() for name, text in SOURCE_TEXT.items()},
        "stages": {name: text.by_locale() for name, text in STAGE_TEXT.items()},
        "purposes": {name: text.by_locale() for name, text in PURPOSE_TEXT.items()},
    }


def ports_as_json(ports: tuple[Port, ...]) -> list[dict[str, Any]]:
    """Ports as the API tells them."""
    return [{"name": port.name, "label": port.label.by_locale(), "required": port.required} for port in ports]


def fields_of(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field below a schema, dotted, through references and variants; each definition once."""
    yield from _fields(schema, schema.get("$defs", {}), "", set())


def _step_type(name: str, kind: type[Step]) -> dict[str, Any]:
    step = readable_step({"id": "new", "kind": name, "settings": dict(kind.DEFAULTS)})
    whole = schema_of(kind)
    return {
        "kind": name,
        "title": kind.TITLE.by_locale(),
        "meaning": kind.MEANING.by_locale(),
        "help": kind.HELP.by_locale(),
        "family": kind.FAMILY,
        "family_title": FAMILY_TEXT[kind.FAMILY].by_locale(),
        "icon": kind.ICON,
        "schema": self_contained_schema(whole["properties"]["settings"], whole["$defs"]),
        "defaults": dict(kind.DEFAULTS),
        "ports": ports_as_json(step.ports() if step else kind.rough_ports(kind.DEFAULTS)),
        "summary": (step.summary() if step else kind.TITLE).by_locale(),
    }


def _node(model: type[Frozen]) -> dict[str, Any]:
    whole = schema_of(model)
    node = whole if "properties" in whole else whole["$defs"][model.__name__]
    schema = self_contained_schema(node, whole.get("$defs", {}))
    return {"kind": model.model_fields["kind"].default, "title": schema["x-label"], "schema": schema}


def _operand(op: str) -> str:
    return "none" if op in _NO_OPERAND else "many" if op in _LISTS else "one"


def self_contained_schema(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a schema that a node is, with the definitions that it needs and no others."""
    own = dict(node)
    own.pop("$defs", None)
    target = own.pop("$ref", None)
    if target is not None:
        own = {**definitions[_name(target)], **own}
    needed: dict[str, Any] = {}
    ahead = [own]
    while ahead:
        for name in _references(ahead.pop()):
            if name not in needed:
                needed[name] = definitions[name]
                ahead.append(definitions[name])
    return {**own, "$defs": needed} if needed else own


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("$ref"), str):
            yield _name(node["$ref"])
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _fields(
    node: Any, definitions: Mapping[str, Any], path: str, seen: set[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not isinstance(node, Mapping):
        return
    if isinstance(node.get("$ref"), str) and _name(node["$ref"]) not in seen:
        seen.add(_name(node["$ref"]))
        yield from _fields(definitions[_name(node["$ref"])], definitions, path, seen)
    for name, field in node.get("properties", {}).items():
        if "const" not in field:
            yield f"{path}.{name}".lstrip("."), field
            yield from _fields(field, definitions, f"{path}.{name}", seen)
    for key in ("items", "additionalProperties"):
        yield from _fields(node.get(key), definitions, path, seen)
    for key in ("anyOf", "oneOf"):
        for variant in node.get(key, ()):
            yield from _fields(variant, definitions, path, seen)
