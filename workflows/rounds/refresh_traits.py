"""Computing traits, once a night: a schedule, and a workflow of one activity."""

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

NAME = "sojourn:traits"
"""No journey's key has a colon."""
EVERY = timedelta(days=1)
AT = timedelta(hours=18, minutes=30)
"""UTC: half past three at night in Korea, when least is sent."""
LONGEST = timedelta(hours=4)


@workflow.defn(name=NAME)
class RefreshTraits:
    """One night. What a night leaves undone the next one does."""

    @workflow.run
    async def run(self) -> dict[str, Any]:
        """How many customers there are, and of how many something changed."""
        done: dict[str, Any] = await workflow.execute_activity(
            "refresh_traits",
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=timedelta(minutes=5),
            retry_policy=RetryPolicy(maximum_attempts=3),
        )
        return done


async def ensure_schedule(client: Client, task_queue: str) -> None:
    """The schedule as it is meant to be. A night that was missed is made up for within half a day."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(NAME, id=NAME, task_queue=task_queue, run_timeout=2 * LONGEST),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY, offset=AT)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=EVERY / 2),
    )
    await ensure(client, NAME, schedule)


async def refresh_now(client: Client) -> None:
    """Do tonight's work now; where it is under way, it is not begun twice."""
    await client.get_schedule_handle(NAME).trigger()
