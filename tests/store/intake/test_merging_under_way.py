"""A merge while events of the merged customer are on their way through the router: nothing is lost, nothing doubled."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from orchestrator.core.journey.plan import compile_journey
from orchestrator.store.database import create_engine
from orchestrator.store.intake.writer import IntakeWriter
from orchestrator.store.runs.live_plans import LivePlan
from orchestrator.store.runs.routing import RoutingStore
from tests.store.intake.intake_shop import NOON, identify, incoming

JOURNEY = {
    "key": "nudge",
    "name": "Nudge",
    "entry": {"triggers": [{"kind": "event", "event": "Viewed"}]},
    "steps": [
        {"id": "wait", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "1h"}},
        {"id": "done", "kind": "exit", "stage": "intake", "settings": {}},
    ],
    "edges": [{"from": "entry", "to": "wait"}, {"from": "wait", "to": "done"}],
}


@pytest.fixture
async def routing(database_url: str) -> AsyncIterator[RoutingStore]:
    engine = create_engine(database_url)
    yield RoutingStore(engine, "Asia/Seoul")
    await engine.dispose()


def live() -> LivePlan:
    plan = compile_journey(JOURNEY).plan
    assert plan is not None
    return LivePlan(plan, 1, False)


async def test_an_event_whose_customer_was_merged_is_routed_again_as_the_others(
    writer: IntakeWriter, routing: RoutingStore, rows: Any
) -> None:
    await writer.store([incoming("mina"), incoming(visitor="a", message="m")])
    await rows("update events set routed_at = now() where message_id <> 'm'")
    [seen] = await routing.unrouted(10)
    await writer.store([identify("mina", "a")])  # while the router has the event in its hands
    assert await routing.decide(live(), seen, NOON) is None
    await routing.mark_routed([seen], NOON)
    again = [event for event in await routing.unrouted(10) if event.customer_event.message_id == "m"]
    [(mina,)] = await rows("select id from customers where external_id = 'mina'")
    assert [event.customer_id for event in again] == [mina]
    started = await routing.decide(live(), again[0], NOON)
    assert started is not None
    assert started.customer_id == mina
    await routing.mark_routed(again, NOON)
    assert await rows("select 1 from events where message_id = 'm' and routed_at is null") == []


async def test_a_run_made_just_before_the_merge_goes_along_and_is_started_under_its_own_id(
    writer: IntakeWriter, routing: RoutingStore, rows: Any
) -> None:
    await writer.store([incoming("mina"), incoming(visitor="a", message="m")])
    [seen] = [event for event in await routing.unrouted(10) if event.customer_event.message_id == "m"]
    first = await routing.decide(live(), seen, NOON)
    assert first is not None
    await writer.store([identify("mina", "a")])
    [again] = [event for event in await routing.unrouted(10) if event.customer_event.message_id == "m"]
    second = await routing.decide(live(), again, NOON)  # the router died before it started the run
    assert second is not None
    assert (second.run_id, second.workflow_id) == (first.run_id, first.workflow_id)
    await writer.store([incoming("mina", message="n")])
    [later] = [event for event in await routing.unrouted(10) if event.customer_event.message_id == "n"]
    assert await routing.decide(live(), later, NOON) is None
    assert await rows("select reason from entry_decisions where message_id = 'n'") == [("already_in",)]
