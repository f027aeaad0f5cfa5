"""Following up on messages, once a minute: a schedule, and a workflow of one activity."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.common import RetryPolicy
from temporalio.service import RPCError, RPCStatusCode

from workflows.rounds.schedules import ensure

NAME = "sojourn:reconcile"
"""No journey's key has a colon."""
EVERY = timedelta(minutes=1)
LONGEST = timedelta(minutes=10)


@workflow.defn(name=NAME)
class Reconcile:
    """One round. What a round leaves undone the next one finds."""

    @workflow.run
    async def run(self) -> dict[str, Any]:
        """What was done, by kind."""
        done: dict[str, Any] = await workflow.execute_activity(
            "reconcile",
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=timedelta(minutes=2),
            retry_policy=RetryPolicy(maximum_attempts=2),
        )
        return done


async def ensure_schedule(client: Client, task_queue: str) -> None:
    """The schedule as it is meant to be, whoever made it before."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(NAME, id=NAME, task_queue=task_queue, run_timeout=2 * LONGEST),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=EVERY),
    )
    await ensure(client, NAME, schedule)


@dataclass(frozen=True)
class Rounds:
    """What Temporal remembers of following up on messages. ``known``: that there are such rounds at all."""

    known: bool
    last: datetime | None


async def rounds(client: Client, task_queue: str) -> Rounds:
    """When the last round ended that Temporal remembers, of this task queue."""
    query = f"WorkflowType = '{NAME}' and ExecutionStatus = 'Completed' and TaskQueue = '{task_queue}'"
    ended = [one.close_time async for one in client.list_workflows(query, limit=3)]
    last = max((at for at in ended if at is not None), default=None)
    if last is not None:
        return Rounds(True, last)
    try:
        await client.get_schedule_handle(NAME).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return Rounds(False, None)
        raise
    return Rounds(True, None)
