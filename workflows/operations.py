"""An operation on many: a paced walk through a list that the store keeps, whatever dies meanwhile.

What is done, and to whom, the activities know; here is only how fast, and when it is over. An operation that was
cancelled ends; it goes on by being started, or signalled, again.
"""

import contextlib
import math
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy

T = TypeVar("T")
NAME = "sojourn:operation"
"""No journey's key has a colon."""
AGAIN = "sojourn.again"
"""Signal that it is to look once more: it was cancelled, and is wanted again."""
ROUND = timedelta(seconds=1)
MOST_ROUNDS = 100
"""After which it continues as new."""
LONGEST = timedelta(minutes=2)
SILENT = timedelta(seconds=20)
FOR_EVER = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
LOOKS = (1, 2, 5, 10, 30, 60)
"""Seconds after which it is looked whether the runs have done what they were asked."""


@workflow.defn(name=NAME)
class Operation:
    """One operation."""

    def __init__(self) -> None:
        self.again = False

    @workflow.signal(name=AGAIN)
    def look_again(self) -> None:
        """There is something to do again."""
        self.again = True

    @workflow.run
    async def run(self, given: dict[str, Any]) -> None:
        """``operation``: its id; ``per_second``: how many of its list in a second; ``broadcast``: it is one."""
        per_second = float(given["per_second"])
        most = max(1, round(per_second))
        pause = max(ROUND, timedelta(seconds=1 / per_second)) if per_second < 1 else ROUND
        if given.get("broadcast"):
            await self._broadcast(given, most, pause)
            return
        for _ in range(MOST_ROUNDS):
            self.again = False
            done = await self._ask("carry_out_items", {"operation": given["operation"], "most": most}, int)
            if done:
                await workflow.sleep(pause * math.ceil(done / most))
            elif await self._settled(given["operation"]) and not self.again:
                return
        workflow.continue_as_new(given)

    async def _broadcast(self, given: dict[str, Any], most: int, pause: timedelta) -> None:
        """Each turn takes some, or says how long it is until the next."""
        for _ in range(MOST_ROUNDS):
            self.again = False
            turn = await self._ask("carry_out_broadcast", {"operation": given["operation"], "most": most}, dict)
            if turn["done"]:
                await workflow.sleep(pause * math.ceil(turn["done"] / most))
            elif not turn["over"]:
                with contextlib.suppress(TimeoutError):
                    await workflow.wait_condition(lambda: self.again, timeout=timedelta(seconds=turn["wait"]))
            elif not self.again:
                return
        workflow.continue_as_new(given)

    async def _settled(self, operation: str) -> bool:
        """Until every run has done what it was asked, for two minutes at most; False: there is more to do again."""
        for n, seconds in enumerate(LOOKS):
            last = n == len(LOOKS) - 1
            if not await self._ask("settle_items", {"operation": operation, "last": last}, int):
                return True
            if last:
                return True
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(lambda: self.again, timeout=timedelta(seconds=seconds))
                return False
        return True

    async def _ask(self, name: str, given: dict[str, Any], answer: type[T]) -> T:
        found: T = await workflow.execute_activity(
            name,
            given,
            result_type=answer,
            start_to_close_timeout=LONGEST,
            heartbeat_timeout=SILENT,
            retry_policy=FOR_EVER,
        )
        return found


async def start_operation(
    client: Client, task_queue: str, operation: str, per_second: float, *, broadcast: bool = False
) -> None:
    """Start it, or have it look again where it is under way."""
    given: dict[str, Any] = {"operation": operation, "per_second": per_second}
    await client.start_workflow(
        NAME,
        {**given, "broadcast": True} if broadcast else given,
        id=f"{NAME}/{operation}",
        task_queue=task_queue,
        start_signal=AGAIN,
    )
