"""Journeys changed in one place, as an author slips: a wait too long, a line led elsewhere, a filter left out, a rule
forgotten, another channel. What no scenario notices is tested by none (mutation testing)."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.text import Text, verbatim

Document = dict[str, Any]
Path = tuple[str | int, ...]
_SPANS = frozenset({"duration", "window", "look_back", "within", "cool_down"})
_CAN_BE_LEFT_OUT = frozenset({"where", "only_if", "filter", "fallback", "key"})
_NAMES = frozenset({"event", "pool", "goal", "reason"})
_WORDS_ALONE = frozenset({"content", "label", "layout", "name", "description"})
_OTHER_CHANNEL = {"push": "email", "email": "push", "sms": "push"}
_NEAR = {"gte": "gt", "gt": "gte", "lte": "lt", "lt": "lte", "eq": "ne", "ne": "eq"}
_LEFT_OUT, _INSTEAD = Text("{place}: left out"), Text("{place}: {value} instead")


@dataclass(frozen=True)
class Mutation:
    """What was changed, and the journey with it."""

    words: Text
    plan: Plan


def mutations_of(document: Document) -> Iterator[Mutation]:
    """One at a time. Those that the compiler refuses are noticed already, and left out; so are those without effect."""
    original = compile_journey(document).plan
    for words, changed in _changes(document):
        plan = compile_journey(changed).plan
        if plan is not None and (original is None or plan.hash != original.hash):
            yield Mutation(words, plan)


def _changes(document: Document) -> Iterator[tuple[Text, Document]]:
    for path in _paths(document, ()):
        yield from _of_value(document, path)
    yield from _of_lines(document)
    for group in ("exits", "goals"):
        for n in range(len(document.get(group, ()))):
            yield _LEFT_OUT.format(place=_place(document, (group, n))), _without(document, (group, n))
    for mode in ("after_end", "never"):
        yield _instead(document, ("reentry",), {"mode": mode}, mode)
    moves = not document.get("moves_stage", False)
    yield _instead(document, ("moves_stage",), moves, str(moves).lower())


def _of_value(document: Document, path: Path) -> Iterator[tuple[Text, Document]]:
    name, value = path[-1], _at(document, path)
    if name in _SPANS and isinstance(value, str):
        words = Text("{place}: twice as long", place=_place(document, path))
        yield words, _with(document, path, _doubled(value))
    elif name in _CAN_BE_LEFT_OUT:
        yield _LEFT_OUT.format(place=_place(document, path)), _without(document, path)
    elif name == "channel" and value in _OTHER_CHANNEL and "content" in _at(document, path[:-1]):
        yield _instead(document, path, _OTHER_CHANNEL[value])
    elif name == "op" and value in _NEAR:
        yield _instead(document, path, _NEAR[value])
    elif name == "ends":
        yield _instead(document, path, not value, str(not value).lower())
    elif name in _NAMES and isinstance(value, str) and path[0] in ("steps", "exits", "goals"):
        yield _instead(document, path, "Something Else" if name == "event" else f"{value}x")


def _of_lines(document: Document) -> Iterator[tuple[Text, Document]]:
    last = document["steps"][-1]["id"]
    for n, edge in enumerate(document["edges"]):
        if last not in (edge["to"], edge["from"]):
            place = verbatim(f"{edge['from']} › {edge.get('port', 'next')}")
            yield Text("{place}: leads to {step}", place=place, step=last), _with(document, ("edges", n, "to"), last)


def _instead(document: Document, path: Path, value: Any, shown: str = "") -> tuple[Text, Document]:
    words = _INSTEAD.format(place=_place(document, path), value=verbatim(shown or str(value)))
    return words, _with(document, path, value)


def _place(document: Document, path: Path) -> Text:
    """As a person points at it: members by their ids where they have one."""
    shown: list[str] = []
    node: Any = document
    for part in path:
        node = node[part] if isinstance(part, int) else node.get(part)
        named = node.get("id") if isinstance(node, Mapping) and isinstance(part, int) else None
        shown.append(str(named or (part + 1 if isinstance(part, int) else part)))
    return verbatim(" › ".join(part for part in shown if part not in ("steps", "settings")))


def _doubled(span: str) -> str:
    number = "".join(letter for letter in span if letter in "0123456789")
    return span.replace(number, str(int(number) * 2), 1) if number and number in span else f"{span}{span}"


def _paths(node: Any, path: Path) -> Iterator[Path]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in members:
        yield (*path, name)
        if name not in _WORDS_ALONE:
            yield from _paths(value, (*path, name))


def _at(node: Any, path: Path) -> Any:
    for part in path:
        node = node[part]
    return node


def _with(document: Document, path: Path, value: Any) -> Document:
    other = copy.deepcopy(document)
    _at(other, path[:-1])[path[-1]] = value
    return other


def _without(document: Document, path: Path) -> Document:
    other = copy.deepcopy(document)
    del _at(other, path[:-1])[path[-1]]
    return other
