"""Paused, a run that comes due stands still and asks nothing; resumed, each goes on once, or skips what is late."""

from collections.abc import AsyncIterator
from functools import partial
from uuid import UUID

import pytest

from api.operations.resuming import Resumption, foresee, resume
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import By
from orchestrator.store.database import session_factory
from orchestrator.store.operations.pauses import end_pause, pause
from orchestrator.store.operations.progress import load_operation
from tests.examples import LONG, some
from tests.waiting import until
from tests.workflows import histories, replaying
from tests.workflows.many_runs import Crowd, crowd, delay, journey, letter, plan_of

pytestmark = pytest.mark.timeout(300)
KIM = By("Kim", "session")
PEOPLE = 12


@pytest.fixture
async def people(settings: Settings) -> AsyncIterator[Crowd]:
    async with crowd(settings) as found:
        yield found


async def stop(people: Crowd, what: str) -> None:
    async with session_factory(people.engine)() as session, session.begin():
        assert await pause(session, what, KIM, "the price is wrong")


async def _parked(people: Crowd, count: int, what: str) -> bool:
    return (
        await people.count("parked_at is not null and finished_at is null and parked_for = :what", what=what) == count
    )


async def _done(people: Crowd, operation: UUID) -> bool:
    found = await load_operation(people.engine, operation)
    return found is not None and found.status == "done"


@pytest.mark.parametrize("what", some(["everything", "journey:news", "channel:email"], 3))
async def test_who_comes_due_stands_still_and_goes_on_once_when_resumed(people: Crowd, what: str) -> None:
    plan = await people.publish(plan_of(journey("news", letter("news"), delay("pause", "30d"))))
    await stop(people, what)
    people.runs.calls.clear()
    await people.enter(plan, PEOPLE)
    parked_for = "journey" if what == "journey:news" else what
    await until(partial(_parked, people, PEOPLE, parked_for), "all stand still", seconds=60)
    assert await people.value("select count(*) from outbox") == 0
    assert await people.value("select count(*) from sends where status = 'held' and hold_until is null") == PEOPLE
    foreseen = await foresee(people.engine, what)
    assert (foreseen.runs, [one.step for one in foreseen.parked]) == (PEOPLE, ["news"])

    if what == "everything" or LONG:  # who dies keeps its runs for ten seconds from everybody else
        await people.kill()
        await people.work()
    begun = await resume(people.engine, people, Resumption(what, per_second=100), KIM)
    await until(partial(_done, people, begun[0]), "it is done", seconds=90)
    await until(lambda: people.value("select count(*) = 12 from sends where status = 'sent'"), "all are sent")
    assert await people.value("select count(*) from outbox") == PEOPLE
    await until(lambda: people.value("select count(*) = 0 from runs where parked_at is not null"), "all went on")
    assert people.runs.calls == {"start": PEOPLE, "operation": 1}
    if what == "everything":
        workflow = await people.value("select workflow_id from runs limit 1")
        history = await people.runs.client.get_workflow_handle(workflow).fetch_history()
        if histories.recording("parked"):
            histories.keep(history, plan)
        await replaying.assert_same_from_every_cut(history, people.runs.client.data_converter)


async def test_what_is_late_is_skipped_where_one_wants_that(people: Crowd) -> None:
    plan = await people.publish(plan_of(journey("news", letter("news"), delay("pause", "30d"))))
    await stop(people, "everything")
    await people.enter(plan, 3)
    await until(partial(_parked, people, 3, "everything"), "all stand still", seconds=60)
    await resume(people.engine, people, Resumption("everything", late="skip"), KIM)
    await until(lambda: people.value("select count(*) = 3 from runs where step = 'pause'"), "all went on")
    assert await people.value("select count(*) from outbox") == 0
    assert await people.value("select count(*) from sends where status = 'skipped' and reason = 'late'") == 3


async def test_who_is_parked_leaves_at_once_by_an_operators_word(people: Crowd) -> None:
    plan = await people.publish(plan_of(journey("news", letter("news"))))
    await stop(people, "journey:news")
    [run] = await people.enter(plan, 1)
    await until(partial(_parked, people, 1, "journey"), "it stands still", seconds=60)
    workflow = await people.value("select workflow_id from runs where id = :id", id=run)
    assert await people.runs.eject(workflow, "operator")
    await until(lambda: people.value("select finished_at is not null from runs"), "it is over")
    assert (await foresee(people.engine, "journey:news")).runs == 0


async def test_a_pause_that_ended_meanwhile_parks_nobody(people: Crowd) -> None:
    plan = await people.publish(plan_of(journey("news", letter("news"), delay("pause", "30d"))))
    await stop(people, "everything")
    async with session_factory(people.engine)() as session, session.begin():
        assert await end_pause(session, "everything", KIM)
        assert not await end_pause(session, "everything", KIM)
    await people.enter(plan, 2)
    await until(lambda: people.value("select count(*) = 2 from sends where status = 'sent'"), "both are sent")
