"""Replaying: whether this build decides what was decided, for the history of a run, and where it first does not.

Temporal compares the *kinds* of commands. Which step a run goes to, and what it tells the store, stands in no history
(a local activity's input is kept nowhere); so the trace that this build would write is compared, line by line, with the
one that was written. The first difference is told in the journey's terms.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

from orchestrator.core.commands import Transition
from orchestrator.core.journey.plan import Plan
from orchestrator.core.simulation.narrate import line_in_words, title
from orchestrator.core.text import Text, joined, verbatim
from workflows.activity_options import COMMIT, DELIVER
from workflows.journey_run import JourneyRun
from workflows.run_input import load_transitions

PATIENCE = 60.0
"""Seconds for one history; tens of thousands of events take a few."""
_EVENT_ID = re.compile(r"HistoryEvent\(id: (\d+)")
_LOCAL = "core_local_activity"


@dataclass(frozen=True)
class Divergence:
    """Where this build first decides otherwise. ``event``: number of the history's event, None where the trace alone
    differs; ``recorded`` and ``decided``: what was done, and what this build would do."""

    event: int | None
    recorded: Text
    decided: Text


@dataclass(frozen=True)
class Replayed:
    """One execution, replayed. ``trace``: the lines that this build writes, those of a carried commit included."""

    workflow_id: str
    plan: Plan | None
    trace: tuple[Transition, ...]
    divergence: Divergence | None


@dataclass
class _Notes:
    """What a workflow asked for while it was replayed."""

    trace: dict[int, Transition] = field(default_factory=dict)
    last: list[Text] = field(default_factory=list)
    plan: Plan | None = None


class _NotingRunner(UnsandboxedWorkflowRunner):
    """Runs workflows as the worker does, and notes what they ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.notes = _Notes()

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = super().create_instance(det)
        activate = instance.activate

        def noted(act: Any) -> Any:
            completion = activate(act)
            run = getattr(instance, "_object", None)
            self.notes.plan = getattr(run, "plan", self.notes.plan)
            commands = list(completion.successful.commands)
            if commands:
                self.notes.last = [text for command in commands if (text := _asked(command, self.notes)) is not None]
            return completion

        instance.activate = noted  # type: ignore[method-assign]
        return instance


async def replay(
    history: WorkflowHistory, converter: DataConverter, written: Sequence[Transition] | None = None
) -> Replayed:
    """Replay one execution. ``written``: lines of its trace that are kept, of this execution or of the whole run.

    Raises ``ValueError`` where the history cannot be replayed at all.
    """
    runner = _NotingRunner()
    replayer = Replayer(workflows=[JourneyRun], data_converter=converter, workflow_runner=runner)
    try:
        async with asyncio.timeout(PATIENCE):  # of a history that is none, the SDK never says so
            result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    except TimeoutError:
        raise ValueError(f"{history.workflow_id} cannot be replayed: it does not come to an end") from None
    notes = runner.notes
    trace = tuple(notes.trace[seq] for seq in sorted(notes.trace))
    divergence = None
    if result.replay_failure is not None:
        divergence = _of_failure(result.replay_failure, history, notes)
    elif written is not None:
        divergence = _of_trace(written, trace, notes.plan)
    return Replayed(history.workflow_id, notes.plan, trace, divergence)


def _of_failure(failure: BaseException, history: WorkflowHistory, notes: _Notes) -> Divergence:
    found = _EVENT_ID.search(str(failure))
    events = {event.event_id: event for event in history.events}
    number = int(found[1]) if found else None
    event = events.get(number or 0)
    recorded = verbatim(str(failure)[:300]) if event is None else _recorded(event, notes.plan)
    return Divergence(number, recorded, _all_of(notes.last))


def _of_trace(written: Sequence[Transition], trace: Sequence[Transition], plan: Plan | None) -> Divergence | None:
    """The first line that differs. What is written of before this execution, or after its history, is not looked at."""
    kept = {line.seq: line for line in written}
    for line in trace:
        other = kept.get(line.seq)
        if other is None and line.seq < max(kept, default=0):
            return Divergence(
                None, Text("nothing, as line {seq} of its trace", seq=line.seq), line_in_words(line, plan)
            )
        if other is not None and _said(line) != _said(other):
            return Divergence(None, line_in_words(other, plan), line_in_words(line, plan))
    missing = [seq for seq in kept if trace and trace[0].seq <= seq and seq not in {line.seq for line in trace}]
    if missing and trace and min(missing) <= trace[-1].seq:
        return Divergence(None, line_in_words(kept[min(missing)], plan), Text("nothing", context="replay"))
    return None


def _said(line: Transition) -> tuple[Any, ...]:
    return (line.what, line.step, line.occurrence, line.port, line.at)


# --- in the journey's terms ------------------------------------------------------------------------------------------


def _step(step: str, plan: Plan | None) -> Text:
    return verbatim(step) if plan is None else title(plan, step)


def _all_of(texts: Sequence[Text]) -> Text:
    return joined(list(texts), "; ") if texts else Text("nothing", context="replay")


def _asked(command: Any, notes: _Notes) -> Text | None:
    """A command in words; what it commits is added to the trace."""
    kind = command.WhichOneof("variant")
    if kind == "schedule_local_activity":
        asked = command.schedule_local_activity
        if asked.activity_type == COMMIT:
            return _commit(orjson.loads(asked.arguments[1].data), notes)
        given = orjson.loads(asked.arguments[0].data)
        then = given.get("then")
        if then:
            _commit(then[1], notes)
        return _sends(given, notes.plan)
    if kind == "schedule_activity":
        return _sends(orjson.loads(command.schedule_activity.arguments[0].data), notes.plan)
    if kind == "start_timer":
        return Text("sets a timer")
    if kind == "complete_workflow_execution":
        return Text("ends the run")
    if kind == "continue_as_new_workflow_execution":
        return Text("continues as a new execution")
    return None


def _commit(data: Mapping[str, Any], notes: _Notes) -> Text:
    lines = load_transitions(data)
    notes.trace |= {line.seq: line for line in lines}
    return _all_of([line_in_words(line, notes.plan) for line in lines]) if lines else Text("asks the store")


def _sends(given: Mapping[str, Any], plan: Plan | None) -> Text:
    return Text("sends at “{step}”", step=_step(str(given.get("step", "")), plan))


def _recorded(event: HistoryEvent, plan: Plan | None) -> Text:
    """An event of a history in the journey's terms."""
    match event.event_type:
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            given = event.activity_task_scheduled_event_attributes
            return _sends(orjson.loads(given.input.payloads[0].data), plan)
        case EventType.EVENT_TYPE_TIMER_STARTED:
            group = next((marker.label.id for marker in event.event_group_markers), "")
            return Text("waits at “{step}”", step=_step(group, plan))
        case EventType.EVENT_TYPE_MARKER_RECORDED:
            return _marker(event)
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            return Text("ends the run")
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
            return Text("continues as a new execution")
        case EventType.EVENT_TYPE_TIMER_FIRED:
            return Text("a timer has come")
    name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_").lower().replace("_", " ")
    return verbatim(name)


def _marker(event: HistoryEvent) -> Text:
    given = event.marker_recorded_event_attributes
    if given.marker_name != _LOCAL:
        return verbatim(given.marker_name)
    told = orjson.loads(given.details["data"].payloads[0].data)
    return Text("sends a message") if told.get("activity_type") == DELIVER else Text("asks the store")
