"""In what a customer's way through the draft differs from their way through the live version."""

from datetime import datetime

from orchestrator.core.journey.plan import Plan
from orchestrator.core.simulation.simulator import SimulationResult
from orchestrator.core.steps.message import Sending
from orchestrator.core.text import Text

DIFFERENCES: dict[str, Text] = {
    "only_draft": Text("Enter only with the draft"),
    "only_live": Text("Enter only with the live version"),
    "other_messages": Text("Get other messages, or at other times"),
    "other_end": Text("Leave otherwise, or at another time"),
}
"""Kinds, in words."""


def differences(
    draft: SimulationResult | None, live: SimulationResult | None, plan: Plan, live_plan: Plan, since: datetime
) -> frozenset[str]:
    """Kinds of :data:`DIFFERENCES`, by what happened after ``since``; None: the customer did nothing to enter.

    Messages are compared by channel, class and minute, ends by reason and minute: of a step that was only renamed, or
    drawn anew, nothing differs.
    """
    entered, entered_live = _entered(draft, since), _entered(live, since)
    found = set()
    if entered != entered_live:
        found.add("only_draft" if entered else "only_live")
        return frozenset(found)
    if _sent(draft, plan, since) != _sent(live, live_plan, since):
        found.add("other_messages")
    if _ends(draft, since) != _ends(live, since):
        found.add("other_end")
    return frozenset(found)


def _entered(result: SimulationResult | None, since: datetime) -> bool:
    return result is not None and any(one.admission.admitted and one.at > since for one in result.entries)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _sent(result: SimulationResult | None, plan: Plan, since: datetime) -> list[tuple[datetime, str, str]]:
    found = []
    for one in result.sends if result is not None else ():
        step = plan.steps.get(one.step)
        if one.outcome == "sent" and one.at > since and isinstance(step, Sending):
            found.append((_minute(one.at), one.channel, str(step.settings.message_class)))
    return sorted(found)


def _ends(result: SimulationResult | None, since: datetime) -> list[tuple[datetime, str]]:
    if result is None:
        return []
    transitions = (one for run in result.runs for one in run.transitions)
    return sorted((_minute(one.at), one.port) for one in transitions if one.what == "ended" and one.at > since)
