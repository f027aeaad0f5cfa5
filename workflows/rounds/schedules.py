"""Schedules of the product's own rounds: as they are meant to be, whoever made them before."""

from typing import Any

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleUpdate,
    ScheduleUpdateInput,
)


async def ensure(client: Client, name: str, schedule: Schedule) -> None:
    """The schedule as it is meant to be; of workers that start at once, one makes it.

    One that is so already is left alone: an update writes the whole of it, and would take back a pause that comes in
    the same moment.
    """
    try:
        await client.create_schedule(name, schedule)
    except ScheduleAlreadyRunningError:

        async def renewed(found: ScheduleUpdateInput) -> ScheduleUpdate | None:
            before = found.description.schedule
            if _meaning(before) == _meaning(schedule):
                return None
            schedule.state = before.state  # somebody may have paused it
            return ScheduleUpdate(schedule)

        await client.get_schedule_handle(name).update(renewed)


def _meaning(schedule: Schedule) -> tuple[Any, ...]:
    """What it does, and when."""
    action, policy, spec = schedule.action, schedule.policy, schedule.spec
    if not isinstance(action, ScheduleActionStartWorkflow):
        return (action,)
    started = (action.workflow, action.id, action.task_queue, action.run_timeout)
    return (*started, spec.intervals, policy.overlap, policy.catchup_window)
