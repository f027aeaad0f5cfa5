"""A run told line by line, in both languages: where it waits and for what, which way it took and why, how it ended.

A kind of step that has nothing of its own to say is told by its summary and the names of its ports.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatch
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.explain import in_words
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.formatting import instant
from orchestrator.core.journey.plan import Plan
from orchestrator.core.paths import lookup
from orchestrator.core.steps import Step
from orchestrator.core.steps.branch import Branch
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.delay import Delay
from orchestrator.core.steps.emit_event import EmitEvent
from orchestrator.core.steps.exit import Exit
from orchestrator.core.steps.experiment import Experiment
from orchestrator.core.steps.go_to import GoTo
from orchestrator.core.steps.message import Message
from orchestrator.core.steps.start_journey import StartJourney
from orchestrator.core.steps.survey import Survey
from orchestrator.core.steps.update_customer import UpdateCustomer
from orchestrator.core.steps.wait_for_event import EventBranch, WaitForEvent
from orchestrator.core.steps.wait_until import WaitUntil
from orchestrator.core.text import OR, Text, joined, number_text, verbatim
from orchestrator.core.values import Ref

MOST_WAYS = 2
"""Awaited events that are told with their filters; more make no sentence."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What references in a step's settings find: the entry event, the event that last ended a wait, variables."""

    entry: CustomerEvent | None = None
    event: CustomerEvent | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    began: datetime | None = None

    def value(self, operand: Any) -> Any:
        """The operand itself, or what a reference finds."""
        if not isinstance(operand, Ref):
            return operand
        source, _, path = operand.ref.partition(".")
        customer_event = {"entry": self.entry, "event": self.event}.get(source)
        found: Any = self.variables if source == "var" else customer_event.properties if customer_event else {}
        return lookup(found, path)

    def bound(self, condition: Condition) -> Condition:
        """A condition with its references looked up."""
        return bind(condition, self.entry, self.event, self.variables, self.began)

    def describe(self, condition: Condition) -> Text:
        """The same in words."""
        return describe(self.bound(condition))


@dataclass(frozen=True, slots=True)
class Waiting:
    """How a run rests at a step."""

    until: datetime | None
    memo: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is known about one line. Of a run of long ago less is known than of one under observation."""

    plan: Plan
    where: ZoneInfo
    scope: Scope = Scope()
    waiting: Waiting | None = None
    answers: tuple[tuple[bool, Text], ...] = ()
    """What the step asked of its customer, in order: the truth, and why."""
    rules: Mapping[str, Text] = field(default_factory=dict)
    """Why an exit condition held, by the rule's reason."""
    sent: Text | None = None
    """What became of the step's message."""
    seen: bool = True
    """Whether the run was under observation all along: then what is not known of it did not happen."""

    def time(self, at: datetime) -> Text:
        """An instant on the customer's clock."""
        return instant(at, self.where)


def narrate(one: Transition, scene: Scene) -> Text:
    """One line of a run's trace."""
    step = scene.plan.steps.get(one.step)
    match one.what:
        case "entered":
            return verbatim(one.step) if step is None else _entered(step, scene)
        case "left":
            return verbatim(one.port) if step is None else _left(step, one, scene)
        case "goal":
            return _goal(one)
        case "ended":
            return _ended(one, scene)


def waits(step: Step, waiting: Waiting, scene: Scene) -> Text:
    """What a resting run waits for, until when."""
    return _waits(step, waiting, scene)


def title(plan: Plan, step: str) -> Text:
    """A step's own title."""
    node = plan.steps.get(step)
    return verbatim(step) if node is None else verbatim(node.label, node.summary())


def end(plan: Plan, reason: str, explain: Text | None = None) -> Text:
    """Why a run ended: in the words of the exit step that says so, of a goal, of an exit rule, or ours."""
    what, _, goal = reason.partition(":")
    if what == "goal" and goal:
        return Text("Goal “{goal}” reached", goal=goal)
    for rule in plan.journey.exits:
        if (rule.reason or rule.id) == reason:
            event = verbatim(f"*{rule.event}*") if rule.event else explain or describe(_when(rule))
            return Text("Exit rule “{id}”: {event}", id=rule.id, event=event)
    for step in plan.journey.steps:
        if isinstance(step, Exit) and step.settings.reason == reason and step.label:
            return verbatim(step.label)
    return _ENDS.get(reason, verbatim(reason))


_ENDS = {
    "completed": Text("Completed"),
    "stopped": Text("Journey stopped"),
    "moved": Text("Moved to another version"),
}


