"""A broadcast with a router and a worker that is killed twice: everybody enters once, and nobody is lost.

Recalled half-way, it is made up to exactly those who were reached.
"""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.broadcasts import Broadcast
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import By
from orchestrator.store.operations.broadcasts.outcomes import count_became
from orchestrator.store.operations.broadcasts.recall import recall
from orchestrator.store.operations.progress import NewOperation, add_operation, load_operation, turn_operation
from orchestrator.store.workspace import read_clock
from tests.examples import LONG
from tests.waiting import until
from tests.workflows.many_runs import Crowd, crowd, delay, journey, letter, plan_of

pytestmark = pytest.mark.timeout(7200 if LONG else 300)
KIM = By("Kim", "session")
MANY = 100_000 if LONG else 60
PACE = 500.0 if LONG else 10.0
"""Customers a second."""
PATIENCE = 3000 if LONG else 120
_PEOPLE = text("""
insert into customers (id, external_id, email, attributes, consents, tags, created_at, updated_at)
select gen_random_uuid(), 'c' || n, 'c' || n || '@example.com', '{}', '{}', '[]', now(), now()
from generate_series(1, :many) as n
""")
_HALF = "select count(*) from operation_items where operation_id = :id and status <> 'waiting'"


@pytest.fixture
async def people(settings: Settings) -> AsyncIterator[Crowd]:
    async with crowd(settings) as found:
        router = await found.route()
        try:
            yield found
        finally:
            router.kill()
            await router.wait()


async def _publish(people: Crowd, key: str, *steps: Any) -> Plan:
    plan = plan_of({**journey(key, *steps), "entry": {"triggers": [{"kind": "request"}]}})
    return await people.publish(plan)


async def _launch(people: Crowd, broadcast: Broadcast) -> UUID:
    operation = uuid4()
    new = NewOperation(operation, "broadcast", broadcast.as_json(), "", PACE, KIM.who)
    async with people.engine.begin() as db:
        await add_operation(db, new)
    await people.runs.start_broadcast(operation, PACE)
    return operation


async def _turn(people: Crowd, operation: UUID, status: str) -> None:
    async with people.engine.begin() as db:
        assert await turn_operation(db, operation, status)


async def _has_taken(people: Crowd, operation: UUID, least: int) -> bool:
    return int(await people.value(_HALF, id=operation)) >= least


async def _is(people: Crowd, operation: UUID, status: str) -> bool:
    found = await load_operation(people.engine, operation)
    return found is not None and found.status == status


async def _outcomes(people: Crowd, operation: UUID) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in await count_became(people.engine, operation):
        found[one.became] = found.get(one.became, 0) + one.customers
    return found


async def _no_more(people: Crowd, operation: UUID, *outcomes: str) -> bool:
    found = await _outcomes(people, operation)
    return not any(found.get(one) for one in outcomes)


async def test_killed_twice_paused_and_resumed_everybody_enters_once(people: Crowd) -> None:
    plan = await _publish(people, "news", letter("hello"))
    await people.change(str(_PEOPLE), many=MANY)
    operation = await _launch(people, Broadcast(journey=plan.key))
    for share in (0.2, 0.6):
        taken = partial(_has_taken, people, operation, int(MANY * share))
        await until(taken, "a part has entered", seconds=PATIENCE)
        await people.kill()
        await people.work()
    await _turn(people, operation, "cancelled")
    await _turn(people, operation, "running")
    await people.runs.start_broadcast(operation, PACE)
    await until(partial(_is, people, operation, "done"), "it is done", seconds=PATIENCE)
    await until(partial(_no_more, people, operation, "under_way"), "all have their news", seconds=PATIENCE)
    assert await _outcomes(people, operation) == {"reached": MANY}
    assert await people.count("journey_key = 'news'") == MANY
    assert await people.value("select count(distinct customer_id) from runs") == MANY
    assert await people.value("select count(*) from outbox") == MANY


@pytest.mark.long
async def test_recalled_half_way_those_reached_are_made_up_to(people: Crowd) -> None:
    """Every other customer gets a message at once; the others wait for theirs."""
    plan = await _publish(people, "news", letter("hello", only_if={"kind": "attribute", "name": "now", "value": True}),
                          delay("pause", "30d"), letter("more"))  # fmt: skip
    sorry = await _publish(people, "sorry", letter("sorry"))
    await people.change(str(_PEOPLE), many=MANY)
    at_once = "update customers set attributes = jsonb_build_object('now', true)"
    await people.change(f"{at_once} where mod(cast(substr(external_id, 2) as int), 2) = 0")
    operation = await _launch(people, Broadcast(journey=plan.key))
    await until(partial(_has_taken, people, operation, MANY // 2), "half have entered", seconds=PATIENCE)
    ending = uuid4()
    async with people.engine.begin() as db:
        found = await recall(db, operation, ending, (await read_clock(db)).now(), KIM, "wrong price", 100)
    assert found is not None
    await people.runs.start_operation(ending, 100)
    await until(partial(_no_more, people, operation, "asked", "under_way"), "what can be is recalled", seconds=PATIENCE)
    outcomes = await _outcomes(people, operation)
    assert sum(outcomes.values()) == MANY
    assert set(outcomes) == {"not_entered", "recalled", "reached"}
    reached = await people.value("select count(distinct customer_id) from sends where status = 'sent'")
    assert outcomes["reached"] == reached > 0
    assert outcomes["not_entered"] > 0

    others = [await _launch(people, Broadcast(journey=sorry.key, reached_by=operation)) for _ in range(2)]
    for one in others:
        await until(partial(_is, people, one, "done"), "it is made up for", seconds=PATIENCE)
        await until(partial(_no_more, people, one, "under_way"), "they have it", seconds=PATIENCE)
    both = [await _outcomes(people, one) for one in others]
    assert sorted(one.get("reached", 0) for one in both) == [0, reached]
    unlike = """
    select count(*) from (select distinct customer_id from sends where journey_key = 'news' and status = 'sent') a
    full join (select customer_id from sends where journey_key = 'sorry' and status = 'sent') b using (customer_id)
    where a.customer_id is null or b.customer_id is null
    """
    assert await people.value(unlike) == 0
    assert await people.value("select count(*) from outbox where journey_key = 'sorry'") == reached
