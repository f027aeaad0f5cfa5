"""Following up runs by a schedule that every worker may make, and that nobody makes twice."""

import contextlib
import uuid
from typing import Any

from temporalio import activity
from temporalio.client import Client, ScheduleActionStartWorkflow, ScheduleHandle
from temporalio.service import RPCError

from tests.waiting import until
from workflows import reconcile_sends as reconcile
from workflows.worker import journey_worker


async def _paused(schedule: ScheduleHandle) -> bool:
    """A pause is told by a signal, and shows a moment after it was taken."""
    return (await schedule.describe()).schedule.state.paused


async def _starts_at(schedule: ScheduleHandle, queue: str) -> bool:
    """Whoever made it before meant another task queue; an update shows a moment after it was taken, too."""
    action = (await schedule.describe()).schedule.action
    return isinstance(action, ScheduleActionStartWorkflow) and action.task_queue == queue


async def test_the_schedule_is_made_once_and_each_round_is_one_activity(temporal_client: Client) -> None:
    queue, rounds = f"test-{uuid.uuid4()}", 0

    @activity.defn(name="reconcile")
    async def one_round() -> dict[str, Any]:
        nonlocal rounds
        rounds += 1
        return {"asked": rounds}

    try:
        await reconcile.ensure_schedule(temporal_client, queue)
        handle = temporal_client.get_schedule_handle(reconcile.NAME)
        await until(lambda: _starts_at(handle, queue), "it is as it is meant to be")
        await handle.pause(note="by somebody")
        await reconcile.ensure_schedule(temporal_client, queue)
        await until(lambda: _paused(handle), "it is paused")
        await reconcile.ensure_schedule(temporal_client, queue)
        described = await handle.describe()
        assert described.schedule.state.paused
        assert described.schedule.spec.intervals[0].every == reconcile.EVERY
        async with journey_worker(temporal_client, queue, [one_round]):
            done = await temporal_client.execute_workflow(
                reconcile.NAME, id=f"{reconcile.NAME}-{queue}", task_queue=queue
            )
        assert done == {"asked": rounds}
        assert rounds == 1
    finally:
        with contextlib.suppress(RPCError):
            await temporal_client.get_schedule_handle(reconcile.NAME).delete()
