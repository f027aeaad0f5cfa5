"""A journey as a file that people read: fields in the order of the documentation, texts of several lines as blocks."""

import json
import re
from typing import Any

import yaml

from orchestrator.core.journey.graph import Journey
from orchestrator.core.steps import KINDS

_OF_JOURNEY = tuple(field.alias or name for name, field in Journey.model_fields.items())
_OF_STEP = ("id", "kind", "stage", "label", "settings")
_FIRST = ("kind", "mode", "id", "from", "port", "to", "event", "name", "op", "value", "subject", "preheader", "body")
"""What is put first in any object, in this order; the rest follows as it stands."""


def in_order(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with its fields in the order in which people read them."""
    ordered = _sorted(document, _OF_JOURNEY)
    if isinstance(ordered.get("steps"), list):
        ordered["steps"] = [_step(step) for step in ordered["steps"]]
    return ordered


def to_json(document: dict[str, Any]) -> str:
    """The file as JSON."""
    return json.dumps(in_order(document), ensure_ascii=False, indent=2) + "\n"


def to_yaml(document: dict[str, Any]) -> str:
    """The file as YAML, which :func:`orchestrator.files.yaml_text.load_yaml` reads as the same document."""
    return yaml.dump(in_order(document), Dumper=_Writer, allow_unicode=True, sort_keys=False, width=1_000_000)


def _step(step: Any) -> Any:
    if not isinstance(step, dict):
        return step
    ordered = _sorted(step, _OF_STEP)
    kind = KINDS.get(str(step.get("kind")))
    if kind is not None and isinstance(ordered.get("settings"), dict):
        model = kind.model_fields["settings"].annotation
        names = getattr(model, "model_fields", {})
        fields = tuple(field.alias or name for name, field in names.items())
        ordered["settings"] = _sorted(ordered["settings"], fields or _FIRST)
    return ordered


def _sorted(node: dict[str, Any], first: tuple[str, ...]) -> dict[str, Any]:
    names = [name for name in first if name in node]
    return {name: _below(node[name]) for name in (*names, *(name for name in node if name not in names))}


def _below(node: Any) -> Any:
    if isinstance(node, dict):
        return _sorted(node, _FIRST)
    return [_below(member) for member in node] if isinstance(node, list) else node


class _Writer(yaml.SafeDumper):
    """No anchors, lists set in, small objects on one line, texts of several lines as blocks."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(writer: _Writer, value: str) -> yaml.ScalarNode:
    block = "\n" in value and not any(line.endswith(" ") for line in value.split("\n"))
    style = "|" if block else '"' if _is_no_text(value) else None
    return writer.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _mapping(writer: _Writer, value: dict[str, Any]) -> yaml.MappingNode:
    """What fits on a line stands on one."""
    texts = [*value, *value.values()]
    short = all(isinstance(one, str | int | float | None) and "\n" not in str(one) for one in texts)
    on_one_line = short and sum(len(str(one)) + 3 for one in texts) < _LINE
    return writer.represent_mapping("tag:yaml.org,2002:map", value, flow_style=on_one_line)


def _list(writer: _Writer, value: list[Any]) -> yaml.SequenceNode:
    short = all(isinstance(one, str | int | float | None) and "\n" not in str(one) for one in value)
    on_one_line = short and sum(len(str(one)) + 3 for one in value) < _LINE
    return writer.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=on_one_line)


_LINE = 90
_NUMBER = re.compile(r"[-+.]?[0-9].*")


_BREAK = re.compile("[\x85\u2028\u2029]")
"""What YAML 1.1 takes for the end of a line beside the usual."""


def _is_no_text(value: str) -> bool:
    """Whether our reader (YAML 1.2), or that of others (1.1), would take it for something else than text."""
    words = ("", "true", "false", "null", "~", "yes", "no", "on", "off", "y", "n")
    if value.strip() != value or value.lower() in words or _BREAK.search(value):
        return True
    return _NUMBER.fullmatch(value) is not None and _odd(value)


def _odd(value: str) -> bool:
    return not re.fullmatch(r"\d+[wdhms]([\dwdhms]*)|\d\d:\d\d(:\d\d)?", value)


_Writer.add_representer(str, _text)
_Writer.add_representer(dict, _mapping)
_Writer.add_representer(list, _list)
