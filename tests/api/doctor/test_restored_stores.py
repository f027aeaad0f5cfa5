"""One of two stores comes back from a backup: each difference is named, nothing long past goes out, ``--fix`` mends."""

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from api.doctor.checks import Examined, examine
from api.doctor.fixes import fix
from orchestrator.core.doctor.findings import exit_code
from orchestrator.settings import Settings
from orchestrator.stack import Temporal
from orchestrator.stack.account import make_data_dir
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.operations.pauses import pauses
from tests.waiting import until
from tests.workflows.many_runs import Crowd, crowd, delay, journey, letter, plan_of
from workflows.client import Runs
from workflows.connection import connect
from workflows.reconcile_sends import NAME as ROUNDS

pytestmark = pytest.mark.timeout(300)
NEWS = plan_of(journey("news", letter("first"), delay("nap", "5s"), letter("second"), delay("pause", "30d")))
AN_HOUR_AGO = "update workspace set reconciled_at = clock_timestamp() - interval '1 hour'"
NEVER = {"worker", "router", "search_attributes"}
"""What says nothing here: none is running while the doctor looks."""


@pytest.fixture
async def people(settings: Settings) -> AsyncIterator[Crowd]:
    async with crowd(settings) as found:
        found.runs = replace(found.runs, shows_step=True)
        yield found
        await found.engine.dispose()


@pytest.fixture
def second_temporal(tmp_path: Path) -> Iterator[Temporal]:
    folder = tmp_path / "second"
    make_data_dir(folder)
    server = Temporal(folder, port=0, ui_port=None, in_memory=True)
    server.start()
    try:
        server.wait()
        yield server
    finally:
        server.process.kill()


def found_in(examined: Examined) -> dict[str, int]:
    """What is wrong, by code: how many."""
    return {one.code: one.count for one in examined.findings if one.level == "wrong" and one.code not in NEVER}


async def at(people: Crowd, run: UUID, step: str) -> None:
    where = partial(people.count, "id = :run and step = :step and status = 'running'", run=run, step=step)
    await until(where, f"it rests at {step}", seconds=60)


async def a_round(people: Crowd) -> None:
    """Following up on messages, as it is done once a minute."""
    await people.runs.client.execute_workflow(ROUNDS, id=f"{ROUNDS}-{uuid.uuid4()}", task_queue=people.runs.task_queue)


@asynccontextmanager
async def routing(people: Crowd) -> AsyncIterator[None]:
    router = await people.route()
    try:
        yield
    finally:
        router.kill()
        await router.wait()


def copied(database_url: str) -> str:
    """A copy of a database that nobody is connected to; its URL."""
    name = f"backup_{uuid.uuid4().hex[:8]}"
    server, _, own = database_url.rpartition("/")
    with psycopg.connect(plain_dsn(f"{server}/postgres"), autocommit=True) as admin:
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [own])
        admin.execute(f'create database "{name}" template "{own}" strategy file_copy')
    return f"{server}/{name}"


async def test_the_database_comes_back_from_an_hour_ago(people: Crowd) -> None:
    await people.publish(NEWS)
    ended, went_on = await people.enter(NEWS, 2)
    for run in (ended, went_on):
        await at(people, run, "nap")
    await people.kill()
    await people.engine.dispose()
    backup = copied(people.settings.database_url)
    await people.work()
    workflow = await people.value("select workflow_id from runs where id = :id", id=ended)
    await people.runs.eject(workflow, "operator")
    [unknown] = await people.enter(NEWS, 1)
    await at(people, unknown, "nap")
    await at(people, went_on, "pause")
    await until(partial(people.count, "id = :id and reason = 'operator'", id=ended), "it has left")
    await a_round(people)
    await people.kill()
    sent = await people.value("select count(*) from outbox")

    people.settings = people.settings.model_copy(update={"database_url": backup, "task_queue": people.runs.task_queue})
    people.engine = create_engine(backup)
    await people.change(AN_HOUR_AGO)
    wrong = found_in(await examine(people.settings, people.engine))
    assert wrong == {"restored": 1, "only_temporal": 1, "ended": 1, "database_behind": 1}
    await people.work()
    await until(lambda: _holds(people), "the worker begins held", seconds=60)
    await people.kill()
    [held] = await pauses(people.engine)
    assert (held.what, held.by, held.reason["code"]) == ("everything", "Sojourn", "database_restored")

    before = await examine(people.settings, people.engine)
    fixed = await fix(people.settings, people.engine, before)
    assert fixed.done == {"only_temporal": 1, "ended": 1, "database_behind": 1}
    assert await people.value("select reason from runs where id = :id", id=ended) == "operator"
    assert await people.value("select step from runs where id = :id", id=went_on) == "pause"
    await people.work()
    await a_round(people)
    await people.kill()
    assert found_in(await examine(people.settings, people.engine)) == {}
    assert await people.value("select count(*) from outbox") <= sent


async def _holds(people: Crowd) -> bool:
    return bool(await pauses(people.engine))


@pytest.mark.long
async def test_temporal_comes_back_empty(people: Crowd, second_temporal: Temporal) -> None:
    await people.publish(NEWS)
    [advanced] = await people.enter(NEWS, 1)
    await at(people, advanced, "pause")
    await a_round(people)
    await people.kill()
    [due] = await people.enter(NEWS, 1)
    assert await people.value("select count(*) from outbox") == 2

    told = {"temporal_address": second_temporal.address, "task_queue": people.runs.task_queue}
    people.settings = people.settings.model_copy(update=told)
    client = await connect(people.settings, Plans(people.engine))
    people.runs = Runs(client, people.runs.task_queue, {})
    before = await examine(people.settings, people.engine)
    assert found_in(before) == {"restored": 1, "only_database": 2}
    assert exit_code(before.findings) == 1
    fixed = await fix(people.settings, people.engine, before)
    assert (fixed.done, fixed.held) == ({"only_database": 2}, True)
    await people.work()
    async with routing(people):
        await at(people, advanced, "pause")
        await until(partial(people.count, "id = :id and parked_for = 'everything'", id=due), "it stands still")
    assert await people.value("select count(*) from outbox") == 2, "nothing went out, and nothing twice"
    await a_round(people)
    await people.kill()
    assert found_in(await examine(people.settings, people.engine)) == {}
