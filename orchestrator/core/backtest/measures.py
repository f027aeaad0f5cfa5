"""What one customer's walk through one plan comes to, as numbers that add up over customers.

A measure is a tuple: its kind, then what it is of (a reason, a channel, a day, a goal). What a walk does not name is 0.
"""

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.binding import is_plain
from orchestrator.core.conditions.evaluate import matches
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.core.simulation.outcome import SimulatedSend
from orchestrator.core.simulation.simulator import SimulationResult
from orchestrator.core.steps.message import Sending

Measure = tuple[str, ...]
Measures = Counter[Measure]
Decision = tuple[str, SimulatedSend]
"""The id of the run that asked, and what was decided on its message."""

TRIGGERED: Measure = ("triggered",)
"""Customers who did what lets customers in."""
CUSTOMERS: Measure = ("customers",)
"""Customers who entered at least once."""
ENTRIES: Measure = ("entries",)
SENT: Measure = ("sent",)
RUNNING: Measure = ("running",)
"""Runs still under way at the end of the window."""
OF_CUSTOMERS = frozenset({"triggered", "customers"})
"""Kinds that a customer counts for once at most."""
ANYWAY = "goal_anyway"
"""Goals that customers reached who were never in the journey."""


def measures_of(
    plan: Plan, result: SimulationResult, decisions: list[Decision], since: datetime, tz: ZoneInfo
) -> Measures:
    """What happened after ``since`` of one customer's walk; days are counted in ``tz``."""
    found: Measures = Counter()
    for entry in result.entries:
        if entry.at > since:
            found[TRIGGERED] = 1
            found[ENTRIES if entry.admission.admitted else ("refused", entry.admission.reason)] += 1
    found[CUSTOMERS] = int(found[ENTRIES] > 0)
    for run in result.runs:
        found[RUNNING] += run.live
        for one in run.transitions:
            if one.at > since:
                _count_transition(found, one)
    _count_decisions(found, plan, decisions, since, tz)
    return +found


def _count_transition(found: Measures, one: Transition) -> None:
    if one.what == "ended":
        found["ended", one.port] += 1
    elif one.what == "goal":
        found["goal", one.port] += 1


def _count_decisions(found: Measures, plan: Plan, decisions: list[Decision], since: datetime, tz: ZoneInfo) -> None:
    """A message that was held twice for one reason is one message held for it."""
    waited: set[Any] = set()
    for run, send in decisions:
        step = plan.steps.get(send.step)
        if send.at <= since or not isinstance(step, Sending):
            continue
        if send.outcome == "sent":
            found[SENT] += 1
            found["sent_by", send.channel, step.settings.message_class] += 1
            found["sent_on", send.at.astimezone(tz).date().isoformat(), send.channel] += 1
        elif send.outcome == "skipped":
            found["skipped", send.reason] += 1
        elif (visit := (run, send.step, send.occurrence, send.reason)) not in waited:
            waited.add(visit)
            found["held", send.reason] += 1


def goals_anyway(plan: Plan, events: list[CustomerEvent], since: datetime) -> Measures:
    """Goals of a plan that somebody reached who was never in it: by their own events after ``since``.

    A goal that compares with the entry event has none to compare with, and is left out.
    """
    found: Measures = Counter()
    for one in events:
        for goal in plan.goals_on.get(one.name, ()) if one.occurred_at > since else ():
            measure = (ANYWAY, goal.id)
            fits = goal.where is None or (is_plain(goal.where) and matches(goal.where, one))
            if fits and (goal.repeat or not found[measure]):
                found[measure] += 1
    return +found
