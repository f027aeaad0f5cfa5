"""A journey file in which every id is marked and everything that can have a name has one.

So an id that a person gets to read is seen at once, whoever wrote the journey and whatever it does.
"""

import copy
import re
from typing import Any

from tests.reading.strange import MARK

IDS = ("id", "port", "from", "to", "target", "goal", "survey", "pool", "experiment", "journey", "template", "reason")
"""Fields of a journey file that hold an id of somebody's choice."""
KEPT = {
    "entry",
    "next",
    "timeout",
    "otherwise",
    "no_answer",
    "not_sent",
    "yes",
    "ok",
    "failed",
    "empty",
    "had",
    "done_already",
    "missing",
}
"""Ids of the product's own: steps and ports that journeys do not choose."""


NAMED = {"en": "Named by hand", "ko": "직접 지은 이름"}
"""What everything is called."""


def renamed(document: dict[str, Any]) -> dict[str, Any]:
    """The same journey, with marked ids, and a name for each step, path, goal and exit rule."""
    made: dict[str, Any] = _marked(copy.deepcopy(document))
    made["key"] = marked(str(document["key"]))
    for step in made.get("steps", ()):
        _named(step)
        for listed in ("branches", "variants", "groups"):
            for way in step.get("settings", {}).get(listed, ()):
                _named(way)
    for rule in (*made.get("goals", ()), *made.get("exits", ())):
        _named(rule)
    return made


def marked(identity: str) -> str:
    """An id of ours is left alone."""
    return identity if identity in KEPT or identity.startswith(MARK) else f"{MARK}-{identity}"


def _named(node: dict[str, Any]) -> None:
    node["label"] = dict(NAMED)


def _marked(node: Any, inside: str = "") -> Any:
    if isinstance(node, list):
        return [_marked(one, inside) for one in node]
    if not isinstance(node, dict):
        return node
    return {name: _value(name, value, inside) for name, value in node.items()}


def _value(name: str, value: Any, inside: str) -> Any:
    if name in IDS and isinstance(value, str) and value and not (name == "id" and inside == "triggers"):
        return marked(value)
    if name == "variables" or name == "properties":
        return value
    return _marked(value, name)


WORD = re.compile(r"[^\W_]+", re.UNICODE)


def written_in(node: Any) -> frozenset[str]:
    """Every word that somebody wrote into a document: names of events and properties, titles, texts, values."""
    found: set[str] = set()

    def look(one: Any) -> None:
        if isinstance(one, dict):
            for name, value in one.items():
                if name not in IDS and name not in ENUMS:
                    look(value)
                    found.update([name] if name not in FIELDS else [])
        elif isinstance(one, list | tuple):
            for value in one:
                look(value)
        elif isinstance(one, str):
            found.update({one, *re.findall(r"[\w.'’-]+", one), *WORD.findall(one)})

    look(node)
    return frozenset(found)


ENUMS = (
    "kind",
    "mode",
    "op",
    "channel",
    "class",
    "stage",
    "measure",
    "fallback",
    "method",
    "missing",
    "weekdays",
    "per",
    "unit",
)
"""Fields that hold a value of a closed set: a person never reads it as it is."""
FIELDS = frozenset(
    {
        "en",
        "ko",
        "settings",
        "content",
        "label",
        "name",
        "description",
        "value",
        "where",
        "when",
        "of",
        "event",
        "branches",
        "body",
        "subject",
        "condition",
        "window",
        "steps",
        "edges",
        "entry",
        "exits",
        "goals",
        "reentry",
        "triggers",
        "filter",
        "layout",
        "positions",
        "variables",
    }
)
