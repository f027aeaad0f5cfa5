"""Which variables a step can count on: what the steps before it have filled, on every way that leads there.

A code from a coupon step is there only for those who left it by the way on which it gives one. So a message behind
“No code left”, or one that some ways reach around the coupon step, would promise a code that is not there.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any

from orchestrator.core.journey.graph import ENTRY, Journey
from orchestrator.core.journey.template_use import TemplateFacts
from orchestrator.core.problems import Problem
from orchestrator.core.steps import Step
from orchestrator.core.steps.message import Sending
from orchestrator.core.text import joined

_USED = re.compile(r"\bvar\.([A-Za-z_][A-Za-z0-9_]{0,63})[A-Za-z0-9_.]{0,200}( {0,9}\| {0,9}(?:default|d)\b)?")
_ASKED = re.compile(r"\{%-? {0,9}(?:el)?if\b([^%]{0,500})")


def needed_variables(source: str) -> frozenset[str]:
    """Names of the journey's variables that a template prints as they are: nothing stands for one without a value,
    and the template does not ask whether it has one."""
    asked = {found[1] for part in _ASKED.finditer(source) for found in _USED.finditer(part[1])}
    used = list(_USED.finditer(source))
    provided = {found[1] for found in used if found[2]}
    return frozenset(found[1] for found in used) - asked - provided


def needed_by_document(document: Mapping[str, Any]) -> frozenset[str]:
    """The same of a message template's document, but for what a rule of the template stands in for."""
    rules = document.get("variables")
    ruled = {
        path.split(".")[1]
        for path, rule in (rules.items() if isinstance(rules, Mapping) else ())
        if str(path).startswith("var.") and isinstance(rule, Mapping) and rule.get("unset") in ("default", "blank")
    }
    texts = (needed_variables(text) for text in _texts(document.get("channels")))
    return reduce(frozenset.union, texts, frozenset[str]()) - ruled


def _texts(root: Any) -> Iterator[str]:
    ahead = [root]
    while ahead:
        node = ahead.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, Mapping):
            ahead += node.values()
        elif isinstance(node, list | tuple):
            ahead += node


def check_variable_flow(journey: Journey, templates: Mapping[str, TemplateFacts]) -> Iterator[Problem]:
    """Every variable that a message or a request says has been filled on each way that leads there."""
    fillers: dict[str, list[Step]] = {}
    for step in journey.steps:
        for name in step.sets():
            fillers.setdefault(name, []).append(step)
    given = {name for name, value in journey.variables.items() if value not in (None, "")}
    asked = fillers.keys() - given
    if not asked:
        return
    surely, perhaps = _filled(journey, frozenset(asked))
    for step in journey.steps:
        for field, name in _needs(step, templates):
            if name not in asked or step.id not in perhaps or name in surely[step.id]:
                continue
            titles = joined([filler.title() for filler in fillers[name]])
            code = "variable_sometimes_unset" if name in perhaps[step.id] else "variable_never_set"
            yield Problem(code, step.id, {"name": name, "steps": titles}, field)


def needed_by_step(step: Step) -> frozenset[str]:
    """Variables that a step's own words, or its request, cannot do without; a template's are not looked at."""
    return frozenset(name for _, name in _needs(step, {}))


def _needs(step: Step, templates: Mapping[str, TemplateFacts]) -> Iterator[tuple[str, str]]:
    """Fields and the variables that they cannot do without, each variable once."""
    found: dict[str, str] = {}
    if isinstance(step, Sending):
        for locale, content in step.settings.content.items():
            for text in _texts(content.model_dump(mode="json")):
                for name in needed_variables(text):
                    found.setdefault(name, f"settings.content.{locale}.body")
        facts = templates.get(step.settings.template or "")
        for name in facts.needs if facts else ():
            found.setdefault(name, "settings.template")
    for field, source in step.templates():
        for name in needed_variables(source):
            found.setdefault(name, field)
    for name in sorted(found):
        yield found[name], name


_Filled = dict[str, frozenset[str]]


def _filled(journey: Journey, asked: frozenset[str]) -> tuple[_Filled, _Filled]:
    """By reachable step, the variables that are filled on every way there, and on some."""
    steps = {step.id: step for step in journey.steps}
    following: dict[str, list[tuple[str, frozenset[str]]]] = {step: [] for step in steps}
    first: list[str] = []
    for edge in journey.edges:
        if edge.source == ENTRY:
            first.append(edge.target)
        elif edge.source in steps:
            fills = frozenset(steps[edge.source].fills(edge.port)) & asked
            following[edge.source].append((edge.target, fills))
    for step in journey.steps:
        following[step.id] += [(target, frozenset[str]()) for target in step.targets()]
    surely: _Filled = {}
    perhaps: _Filled = {}
    ahead = deque((step, frozenset[str](), frozenset[str]()) for step in first if step in steps)
    while ahead:
        at, sure, some = ahead.popleft()
        before = surely.get(at), perhaps.get(at)
        surely[at] = sure if before[0] is None else before[0] & sure
        perhaps[at] = some if before[1] is None else before[1] | some
        if before != (surely[at], perhaps[at]):
            for target, fills in following[at]:
                if target in steps:
                    ahead.append((target, surely[at] | fills, perhaps[at] | fills))
    return surely, perhaps
