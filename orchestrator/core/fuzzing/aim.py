"""Aiming: from a run that came to a step, what has to happen so that it leaves it by a path that nobody has taken yet.

Chance finds most paths; the answer to a survey that is asked after sixty days of silence, it does not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.contract import Node
from orchestrator.core.conditions.leaves.attribute import Attribute
from orchestrator.core.conditions.leaves.consent import Consent
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.conditions.tree import AllOf, AnyOf, Not
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.graph import ExitRule, GoalRule
from orchestrator.core.journey.plan import Plan
from orchestrator.core.scenarios.coverage import Place
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.scenarios.script import Answers, Changes, Happens, Outside, Script, Timed, What
from orchestrator.core.simulation.example_events import passing
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.steps import Step
from orchestrator.core.steps.branch import Branch
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.message import Sending
from orchestrator.core.steps.survey import Survey
from orchestrator.core.steps.wait_until import WaitUntil
from orchestrator.core.steps.webhook import Webhook


@dataclass(frozen=True)
class Stand:
    """A run that stood at a step, of a playing of ``script``. ``left``: None where it stands there still."""

    script: Script
    step: str
    entered: datetime
    left: datetime | None
    entry: CustomerEvent | None
    variables: dict[str, Any]


def stands(run: ScenarioRun) -> Iterator[tuple[tuple[str, str], Stand]]:
    """Every visit of a playing, by journey and step."""
    for one in run.runs:
        lines = run.trace(one)
        for n, line in enumerate(lines):
            if line.what == "entered":
                left = next((later.at for later in lines[n + 1 :] if later.what in ("left", "ended")), None)
                yield (one.journey, line.step), _stand(run, one, line.step, line.at, left)


def _stand(run: ScenarioRun, one: SimulatedRun, step: str, at: datetime, left: datetime | None) -> Stand:
    return Stand(run.script, step, at, left, one.state.entry, dict(one.state.variables))


def aimed(plan: Plan, place: Place, stand: Stand, random: Random) -> Script | None:
    """A script that may take ``place`` from where a run stood; None where nobody knows how."""
    _, step, port = place
    happens = list(_to_leave(plan, plan.steps.get(step or stand.step), step, port, stand, random))
    if not happens:
        return None
    since = (stand.left or stand.entered + timedelta(days=1)) - stand.entered
    at = stand.entered + random.choice((timedelta(0), since / 2, max(since - timedelta(seconds=1), timedelta(0))))
    before = random.random() < 0.5 or isinstance(
        plan.steps.get(step), Coupon | Webhook
    )  # what a step asks at once has to be so already when the run gets there
    at = max(stand.script.start, stand.entered if before else at)
    fresh = [Timed(at, _dated(what, at, f"aimed-{random.randrange(1 << 30)}-{n}")) for n, what in enumerate(happens)]
    kept = [act for act in stand.script.acts if act.at <= at or random.random() < 0.5]
    acts = sorted([*kept, *fresh], key=lambda act: act.at)
    return replace(stand.script, acts=tuple(acts), until=max(stand.script.until, _days_later(stand.script, at)))


def _days_later(script: Script, at: datetime) -> datetime:
    return script.start + timedelta(days=(at - script.start).days + 121)


def _dated(what: What, at: datetime, message_id: str) -> What:
    if not isinstance(what, Happens):
        return what
    return Happens(replace(what.event, occurred_at=at, message_id=message_id))


def _event(name: str, properties: dict[str, Any]) -> Happens:
    return Happens(CustomerEvent("", name, datetime.min, properties))  # noqa: DTZ901 - dated by whoever takes it


def _to_leave(plan: Plan, node: Step | None, step: str, port: str, stand: Stand, random: Random) -> Iterator[What]:
    if not step:
        yield from _to_rule(plan, port, stand, random)
        return
    if node is None:
        return
    for awaited in node.awaits():
        if awaited.port == port and not isinstance(node, Survey):
            where = {} if awaited.where is None else passing(_bound(awaited.where, stand))
            yield _event(awaited.event, {**awaited.example, **where})
    match node:
        case Survey() if port in {group.port for group in node.settings.groups}:
            yield Answers(node.settings.survey, port)
        case Webhook() if port == Webhook.FAILED.name:
            yield Outside({node.id: "failed"})
        case Coupon() if port in ("empty", "had"):
            yield Outside(pools={node.settings.pool: port})
        case Branch():
            when = next((one.when for one in node.settings.branches if one.port == port), None)
            yield from _to_be(when, True, stand, random) if when is not None else _to_be_none(node, stand, random)
        case WaitUntil() if port == "yes":
            yield from _to_be(node.settings.condition, True, stand, random)
        case Sending() if port == "not_sent":
            names = (node.settings.channel, *node.settings.fallback)
            yield Outside(dict.fromkeys(names, "unreachable"))


def _to_be_none(node: Branch, stand: Stand, random: Random) -> Iterator[What]:
    for one in node.settings.branches:
        yield from _to_be(one.when, False, stand, random)


def _to_rule(plan: Plan, port: str, stand: Stand, random: Random) -> Iterator[What]:
    kind, _, identity = port.partition(":")
    rules: tuple[ExitRule | GoalRule, ...] = plan.journey.exits if kind == "exit" else plan.journey.goals
    rule = next(one for one in rules if one.id == identity)
    if rule.event is not None:
        yield _event(rule.event, {} if rule.where is None else passing(_bound(rule.where, stand)))
    if isinstance(rule, ExitRule) and rule.when is not None:
        yield from _to_be(rule.when, True, stand, random)


def _bound(condition: Node, stand: Stand) -> Node:
    return bind(condition, stand.entry, stand.entry, stand.variables, stand.script.start)


def _to_be(condition: Node, truth: bool, stand: Stand, random: Random) -> Iterator[What]:
    """What makes a condition true, or false, as far as that can be guessed."""
    node = _bound(condition, stand)
    match node:
        case AllOf(of=parts) | AnyOf(of=parts):
            every = isinstance(node, AllOf) is truth
            chosen: Sequence[Node] = parts if every or not parts else (random.choice(parts),)
            for part in chosen:
                yield from _to_be(part, truth, stand, random)
        case Attribute(name=name):
            yield Changes(attributes={name: _value(node, truth)})
        case Consent():
            yield Changes(consents={node.key(): node.granted is truth})
        case History(event=event):
            wanted = node.value if isinstance(node.value, int) and node.measure == "count" and truth else 1
            if truth is not (node.op in ("eq", "lt", "lte") and not node.value):
                where = {} if node.where is None else passing(node.where)
                for _ in range(min(max(int(wanted), 1), 20)):
                    yield _event(event, dict(where))
        case Not(of=denied):
            yield from _to_be(denied, not truth, stand, random)


def _value(leaf: Attribute, truth: bool) -> Any:
    """A value with which an attribute's comparison is true, or is not."""
    value = leaf.value[0] if isinstance(leaf.value, tuple) and leaf.value else leaf.value
    if leaf.op in ("exists", "missing"):
        return _LONG_AGO if (leaf.op == "exists") is truth else None
    if (leaf.op in ("ne", "not_in")) is truth:
        return "something else"
    if leaf.op in ("gt", "lt") and isinstance(value, int | float):
        return value + (1 if leaf.op == "gt" else -1)
    return _LONG_AGO if value is None else value


_LONG_AGO = "1990-03-05"
"""A value that is one, and a date where one is looked for."""
