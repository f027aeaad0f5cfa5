"""The product's own rounds are schedules that every worker may make, and workflows of one activity each."""

import contextlib
import uuid
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError

from tests.waiting import until
from workflows.rounds import due_entries, judge_experiments, refresh_traits
from workflows.worker import journey_worker


@pytest.mark.parametrize(
    ("module", "activity_name", "every"),
    [
        (due_entries, "offer_due_entries", timedelta(minutes=1)),
        (refresh_traits, "refresh_traits", timedelta(days=1)),
        (judge_experiments, "judge_experiments", timedelta(hours=1)),
    ],
    ids=["due", "traits", "experiments"],
)
async def test_the_schedule_is_made_once_and_each_round_is_one_activity(
    temporal_client: Client, module: ModuleType, activity_name: str, every: timedelta
) -> None:
    queue, rounds = f"test-{uuid.uuid4()}", 0

    @activity.defn(name=activity_name)
    async def one_round() -> dict[str, Any]:
        nonlocal rounds
        rounds += 1
        return {"rounds": rounds}

    async def is_scheduled() -> bool:
        described = await temporal_client.get_schedule_handle(module.NAME).describe()
        return described.schedule.spec.intervals[0].every == every

    try:
        for _ in range(2):
            await module.ensure_schedule(temporal_client, queue)
        await until(is_scheduled, "it is as it is meant to be")
        async with journey_worker(temporal_client, queue, [one_round]):
            done = await temporal_client.execute_workflow(module.NAME, id=f"{module.NAME}-{queue}", task_queue=queue)
        assert done == {"rounds": 1}
    finally:
        with contextlib.suppress(RPCError):
            await temporal_client.get_schedule_handle(module.NAME).delete()
