"""A definition error is met once: its step is paused, whoever comes due waits there, and its mending lets all go."""

from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

import pytest

from activities.operations.automatic_pauses import AutomaticPauses
from api.operations.resuming import Resumption, resume
from orchestrator.core.run.trouble import DEFINITION
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import By
from orchestrator.store.database import session_factory
from orchestrator.store.operations.choice import Choice, preview
from orchestrator.store.operations.pauses import NothingToPause, pause, pauses
from orchestrator.store.operations.progress import list_operations
from orchestrator.store.runs.trouble_groups import group_trouble
from orchestrator.store.templates.documents import create_template, put_into_use
from orchestrator.store.workspace import load_clock
from tests.waiting import until
from tests.workflows.many_runs import ABROAD, ODD_COUNTRY, Crowd, crowd, delay, journey, letter, plan_of

pytestmark = pytest.mark.timeout(300)
KIM = By("Kim", "session")
MANY = 8
SPRING = {
    "name": "Spring",
    "class": "informational",
    "channels": {"email": {"en": {"subject": "Spring", "body": "It is here."}}},
}

SPRING_LETTER = {"template": "spring", "class": "informational"}


@pytest.fixture
async def people(settings: Settings) -> AsyncIterator[Crowd]:
    async with crowd(settings) as found:
        yield found


async def _all(people: Crowd, where: str, count: int) -> bool:
    return await people.count(where) == count


async def _publish_template(people: Crowd) -> None:
    async with session_factory(people.engine)() as session, session.begin():
        now = (await load_clock(session)).now()
        await create_template(session, "spring", SPRING, now)
        await put_into_use(session, "spring", now)


async def _shown_in_temporal(people: Crowd, runs: list[UUID], count: int) -> bool:
    workflows = {await people.value("select workflow_id from runs where id = :id", id=run) for run in runs}
    client = people.runs.client
    found = {one.id async for one in client.list_workflows(f"SojournProblem = 'news:{DEFINITION}'")}
    return len(found & workflows) == count


async def test_it_stops_its_step_once_for_all_and_its_mending_lets_all_go_once(people: Crowd) -> None:
    plan = await people.publish(plan_of(journey("news", letter("news", **SPRING_LETTER), delay("pause", "30d"))))
    runs = await people.enter(plan, MANY)
    parked = f"parked_for = 'step:news/news' and problem = 'news:{DEFINITION}'"
    await until(partial(_all, people, parked, MANY), "all wait", seconds=60)
    [found] = await pauses(people.engine)
    assert (found.what, found.by, found.cause) == ("step:news/news", "Sojourn", DEFINITION)
    assert found.reason == {"code": "template_not_in_use", "template": "spring"}
    [group] = await group_trouble(people.engine)
    assert (group.runs, group.paused_for) == (MANY, "step:news/news")
    assert await people.value("select count(*) from audit_log where what = 'pause.paused' and who = 'Sojourn'") == 1
    await until(partial(_shown_in_temporal, people, runs, MANY), "Temporal's list has them", seconds=60)
    assert (await preview(people.engine, "retry", Choice("news", "news"))).count == 0

    before = await people.value("select count(*) from operations")
    await AutomaticPauses(people.engine, people.runs).once()
    assert await people.value("select count(*) from operations") == before, "nothing was changed"

    await _publish_template(people)
    await until(lambda: people.value("select count(*) = 8 from sends where status = 'sent'"), "all go", seconds=60)
    assert await people.value("select count(*) from outbox") == MANY
    await until(partial(_all, people, "step = 'pause' and problem is null and parked_at is null", MANY), "all went on")
    assert list(await pauses(people.engine)) == []
    await until(partial(_shown_in_temporal, people, runs, 0), "Temporal's list forgets them", seconds=60)
    [operation] = (await list_operations(people.engine)).rows
    assert (operation.act, operation.made_by, operation.total) == ("release", "Sojourn", MANY)


@pytest.mark.long
async def test_what_is_not_mended_stops_it_again_and_the_others_are_not_stirred(people: Crowd) -> None:
    plan = await people.publish(plan_of(journey("news", letter("news", **SPRING_LETTER), delay("pause", "30d"))))
    await people.enter(plan, 4)
    parked = "parked_for = 'step:news/news'"
    await until(partial(_all, people, parked, 4), "all wait", seconds=60)
    [operation] = await resume(people.engine, people, Resumption("step:news/news", per_second=1), KIM)
    await until(
        lambda: people.value("select status = 'done' from operations where id = :id", id=operation),
        "the operation is done",
        seconds=60,
    )
    await until(partial(_all, people, parked, 4), "all wait again", seconds=60)
    outcomes = "select count(*) from operation_items where operation_id = :id and outcome = :outcome"
    tried = await people.value(outcomes, id=operation, outcome="freed")
    left = await people.value(outcomes, id=operation, outcome="paused")
    assert tried >= 1
    assert tried + left == 4
    assert left >= 2, "whoever comes after the first finds the step paused again"


@pytest.mark.long
async def test_what_may_lie_in_one_customer_stops_a_step_when_a_second_one_meets_it(people: Crowd) -> None:
    plan = await people.publish(plan_of(journey("news", letter("news"), delay("pause", "30d"))))
    await people.kill()
    await people.change(ODD_COUNTRY)
    [odd] = await people.enter(plan, 1)
    await people.change(ABROAD, run=odd)
    await people.work()
    failing = f"problem = 'news:{DEFINITION}' and parked_at is null"
    await until(partial(_all, people, failing, 1), "one fails", seconds=60)
    await people.enter(plan, 2)
    await until(lambda: people.value("select count(*) = 2 from sends where status = 'sent'"), "two are sent")
    for count, stops in ((2, False), (3, True)):
        await people.kill()
        [another] = await people.enter(plan, 1)
        await people.change(ABROAD, run=another)
        await people.work()
        if stops:
            await until(partial(_all, people, "parked_for = 'step:news/news'", 1), "it stops the step", seconds=60)
        else:
            await until(partial(_all, people, failing, count), "it fails for itself: others were sent", seconds=60)
        assert bool(await pauses(people.engine)) == stops

    await people.change("update workspace set settings = settings || '{\"sending\": {}}'")
    await resume(people.engine, people, Resumption("step:news/news", per_second=100), KIM)
    await until(
        lambda: people.value("select count(*) = 5 from sends where status = 'sent'"), "all are sent", seconds=60
    )
    assert await people.value("select count(*) from outbox") == 5
    await until(partial(_all, people, "step = 'pause' and problem is null", 5), "nobody has a problem any more")


async def test_a_step_is_paused_by_hand_where_it_sends(people: Crowd) -> None:
    plan = await people.publish(plan_of(journey("news", letter("first"), letter("second"), delay("pause", "30d"))))
    async with session_factory(people.engine)() as session, session.begin():
        assert await pause(session, "step:news/second", KIM, "the price is wrong")
        for nothing in ("step:news/pause", "step:news/none", "step:none/second", "step:news"):
            with pytest.raises(NothingToPause):
                await pause(session, nothing, KIM)
    await people.enter(plan, 3)
    await until(partial(_all, people, "parked_for = 'step:news/second' and problem is null", 3), "all wait")
    assert await people.value("select count(*) from sends where status = 'sent' and step = 'first'") == 3
    assert await group_trouble(people.engine) == []
    await resume(people.engine, people, Resumption("step:news/second", per_second=100), KIM)
    await until(lambda: people.value("select count(*) = 6 from sends where status = 'sent'"), "all are sent")
