"""The change that a finding suggests, drawn into a draft: an experiment before the message, so that it can be told
whether it helps.

A message that is opened or clicked less is tried at each customer's best hour; one that makes more people unsubscribe
is left out for half of them. Either is one experiment, one further step at most and three lines; the message itself and
all that follows it stays as it is.
"""

import itertools
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Literal

from orchestrator.core.suggestions.finding import Metric
from orchestrator.core.text import LOCALES, Text

Change = Literal["best_hour", "leave_out"]
CHANGE_OF: Mapping[Metric, Change] = {"opened": "best_hour", "clicked": "best_hour", "unsubscribed": "leave_out"}
AS_IS, TRIED = "as_is", "tried"
"""Ports of the experiment: the control, and the change."""
TITLES: Mapping[Change, Text] = {
    "best_hour": Text("Does the best hour help?"),
    "leave_out": Text("Is the message worth it?"),
}
ARMS: Mapping[Change, Text] = {"best_hour": Text("At their best hour"), "leave_out": Text("Without the message")}
AS_BEFORE = Text("As before")
BEST_HOUR_TITLE = Text("Until their best hour")


class StepGone(LookupError):
    """The draft has no message step of that id any more."""


def drawn(draft: Mapping[str, Any], step: str, change: Change) -> tuple[dict[str, Any], str]:
    """The draft with the change in it, and the id of the experiment.

    ``draft``: a journey's document, finished or not; it is left as it is. Raises :class:`StepGone`.
    """
    document = deepcopy(dict(draft))
    steps, edges = document.get("steps"), document.setdefault("edges", [])
    message = next((one for one in steps or () if isinstance(one, dict) and one.get("id") == step), None)
    if message is None or message.get("kind") != "message" or not isinstance(steps, list):
        raise StepGone(step)
    taken = {one.get("id") for one in steps if isinstance(one, dict)}
    experiment = _free(f"try-{step}", taken)
    for edge in edges:
        if edge.get("to") == step:
            edge["to"] = experiment
    steps.append(_experiment(experiment, message, change, f"{document.get('key', '')}/{experiment}"))
    edges.append({"from": experiment, "port": AS_IS, "to": step})
    if change == "best_hour":
        wait = _free(f"best-hour-{step}", {*taken, experiment})
        steps.append(_best_hour(wait, message))
        edges += [{"from": experiment, "port": TRIED, "to": wait}, {"from": wait, "port": "next", "to": step}]
    else:
        edges += [
            {"from": experiment, "port": TRIED, "to": edge["to"]}
            for edge in list(edges)
            if edge.get("from") == step and edge.get("port", "next") == "next"
        ]
    return document, experiment


def experiment_of(document: Mapping[str, Any], experiment: str) -> bool:
    """Whether a version's document has the experiment."""
    steps = document.get("steps")
    return isinstance(steps, list) and any(isinstance(one, dict) and one.get("id") == experiment for one in steps)


def _experiment(name: str, message: Mapping[str, Any], change: Change, identity: str) -> dict[str, Any]:
    variants = [
        {"port": AS_IS, "weight": 50, "control": True, "label": _words(AS_BEFORE)},
        {"port": TRIED, "weight": 50, "label": _words(ARMS[change])},
    ]
    settings = {"experiment": identity, "variants": variants}
    return {"id": name, "kind": "experiment", "label": _words(TITLES[change]), **_stage(message), "settings": settings}


def _best_hour(name: str, message: Mapping[str, Any]) -> dict[str, Any]:
    settings = {"mode": "best_hour"}
    return {"id": name, "kind": "delay", "label": _words(BEST_HOUR_TITLE), **_stage(message), "settings": settings}


def _stage(message: Mapping[str, Any]) -> dict[str, Any]:
    return {"stage": message["stage"]} if message.get("stage") else {}


def _words(text: Text) -> dict[str, str]:
    return {locale: text.to(locale) for locale in LOCALES}


def _free(wanted: str, taken: set[Any]) -> str:
    """An id of at most 64 characters that no step has."""
    names = itertools.chain([wanted[:64]], (f"{wanted[:60]}-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)