def _when(rule: Any) -> Any:
    return rule.when


def _goal(one: Transition) -> Text:
    value, currency = one.note.get("value"), one.note.get("currency") or ""
    if value is None:
        return Text("Goal “{goal}” reached", goal=one.port)
    worth = joined((in_words(value), verbatim(currency)), " ") if currency else in_words(value)
    return Text("Goal “{goal}” reached, {worth}", goal=one.port, worth=worth)


def _ended(one: Transition, scene: Scene) -> Text:
    why = end(scene.plan, one.port, scene.rules.get(one.port))
    return Text("Left the journey: {why}", why=why)


def _entered(step: Step, scene: Scene) -> Text:
    if scene.waiting is not None and not isinstance(step, Message):
        return _waits(step, scene.waiting, scene)
    return _enters(step, scene)


def _port(step: Step, name: str) -> Text:
    return next((port.label for port in step.ports() if port.name == name), verbatim(name))


def _through(step: Step, port: str, why: Text | None = None) -> Text:
    """Left through a port; a reason that says no more than the port's own name does adds nothing."""
    label = _port(step, port)
    told = Text("Left through “{label}”", label=label)
    return told if why is None else Text("{told}: {why}", told=told, why=why)


# --- what a step is about --------------------------------------------------------------------------------------------


@singledispatch
def _enters(step: Step, scene: Scene) -> Text:
    return step.summary()


@_enters.register
def _(step: Branch, scene: Scene) -> Text:
    words = step.summary()
    return Text("Looks at the conditions: {words}", words=words)


@_enters.register
def _(step: Exit, scene: Scene) -> Text:
    name = title(scene.plan, step.id)
    return Text("The journey ends here: {name}", name=name)


@_enters.register
def _(step: GoTo, scene: Scene) -> Text:
    target = title(scene.plan, step.settings.target)
    return Text("Goes on at “{target}”", target=target)


# --- what a step waits for -------------------------------------------------------------------------------------------


@singledispatch
def _waits(step: Step, waiting: Waiting, scene: Scene) -> Text:
    words = step.summary()
    if waiting.until is None:
        return words
    until = scene.time(waiting.until)
    return Text("{words} – until {until}", words=words, until=until)


@_waits.register
def _(step: WaitForEvent, waiting: Waiting, scene: Scene) -> Text:
    branches = step.settings.branches
    ways = [_awaited(way, scene) for way in branches] if len(branches) <= MOST_WAYS else _named(step.names)
    what = joined(ways, OR)
    if waiting.until is None:
        return Text("Waits for {what}, however long it takes", what=what)
    until = scene.time(waiting.until)
    return Text("Waits for {what} until {until}", what=what, until=until)


def _named(names: tuple[str, ...]) -> list[Text]:
    return [verbatim(f"*{name}*") for name in names]


def _awaited(way: EventBranch, scene: Scene) -> Text:
    if way.where is None:
        return verbatim(f"*{way.event}*")
    where = scene.scope.describe(way.where)
    return Text("*{event}* ({where})", event=way.event, where=where)


@_waits.register
def _(step: WaitUntil, waiting: Waiting, scene: Scene) -> Text:
    what, end = scene.scope.describe(step.settings.condition), waiting.memo.get("end")
    if end is None and step.settings.window is not None:
        return step.summary()  # of a run that is looked at from outside
    if end is None:
        return Text("Waits until {what}, however long it takes", what=what)
    until = scene.time(datetime.fromisoformat(end))
    return Text("Waits until {what}, until {until} at most", what=what, until=until)


@_waits.register
def _(step: Delay, waiting: Waiting, scene: Scene) -> Text:
    if waiting.until is None:
        return step.summary()
    until = scene.time(waiting.until)
    return Text("Waits until {until}", until=until)


@_waits.register
def _(step: Survey, waiting: Waiting, scene: Scene) -> Text:
    if waiting.until is None:
        return step.summary()
    until = scene.time(waiting.until)
    if "held" in waiting.memo:
        return Text("Held; decided again {until}", until=until)
    name = step.settings.survey
    return Text("Waits for an answer to “{name}” until {until}", name=name, until=until)


@_waits.register
def _(step: Message, waiting: Waiting, scene: Scene) -> Text:
    if waiting.until is None or "held" not in waiting.memo:
        return step.summary()
    until = scene.time(waiting.until)
    return Text("Held; decided again {until}", until=until)


# --- which way it took -----------------------------------------------------------------------------------------------


