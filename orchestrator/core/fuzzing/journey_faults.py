"""Faults planted into journeys, one at a time, as an author slips: a wait too long, a line led elsewhere, a filter left
out, a rule forgotten, another channel."""

import copy
from collections.abc import Iterator
from typing import Any

from orchestrator.core.journey.plan import compile_journey

Document = dict[str, Any]
_SPANS = ("duration", "window", "look_back", "within", "cool_down")
_OTHER = {"push": "email", "email": "push", "sms": "push"}
_NEAR = {"gte": "gt", "gt": "gte", "lte": "lt", "lt": "lte", "eq": "ne", "ne": "eq"}


def journey_faults(document: Document) -> Iterator[tuple[str, Document]]:
    """What is wrong, and the journey with it; those that the compiler refuses are found already, and left out."""
    for name, changed in _changed(document):
        result = compile_journey(changed)
        if result.plan is not None:
            yield name, changed


def _changed(document: Document) -> Iterator[tuple[str, Document]]:
    yield from _of_values(document)
    yield from _of_lines(document)
    for group in ("exits", "goals"):
        for n, rule in enumerate(document.get(group, ())):
            other = copy.deepcopy(document)
            del other[group][n]
            yield f"{group} {rule['id']} forgotten", other
    for name, value in (("reentry", {"mode": "after_end"}), ("reentry", {"mode": "never"}), ("moves_stage", None)):
        other = copy.deepcopy(document)
        other[name] = not document.get(name, False) if value is None else value
        if other[name] != document.get(name):
            yield f"{name} {value}", other


def _of_values(document: Document) -> Iterator[tuple[str, Document]]:
    for path in _paths(document, ()):
        name, where = path[-1], ".".join(str(part) for part in path)
        value = _at(document, path)
        if name in _SPANS and isinstance(value, str):
            yield f"{where} doubled", _with(document, path, _doubled(value))
        elif name in ("where", "only_if", "filter", "fallback", "key") and path[0] != "layout":
            yield f"{where} left out", _without(document, path)
        elif name == "channel" and value in _OTHER and "content" in _at(document, path[:-1]):
            yield f"{where} another", _with(document, path, _OTHER[value])
        elif name == "op" and value in _NEAR:
            yield f"{where} {_NEAR[value]}", _with(document, path, _NEAR[value])
        elif name == "ends":
            yield f"{where} {not value}", _with(document, path, not value)
        elif (
            name in ("event", "pool", "goal", "reason")
            and isinstance(value, str)
            and path[0] in ("steps", "exits", "goals")
        ):
            yield f"{where} another", _with(document, path, f"{value}x" if name != "event" else "Something Else")


def _of_lines(document: Document) -> Iterator[tuple[str, Document]]:
    last = document["steps"][-1]["id"]
    for n, edge in enumerate(document["edges"]):
        if edge["to"] != last and edge["from"] != last:
            yield (
                f"{edge['from']} › {edge.get('port', 'next')} led to the end",
                _with(document, ("edges", n, "to"), last),
            )


def _doubled(span: str) -> str:
    number = "".join(letter for letter in span if letter in "0123456789")
    return span.replace(number, str(int(number) * 2), 1)


def _paths(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in members:
        yield (*path, name)
        if name not in ("content", "label", "layout", "name", "description"):
            yield from _paths(value, (*path, name))


def _at(node: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        node = node[part]
    return node


def _with(document: Document, path: tuple[Any, ...], value: Any) -> Document:
    other = copy.deepcopy(document)
    _at(other, path[:-1])[path[-1]] = value
    return other


def _without(document: Document, path: tuple[Any, ...]) -> Document:
    other = copy.deepcopy(document)
    del _at(other, path[:-1])[path[-1]]
    return other
