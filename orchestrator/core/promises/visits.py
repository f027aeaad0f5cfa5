"""One visit of a run to a step, once it is over; and what waits keep: how long they last, and what ends them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from orchestrator.core.commands import Transition
from orchestrator.core.conditions.contract import Node
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import SURVEY_ANSWERED
from orchestrator.core.promises.witness import holds, passes
from orchestrator.core.scenarios.play import ScenarioRun
from orchestrator.core.scenarios.script import Changes
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.steps import Step
from orchestrator.core.steps.delay import WEEKDAYS, Delay, ForDuration, UntilDate, UntilTimeOfDay
from orchestrator.core.steps.survey import Survey
from orchestrator.core.steps.wait_for_event import WaitForEvent
from orchestrator.core.steps.wait_until import WaitUntil
from orchestrator.core.text import Text
from orchestrator.core.timing import zone

S = TypeVar("S", bound=Step)
Fault = tuple[str, Text]
"""Which promise is broken, and how."""
ANOTHER_INSTANT = Text("its time runs out at another instant")


@dataclass(frozen=True)
class Visit(Generic[S]):
    """``entered`` and ``left``: the lines by which it began and ended."""

    run: ScenarioRun
    one: SimulatedRun
    step: S
    entered: Transition
    left: Transition

    @property
    def took(self) -> timedelta:
        return self.left.at - self.entered.at

    @property
    def port(self) -> str:
        return self.left.port

    @property
    def event(self) -> CustomerEvent | None:
        """The event that ended it, as its trace says."""
        wanted = self.left.note.get("message_id")
        return next((event for event in self.run.person.log if event.message_id == wanted), None)

    def passes(self, where: Node | None, event: CustomerEvent | None) -> bool:
        """Whether there is such an event, and it passes a filter."""
        return event is not None and passes(self.one, where, event)


def delay(visit: Visit[Delay]) -> Iterator[Fault]:
    """It lasts as long as it says, or until the clock of the customer's says so."""
    settings, took = visit.step.settings, visit.took
    jitter = settings.jitter or timedelta(0)
    if isinstance(settings, ForDuration) and not settings.duration <= took <= settings.duration + jitter:
        wanted = str(settings.duration)
        yield "delay", Text("it waits {took} and not {wanted}", took=str(took), wanted=wanted)
    if jitter or _travels(visit.run) or not took:
        return
    local = visit.left.at.astimezone(zone(visit.run.person.zone))
    if (local - timedelta(days=1)).utcoffset() != (local + timedelta(days=1)).utcoffset():
        return  # clocks change, and some local times are none
    if isinstance(settings, UntilTimeOfDay):
        days = [WEEKDAYS.index(day) for day in settings.weekdays] or range(7)
        longest = timedelta(days=8 if settings.weekdays else 1)
        if local.time() != settings.at or local.weekday() not in days or took > longest:
            yield "delay", Text("it waits until another time of day")
    if isinstance(settings, UntilDate) and (local.date() != settings.date or local.time() != settings.at):
        yield "delay", Text("it waits until another date")


def _travels(run: ScenarioRun) -> bool:
    """Whether the customer changes their time zone on the way."""
    return any(isinstance(act.what, Changes) and act.what.time_zone for act in run.script.acts)


def wait_for_event(visit: Visit[WaitForEvent]) -> Iterator[Fault]:
    """An event in time ends it, the first branch that it passes; else its window does, to the instant."""
    settings, left = visit.step.settings, visit.left
    deadline = None if settings.window is None else visit.entered.at + settings.window
    if visit.port == "timeout":
        if deadline is None or left.at != deadline:
            yield "deadline", ANOTHER_INSTANT
        elif (missed := _missed(visit, deadline)) is not None:
            yield "wait", Text("“{event}” came in time, and the time runs out", event=missed.name)
        return
    event = visit.event
    branches = [branch for branch in settings.branches if event is not None and branch.event == event.name]
    taken = next((branch.port for branch in branches if visit.passes(branch.where, event)), None)
    if event is None or taken != visit.port:
        yield "wait", Text("it takes a path that no event opens")
    elif event.message_id in _used_before(visit):
        yield "wait", Text("one event ends two waits")
    elif deadline is not None and event.occurred_at > deadline:
        yield "wait", Text("an event counts that came too late")
    elif event.occurred_at < visit.entered.at - settings.look_back - _before(visit):
        yield "wait", Text("an event counts that came too early")


def _used_before(visit: Visit[WaitForEvent]) -> set[object]:
    """Events that had ended waits of this run already, and the one that began it."""
    entry = visit.one.state.entry
    lines = visit.run.trace(visit.one)
    used = {line.note.get("message_id") for line in lines if line.what == "left" and line.seq < visit.left.seq}
    return used | (set() if entry is None else {entry.message_id})


def _before(visit: Visit[WaitForEvent]) -> timedelta:
    """How long before it got here what brought the run here lies: events count from that on."""
    lines = visit.run.trace(visit.one)
    earlier = [line for line in lines if line.seq < visit.entered.seq and line.what == "left"]
    ids = {line.note.get("message_id") for line in earlier} - {None}
    causes = [event.occurred_at for event in visit.run.person.log if event.message_id in ids]
    since = max([visit.one.state.began, *causes])
    return max(visit.entered.at - since, timedelta(0))


def _missed(visit: Visit[WaitForEvent], deadline: datetime) -> CustomerEvent | None:
    """An event that had arrived, and should have ended the wait."""
    entry = visit.one.state.entry
    used = {line.note.get("message_id") for line in visit.run.trace(visit.one) if line.what == "left"}
    used |= set() if entry is None else {entry.message_id}
    for branch in visit.step.settings.branches:
        for event in visit.run.person.log.named(branch.event)[1]:
            in_time = visit.entered.at < event.occurred_at <= deadline and event.message_id not in used
            if in_time and visit.passes(branch.where, event):
                return event
    return None


def wait_until(visit: Visit[WaitUntil]) -> Iterator[Fault]:
    """Its condition holds when it goes on, and does not when its window is over."""
    true, window = holds(visit.run, visit.one, visit.step.settings.condition), visit.step.settings.window
    if visit.port == "timeout":
        if window is None or visit.left.at != visit.entered.at + window:
            yield "deadline", ANOTHER_INSTANT
        if true:
            yield "wait", Text("its condition holds, and the time runs out")
    elif not true:
        yield "wait", Text("it goes on, and its condition does not hold")


def survey(visit: Visit[Survey]) -> Iterator[Fault]:
    """The path of the answer that was given to this run; else of none, when the window is over."""
    if visit.port in ("no_answer", "not_sent"):
        sends = [told.send for told in visit.run.sends if told.run == visit.one.run_id]
        place = (visit.left.step, visit.left.occurrence)
        sent = any((one.step, one.occurrence) == place and one.outcome in ("sent", "unknown") for one in sends)
        if sent is not (visit.port == "no_answer"):
            yield "survey", ANOTHER_OUTCOME
        if visit.port == "no_answer" and visit.took < visit.step.settings.window:
            yield "deadline", ANOTHER_INSTANT
        return
    event = visit.event
    told = {} if event is None or event.name != SURVEY_ANSWERED else event.properties
    if told.get("group") != visit.port or told.get("survey") != visit.step.settings.survey:
        yield "survey", Text("it takes the path of another answer")
    elif told.get("run", visit.one.run_id) != visit.one.run_id:
        yield "survey", Text("another run's answer counts")


ANOTHER_OUTCOME = Text("it takes the path of another outcome")
