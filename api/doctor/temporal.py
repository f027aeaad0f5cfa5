"""What Temporal says of itself and of our workflows, to be held against the books."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from temporalio.api.enums.v1 import EventType, TaskQueueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from workflows.client import SEARCH_ATTRIBUTES
from workflows.shown import STEP

AT_ONCE = 20
NOBODYS = "sojourn:doctor"
"""A task queue that nobody serves."""


@dataclass(frozen=True)
class OpenRun:
    """A run that Temporal has open. ``step``: where it rested last, as it shows."""

    workflow_id: str
    execution: str
    step: str | None
    since: datetime


@dataclass(frozen=True)
class ClosedRun:
    """A run that is over in Temporal. ``reason``: of its end, where it came to one by itself."""

    workflow_id: str
    reason: str | None


async def open_runs(client: Client, task_queue: str) -> dict[str, OpenRun]:
    """Every run that is under way, by its workflow id. Temporal's list may be some seconds old."""
    found = {}
    async for one in client.list_workflows(f"ExecutionStatus = 'Running' and TaskQueue = '{task_queue}'"):
        if ":" not in one.workflow_type:
            found[one.id] = OpenRun(one.id, one.run_id, one.typed_search_attributes.get(STEP), one.start_time)
    return found


async def known_ends(client: Client, workflows: Iterable[str]) -> dict[str, ClosedRun | None]:
    """Of these workflow ids, as Temporal has them at this moment, those that are not open: how each ended; None: it
    knows none."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(workflow: str) -> tuple[str, bool, ClosedRun | None]:
        async with gate:
            handle = client.get_workflow_handle(workflow)
            try:
                status = (await handle.describe()).status
                if status == WorkflowExecutionStatus.RUNNING:
                    return workflow, True, None
                reason = str(await handle.result()) if status == WorkflowExecutionStatus.COMPLETED else None
            except WorkflowFailureError:
                reason = None
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:
                    raise
                return workflow, False, None
            return workflow, False, ClosedRun(workflow, reason)

    looked = await asyncio.gather(*(one(workflow) for workflow in workflows))
    return {workflow: ended for workflow, is_open, ended in looked if not is_open}


async def last_tasks(client: Client, workflows: Iterable[str]) -> Mapping[str, tuple[datetime, datetime]]:
    """Of these runs: when the last workflow task began, and the last one that committed something."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(workflow: str) -> tuple[str, tuple[datetime, datetime] | None]:
        began: datetime | None = None
        committed: datetime | None = None
        async with gate:
            async for event in client.get_workflow_handle(workflow).fetch_history_events():
                at = event.event_time.ToDatetime(tzinfo=UTC)
                if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
                    began = at
                details = event.marker_recorded_event_attributes.details
                if any(b'"book"' in payload.data for payloads in details.values() for payload in payloads.payloads):
                    committed = began  # a marker follows the task that it belongs to
        return workflow, None if began is None else (began, committed or began)

    looked = await asyncio.gather(*(one(workflow) for workflow in workflows))
    return {workflow: found for workflow, found in looked if found is not None}


async def missing_attributes(client: Client) -> list[str]:
    """Search attributes of ours that the namespace does not have."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    found = await client.operator_service.list_search_attributes(request)
    return [one.name for one in SEARCH_ATTRIBUTES if one.name not in found.custom_attributes]


async def add_attributes(client: Client, names: Iterable[str]) -> None:
    """Make them."""
    kinds = {one.name: one.indexed_value_type for one in SEARCH_ATTRIBUTES}
    given = {name: kinds[name].value for name in names}
    # Its type stub wants members of an enumeration, which are plain numbers when it runs.
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=given)  # type: ignore[arg-type]
    await client.operator_service.add_search_attributes(request)


@dataclass(frozen=True)
class Poller:
    """A worker that asks for work."""

    identity: str
    build: str
    seen: datetime


async def pollers(client: Client, task_queue: str) -> list[Poller]:
    """Who has asked for workflow tasks within the last minutes."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    found = await client.workflow_service.describe_task_queue(request)
    return [
        Poller(
            one.identity,
            one.deployment_options.build_id or one.worker_version_capabilities.build_id,
            one.last_access_time.ToDatetime(tzinfo=UTC),
        )
        for one in found.pollers
    ]


async def server_time(client: Client) -> datetime:
    """Temporal's clock: when a workflow began that nobody carries out, and that is ended at once."""
    handle = await client.start_workflow(NOBODYS, id=f"{NOBODYS}/{uuid4()}", task_queue=NOBODYS)
    try:
        return (await handle.describe()).start_time
    finally:
        await handle.terminate(reason="only its beginning was wanted")
