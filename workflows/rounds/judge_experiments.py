"""Judging experiments by their rules, every hour: a schedule, and a workflow of one activity."""

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

NAME = "sojourn:experiments"
"""No journey's key has a colon."""
EVERY = timedelta(hours=1)
AT = timedelta(minutes=20)
"""Past the hour, when less begins than on it."""
LONGEST = timedelta(minutes=40)


@workflow.defn(name=NAME)
class JudgeExperiments:
    """One look. What it leaves undone the next one does."""

    @workflow.run
    async def run(self) -> dict[str, Any]:
        """How many were decided, moved, or go on."""
        done: dict[str, Any] = await workflow.execute_activity(
            "judge_experiments",
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=timedelta(minutes=10),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        return done


async def ensure_schedule(client: Client, task_queue: str) -> None:
    """The schedule as it is meant to be. An hour that was missed is not made up for: the next one sees as much."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(NAME, id=NAME, task_queue=task_queue, run_timeout=2 * LONGEST),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY, offset=AT)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=EVERY),
    )
    await ensure(client, NAME, schedule)
