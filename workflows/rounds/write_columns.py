"""Writing the columns that reports are counted from, once an hour: a schedule, and a workflow of one activity."""

from datetime import timedelta
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

from workflows.rounds.schedules import ensure

NAME = "sojourn:columns"
"""No journey's key has a colon."""
EVERY = timedelta(hours=1)
LONGEST = timedelta(hours=2)


@workflow.defn(name=NAME)
class WriteColumns:
    """One round. What a round leaves undone the next one does."""

    @workflow.run
    async def run(self) -> dict[str, Any]:
        """Units of columns, how many of them were written, rows, and reports counted ahead."""
        done: dict[str, Any] = await workflow.execute_activity(
            "write_columns",
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=timedelta(minutes=30),
            retry_policy=RetryPolicy(maximum_attempts=2),
        )
        return done


async def ensure_schedule(client: Client, task_queue: str) -> None:
    """The schedule as it is meant to be; a round that was missed is left out."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(NAME, id=NAME, task_queue=task_queue, run_timeout=2 * LONGEST),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=10)),
    )
    await ensure(client, NAME, schedule)