@singledispatch
def _left(step: Step, one: Transition, scene: Scene) -> Text:
    if len(step.ports()) == 1:
        return step.summary()
    return _through(step, one.port)


@_left.register
def _(step: Branch, one: Transition, scene: Scene) -> Text:
    if one.port != step.OTHERWISE.name:
        taken = next((n for n, way in enumerate(step.settings.branches) if way.port == one.port), None)
        why = scene.answers[taken][1] if taken is not None and taken < len(scene.answers) else None
        return _through(step, one.port, why)
    if not scene.answers:
        return _through(step, one.port)
    reasons = [why for _, why in scene.answers]
    return _through(step, one.port, Text("did not hold: {reasons}", reasons=joined(reasons, " · ")))


@_left.register
def _(step: WaitForEvent, one: Transition, scene: Scene) -> Text:
    if one.port == "timeout":
        end = scene.time(scene.waiting.until if scene.waiting and scene.waiting.until else one.at)
        return _through(step, one.port, Text("nothing came until {end}", end=end))
    event = scene.scope.event
    at = scene.time(event.occurred_at if event is not None else one.at)
    name = one.note.get("event", "")
    return _through(step, one.port, Text("*{name}* came {at}", name=name, at=at))


@_left.register
def _(step: WaitUntil, one: Transition, scene: Scene) -> Text:
    why = scene.answers[0][1] if scene.answers else None
    if one.port != "timeout":
        return _through(step, one.port, why)
    if why is None:
        return _through(step, one.port)
    return _through(step, one.port, Text("still did not hold: {why}", why=why))


@_left.register
def _(step: Delay, one: Transition, scene: Scene) -> Text:
    if one.port == step.MISSING.name:
        name = one.note.get("attribute") or ""
        return _through(step, one.port, Text("“{name}” is no date of this customer", name=name))
    if scene.waiting is None and scene.seen:
        return Text("Did not wait: the time had come already")
    at = scene.time(one.at)
    return Text("Waited until {at}", at=at)


@_left.register
def _(step: Message, one: Transition, scene: Scene) -> Text:
    return scene.sent or _through(step, one.port)


@_left.register
def _(step: Survey, one: Transition, scene: Scene) -> Text:
    if one.port == step.NOT_SENT.name:
        return scene.sent or _through(step, one.port)
    score = one.note.get("score")
    return _through(step, one.port, None if score is None else Text("the answer was {score}", score=score))


@_left.register
def _(step: Experiment, one: Transition, scene: Scene) -> Text:
    total = sum(variant.weight for variant in step.settings.variants) or 1
    share = next((v.weight / total for v in step.settings.variants if v.port == one.port), 0.0)
    why = number_text(share, "@##%")
    return _through(
        step,
        one.port,
        Text("drawn by the customer's id ({why}), the same each time", why=why),
    )


@_left.register
def _(step: UpdateCustomer, one: Transition, scene: Scene) -> Text:
    lines = []
    for change in step.settings.changes:
        value = in_words(scene.scope.value(change.value))
        words = _CHANGES[change.op]
        lines.append(words.format(name=change.name, value=value))
    return joined(lines)


_CHANGES = {
    "set": Text("Set {name} to {value}"),
    "increment": Text("Added {value} to {name}"),
    "remove": Text("Removed {name}"),
    "add_tag": Text("Added the tag {name}"),
    "remove_tag": Text("Removed the tag {name}"),
    "grant": Text("Noted the consent {name}"),
    "withdraw": Text("Noted the withdrawal of the consent {name}"),
}


@_left.register
def _(step: Coupon, one: Transition, scene: Scene) -> Text:
    pool, code = step.settings.pool, one.note.get("code")
    if code is not None:
        return Text("Got the code {code} of the pool “{pool}”", code=code, pool=pool)
    if one.port == step.HAD.name:
        return _through(step, one.port, Text("has a code of this pool from before"))
    return _through(step, one.port, Text("the pool “{pool}” gave none", pool=pool))


@_left.register
def _(step: EmitEvent, one: Transition, scene: Scene) -> Text:
    name = step.settings.event
    return Text("Added *{name}* to the customer's events", name=name)


@_left.register
def _(step: StartJourney, one: Transition, scene: Scene) -> Text:
    key = step.settings.journey
    return Text("Asked for an entry into the journey “{key}”", key=key)


@_left.register
def _(step: GoTo, one: Transition, scene: Scene) -> Text:
    target = title(scene.plan, one.port)
    return Text("Goes on at “{target}”", target=target)
