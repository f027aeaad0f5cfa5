"""What happened, as lines in the order of time: for people, and to be compared between two ways of running it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from orchestrator.core.events.system_events import SYSTEM_EVENTS
from orchestrator.core.run.routing import REASONS
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.simulation.narrate import title
from orchestrator.core.text import Text, verbatim

Kind = Literal["event", "entry", "entered", "left", "goal", "sent", "not_sent", "ended", "moved", "waits"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``step``: its id, empty for what is no step's; ``words``: for people."""

    at: datetime
    kind: Kind
    journey: str
    step: str
    words: Text


def timeline(run: ScenarioRun) -> list[Line]:
    """Everything that is seen of a playing, in the order in which it happened."""
    order = {"event": 0, "entry": 1, "entered": 2, "goal": 2, "sent": 2, "not_sent": 2, "left": 2, "ended": 2}
    found = [*_events(run), *_entries(run), *_of_runs(run)]
    placed = sorted(enumerate(found), key=lambda one: (one[1].at, order.get(one[1].kind, 3), one[0]))
    return [line for _, line in placed]


def _events(run: ScenarioRun) -> Iterator[Line]:
    for event in run.script.history:
        yield Line(event.occurred_at, "event", "", "", verbatim(event.name))
    for one in run.heard:
        if one.name not in SYSTEM_EVENTS or "waiting" not in one.text.to("en"):
            yield Line(one.at, "event", "", "", verbatim(one.name))


def _entries(run: ScenarioRun) -> Iterator[Line]:
    for entered in run.result.entries:
        if not entered.admission.admitted:
            yield Line(entered.at, "entry", entered.journey, "", REASONS[entered.admission.reason])


def _of_runs(run: ScenarioRun) -> Iterator[Line]:
    for one in run.runs:
        plan = run.plan_of(one)
        sends = [told for told in run.sends if told.run == one.run_id]
        for line in run.trace(one):
            if line.what == "left":
                for told in [
                    told for told in sends if (told.send.step, told.send.occurrence) == (line.step, line.occurrence)
                ]:
                    kind: Kind = "sent" if told.send.outcome in ("sent", "unknown") else "not_sent"
                    yield Line(told.send.at, kind, one.journey, line.step, told.text)
                    sends.remove(told)
            words = run.text(one, line) if line.step in plan.steps else verbatim(line.port)
            yield Line(line.at, line.what, one.journey, line.step, words)
        for told in sends:
            yield Line(told.send.at, "not_sent", one.journey, told.send.step, told.text)
        if one.live:
            yield Line(run.until, "waits", one.journey, one.state.step, run.standing(one))


def step_title(run: ScenarioRun, line: Line) -> Text:
    """What the step of a line is called."""
    plan = next((run.plan_of(one) for one in run.runs if one.journey == line.journey), run.plans.get(line.journey))
    return verbatim("") if plan is None or line.step not in plan.steps else title(plan, line.step)


def trace_of(run: ScenarioRun) -> list[tuple[Any, ...]]:
    """Every line of every run without its instants: journey, key, what, step, occurrence, port; then the decisions on
    messages: journey, step, occurrence, outcome. Two ways of running one script are the same where these are."""
    runs = sorted(run.runs, key=lambda one: (one.journey, one.key, one.entered_at))
    lines: list[tuple[Any, ...]] = [
        (one.journey, one.key, line.what, line.step, line.occurrence, line.port)
        for one in runs
        for line in run.trace(one)
    ]
    sends = [(one.journey, one.step, one.occurrence, one.outcome) for one in run.result.sends if one.outcome != "held"]
    return [*lines, *sorted(sends)]
