"""A run told line by line: where it waits and for what, which way it took and why, how it ended.

What a step has to say of a visit the step says itself (``core.steps.contract``); here is what concerns the journey.
"""

from datetime import UTC
from typing import Any

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.explain import in_words
from orchestrator.core.journey.plan import Plan
from orchestrator.core.steps.narration import NarrationContext
from orchestrator.core.text import Text, joined, spelt_out, verbatim


def narrate(plan: Plan, one: Transition, narration: NarrationContext) -> Text:
    """One line of a run's trace."""
    step = plan.steps.get(one.step)
    match one.what:
        case "entered":
            return verbatim(one.step) if step is None else step.narrate_entry(narration)
        case "left":
            return verbatim(one.port) if step is None else step.narrate_exit(one, narration)
        case "goal":
            return _goal(plan, one)
        case "ended":
            return _ended(plan, one, narration)
        case "moved":
            return _moved(plan, one)


def title(plan: Plan, step: str) -> Text:
    """A step's own title."""
    node = plan.steps.get(step)
    return verbatim(step) if node is None else verbatim(node.label, node.summary())


def line_in_words(line: Transition, plan: Plan | None) -> Text:
    """A line of a trace as it is compared with another: when (UTC), where, and by which port."""
    at, step = (
        f"{line.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        verbatim(line.step) if plan is None else title(plan, line.step),
    )
    match line.what:
        case "entered":
            return Text("{at}: comes to “{step}”", at=at, step=step)
        case "left":
            return Text("{at}: leaves “{step}” by “{port}”", at=at, step=step, port=line.port)
        case "goal":
            return Text("{at}: counts the goal “{goal}”", at=at, goal=line.port)
        case "moved":
            return Text("{at}: is moved to “{step}”", at=at, step=step)
    return Text("{at}: ends at “{step}”: {reason}", at=at, step=step, reason=line.port)


def goal_title(plan: Plan | None, goal: str) -> Text:
    """What a goal is called: by its rule, by a step that counts it, else by its id in words."""
    rules = [rule.label for rule in plan.journey.goals if rule.id == goal] if plan else []
    steps = [step.label for step in plan.journey.steps if step.counts(goal)] if plan else []
    return verbatim(next((label for label in (*rules, *steps) if label), {}), spelt_out(goal))


def end(plan: Plan | None, reason: str, explain: Text | None = None) -> Text:
    """Why a run ended: in the words of the exit step that says so, of a goal, of an exit rule, or ours."""
    what, _, goal = reason.partition(":")
    if what == "goal" and goal:
        return Text("Goal “{goal}” reached", goal=goal_title(plan, goal))
    for rule in plan.journey.exits if plan else ():
        if (rule.reason or rule.id) == reason and rule.label:
            return verbatim(rule.label)
        if (rule.reason or rule.id) == reason:
            event = verbatim(f"*{rule.event}*") if rule.event else explain or describe(_when(rule))
            return Text("Exit rule “{id}”: {event}", id=spelt_out(rule.id), event=event)
    for step in plan.journey.steps if plan else ():
        if step.exit_reason() == reason and step.label:
            return verbatim(step.label)
    return _ENDS.get(reason, spelt_out(reason))


_ENDS = {
    "completed": Text("Completed"),
    "stopped": Text("Journey stopped"),
    "moved": Text("Moved to another version"),
    "operator": Text("Ended by an operator"),
    "erased": Text("The customer was erased"),
    "merged": Text(
        "Two customers were found to be the same person and were in this journey twice; the earlier run continues"
    ),
}


def _when(rule: Any) -> Any:
    return rule.when


def _goal(plan: Plan, one: Transition) -> Text:
    called = goal_title(plan, one.port)
    value, currency = one.note.get("value"), one.note.get("currency") or ""
    if value is None:
        return Text("Goal “{goal}” reached", goal=called)
    worth = joined((in_words(value), verbatim(currency)), " ") if currency else in_words(value)
    return Text("Goal “{goal}” reached, {worth}", goal=called, worth=worth)


def _moved(plan: Plan, one: Transition) -> Text:
    """``plan``: the one that the run left. Where it came to, the line after this one tells."""
    if "plan" in one.note:
        return Text("Moved to another version of the journey")
    return Text("Moved by an operator from “{step}”", step=title(plan, one.step))


def _ended(plan: Plan, one: Transition, narration: NarrationContext) -> Text:
    why = end(plan, one.port, narration.rules.get(one.port))
    return Text("Left the journey: {why}", why=why)
