"""Letting customers in whose day has come, once a minute: a schedule, and a workflow of one activity."""

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

NAME = "sojourn:due"
"""No journey's key has a colon."""
EVERY = timedelta(minutes=1)
LONGEST = timedelta(hours=2)


@workflow.defn(name=NAME)
class OfferDueEntries:
    """One round. What it leaves undone the next one finds."""

    @workflow.run
    async def run(self) -> dict[str, Any]:
        """How many were offered, by journey."""
        done: dict[str, Any] = await workflow.execute_activity(
            "offer_due_entries",
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=timedelta(minutes=2),
            retry_policy=RetryPolicy(maximum_attempts=2),
        )
        return done


async def ensure_schedule(client: Client, task_queue: str) -> None:
    """The schedule as it is meant to be."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(NAME, id=NAME, task_queue=task_queue, run_timeout=2 * LONGEST),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=EVERY),
    )
    await ensure(client, NAME, schedule)
