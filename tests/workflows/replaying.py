"""Replaying a history up to any of its tasks, and seeing what the workflow would ask for there."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import orjson
from google.protobuf.json_format import MessageToDict
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

from workflows.activity_options import COMMIT, DELIVER
from workflows.journey_run import JourneyRun

_UNSETTLED = ("start_to_fire_timeout", "schedule_to_close_timeout")
"""How long a timer has still to run depends on the present, and is compared by nobody."""


class RecordingRunner(UnsandboxedWorkflowRunner):
    """Runs workflows as the worker does, and notes what they ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[list[dict[str, Any]]] = []
        """Of each instance, in the order in which they were made."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = super().create_instance(det)
        commands: list[dict[str, Any]] = []
        self.commands.append(commands)
        activate = instance.activate

        def noted(act: Any) -> Any:
            completion = activate(act)
            commands.extend(_asked_for(command) for command in completion.successful.commands)
            return completion

        instance.activate = noted  # type: ignore[method-assign]  # looks on, and calls it
        return instance


def _asked_for(command: Any) -> dict[str, Any]:
    """A command without what depends on the present: durations, and that part of a commit that the store alone sees."""
    kind = command.WhichOneof("variant")
    fields = MessageToDict(getattr(command, kind), preserving_proto_field_name=True)
    for name in _UNSETTLED:
        fields.pop(name, None)
    if kind == "schedule_local_activity" and fields["activity_type"] == COMMIT:
        fields["arguments"] = orjson.loads(command.schedule_local_activity.arguments[1].data)
        fields.pop("attempt", None)
    if kind == "schedule_local_activity" and fields["activity_type"] == DELIVER:
        given = orjson.loads(command.schedule_local_activity.arguments[0].data)
        then = given.pop("then", [None, None])
        fields["arguments"] = {name: value for name, value in given.items() if name != "at"} | {"then": then[1]}
        fields.pop("attempt", None)
    if kind == "schedule_activity":
        given = orjson.loads(command.schedule_activity.arguments[0].data)
        fields["arguments"] = {name: value for name, value in given.items() if name != "at"}
    if kind == "continue_as_new_workflow_execution":
        fields.pop("arguments")
    return {kind: fields}


async def commands_of(histories: Sequence[WorkflowHistory], converter: DataConverter) -> list[list[dict[str, Any]]]:
    """Everything that the workflow asks for from the beginning of each history to its end."""
    runner = RecordingRunner()
    replayer = Replayer(workflows=[JourneyRun], data_converter=converter, workflow_runner=runner)

    async def one_by_one() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    await replayer.replay_workflows(one_by_one())
    assert len(runner.commands) == len(histories)
    return runner.commands


async def assert_same_from_every_cut(history: WorkflowHistory, converter: DataConverter, step: int = 1) -> None:
    """A worker that takes a run over at any of its tasks comes to the commands of the one that never let go of it.
    ``step``: of so many cuts only one is tried."""
    parts = [*[*cuts(history)][::step], history]
    *there, whole = await commands_of(parts, converter)
    for part, commands in zip(parts, there, strict=False):
        assert commands == whole[: len(commands)], f"{history.workflow_id}, cut after event {len(part.events)}"


def cuts(history: WorkflowHistory) -> Iterator[WorkflowHistory]:
    """The history as it stood whenever a worker was handed a task: what a worker replays that takes a run over there.

    A task that failed or ran out of time left nothing behind; the next one is the same again.
    """
    events = list(history.events)
    for n, event in enumerate(events):
        following: HistoryEvent | None = events[n + 1] if n + 1 < len(events) else None
        completed = following is not None and following.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED and completed:
            yield WorkflowHistory(history.workflow_id, events[: n + 1])
