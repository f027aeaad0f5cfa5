"""What somebody waits for comes before a broadcast."""

import uuid
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from temporalio.api.enums.v1 import EventType

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from tests.core.run.driver import planned
from tests.workflows.test_first_attempt import AT_ONCE, Server, sent, server
from workflows.activity_options import URGENT, USUAL

__all__ = ["server"]

CROWD = 80


def of_class(key: str, message_class: str) -> Plan:
    """A journey of one message."""
    document: dict[str, Any] = deepcopy({**AT_ONCE, "key": key})
    [hello] = [step for step in document["steps"] if step["id"] == "hello"]
    hello["settings"]["class"] = message_class
    return planned(document)


async def start(server: Server, plan: Plan) -> str:
    workflow_id = f"{plan.key}/{uuid.uuid4()}"
    entry = CustomerEvent(str(uuid.uuid4()), "Cart Updated", datetime.now(UTC), {})
    await server.runs.start(workflow_id, plan, 1, workflow_id.split("/")[1], entry)
    return workflow_id


async def test_a_confirmation_overtakes_a_broadcast_that_stands_before_it(server: Server) -> None:
    order: list[str] = []

    def answer(given: dict[str, Any]) -> dict[str, Any]:
        order.append(given["run"])
        return sent(given)

    server.world.answer = answer
    broadcast, confirmation = of_class("sale", "advertising"), of_class("order-confirmed", "informational")
    crowd = [await start(server, broadcast) for _ in range(CROWD)]
    urgent = await start(server, confirmation)
    async with server.at_work():
        for one in (*crowd, urgent):
            await server.client.get_workflow_handle(one).result()
    [its_run] = [given["run"] for _, given in server.world.attempts if given["then"][0]["plan"] == confirmation.hash]
    assert len(order) == CROWD + 1
    assert order.index(its_run) < CROWD / 2, "it came last"


async def test_runs_and_messages_say_how_urgent_they_are_and_whose(server: Server) -> None:
    server.world.answer = lambda given: {"outcome": "sent"}
    confirmation = of_class("order-confirmed", "informational")
    mixed = planned({**AT_ONCE, "exits": [{"id": "gone", "event": "Gone", "reason": "gone"}], "key": "sale"})
    async with server.at_work():
        for plan, wanted in ((confirmation, URGENT), (mixed, USUAL)):
            handle = server.client.get_workflow_handle(await start(server, plan))
            await handle.result()
            events = (await handle.fetch_history()).events
            told = events[0].workflow_execution_started_event_attributes.priority
            assert (told.priority_key, told.fairness_key) == (wanted, plan.key)
        [scheduled] = [one for one in events if one.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED]
        assert scheduled.activity_task_scheduled_event_attributes.priority.fairness_key == "sale"
