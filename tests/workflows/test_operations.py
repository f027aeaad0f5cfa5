"""Operations on many: each of the list once, whatever dies; cancelled and gone on with; true to each item."""

from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

import pytest

from api.operations.begin import MoreThanSeen, NobodyChosen, Order, begin, go_on, retry_failed, turn
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import By, first_broken
from orchestrator.store.operations.choice import Choice, preview
from orchestrator.store.operations.progress import count_items, count_outcomes, load_operation, settle
from orchestrator.store.runs.trouble_groups import group_trouble
from tests.examples import LONG
from tests.waiting import until
from tests.workflows.many_runs import ABROAD, ODD_COUNTRY, Crowd, crowd, delay, journey, letter, plan_of

pytestmark = pytest.mark.timeout(300)
KIM = By("Kim", "session")
MANY = 1000 if LONG else 16


@pytest.fixture
async def people(settings: Settings) -> AsyncIterator[Crowd]:
    async with crowd(settings) as found:
        yield found


async def _status(people: Crowd, operation: UUID) -> str | None:
    found = await load_operation(people.engine, operation)
    return found.status if found else None


async def _is(people: Crowd, operation: UUID, status: str) -> bool:
    return await _status(people, operation) == status


async def _all(people: Crowd, where: str, count: int) -> bool:
    return await people.count(where) == count


async def _done(people: Crowd, operation: UUID, most: int = 1) -> bool:
    counts = await count_items(people.engine, operation)
    return sum(counts.get(status, 0) for status in ("asked", "done", "passed", "failed")) >= most


async def test_everybody_leaves_once_though_the_worker_is_killed_twice(people: Crowd) -> None:
    plan = await people.publish(plan_of(journey("basket", delay("pause", "30d"))))
    await people.enter(plan, MANY)
    await until(partial(_all, people, "status = 'running'", MANY), "all wait", seconds=90)
    order = Order("end", Choice("basket", "pause"), "the sale is over", per_second=10 if not LONG else 100)
    operation = await begin(people.engine, people, order, KIM)
    for share in (0.2, 0.6):
        await until(partial(_done, people, operation, int(MANY * share)), "a part is done", seconds=90)
        await people.kill()
        await people.work()
    await until(partial(_is, people, operation, "done"), "it is done", seconds=180)
    assert await count_items(people.engine, operation) == {"done": MANY}
    assert list(await count_outcomes(people.engine, operation)) == [("done", "ended", MANY)]
    assert await people.count("finished_at is not null and reason = 'operator'") == MANY
    # Each left once: one line of the trace says so.
    assert await people.value("select count(*) from transitions where what = 'ended'") == MANY
    assert await people.value("select why from audit_log where what = 'operation.started'") == "the sale is over"
    assert await first_broken(people.engine) is None


async def test_cancelled_it_goes_no_further_and_gone_on_with_it_does_the_rest(people: Crowd) -> None:
    plan = await people.publish(plan_of(journey("basket", delay("pause", "30d"))))
    await people.enter(plan, 12)
    await until(partial(_all, people, "status = 'running'", 12), "all wait", seconds=60)
    operation = await begin(people.engine, people, Order("end", Choice("basket"), per_second=2), KIM)
    await until(partial(_done, people, operation, 2), "some are done", seconds=60)
    found = await load_operation(people.engine, operation)
    assert found is not None
    assert await turn(people.engine, found, "cancelled", KIM)
    assert not await turn(people.engine, found, "cancelled", KIM)
    counts = await count_items(people.engine, operation)
    left = counts["waiting"]
    assert left > 0
    await until(partial(_all, people, "finished_at is null", left), "what was asked is done", seconds=60)
    assert (await count_items(people.engine, operation))["waiting"] == left
    assert await go_on(people.engine, people, found, KIM)
    await until(partial(_is, people, operation, "done"), "it is done", seconds=90)
    assert await count_items(people.engine, operation) == {"done": 12}


async def test_what_fails_again_is_tried_again_and_one_may_be_skipped(people: Crowd) -> None:
    """What is wrong with one customer's own record is that customer's trouble alone, and stops no step."""
    plan = await people.publish(plan_of(journey("news", letter("news"), delay("pause", "30d"))))
    await people.kill()
    [run] = await people.enter(plan, 1)
    await people.change(ODD_COUNTRY)
    await people.change(ABROAD, run=run)
    await people.work()
    await until(partial(_all, people, "problem = 'news:DefinitionError'", 1), "it is in trouble", seconds=60)
    [group] = await group_trouble(people.engine)
    assert (group.journey_key, group.step, group.cause, group.runs) == ("news", "news", "DefinitionError", 1)
    assert (group.sample, group.paused_for) == ([run], None)
    assert group.first_seen <= group.last_seen
    choice = Choice("news", "news", "DefinitionError")
    assert (await preview(people.engine, "retry", choice)).count == 1
    with pytest.raises(MoreThanSeen):
        await begin(people.engine, people, Order("retry", choice, expected=0), KIM)

    first = await begin(people.engine, people, Order("retry", choice, per_second=100), KIM)
    await until(partial(_is, people, first, "done"), "it is tried, in vain", seconds=90)
    assert list(await count_outcomes(people.engine, first)) == [("failed", "again", 1)]

    found = await load_operation(people.engine, first)
    assert found is not None
    second = await retry_failed(people.engine, people, found, KIM)
    row = await load_operation(people.engine, second)
    assert row is not None
    assert (row.act, row.after_id, row.total) == ("retry", first, 1)
    third = await begin(people.engine, people, Order("skip", Choice("news", first=1), per_second=100), KIM)
    await until(partial(_is, people, third, "done"), "it goes on without it", seconds=90)
    await settle(people.engine, third)
    assert await count_items(people.engine, third) == {"done": 1}
    assert await people.count("step = 'pause' and problem is null") == 1


async def test_nobody_is_nobody(people: Crowd) -> None:
    with pytest.raises(NobodyChosen):
        await begin(people.engine, people, Order("end", Choice("basket")), KIM)
