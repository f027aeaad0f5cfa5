"""Runs that take an experiment's step leave one exposure each, to the arm that they went on by."""

from collections.abc import AsyncIterator
from functools import partial

import pytest

from orchestrator.settings import Settings
from orchestrator.store.runs.replays import find_run, load_written
from tests.examples import LONG
from tests.waiting import until
from tests.workflows import histories, replaying
from tests.workflows.many_runs import Crowd, crowd, delay, journey, letter, plan_of
from workflows.replays.history_files import save_trace

pytestmark = pytest.mark.timeout(300)
PEOPLE = 40 if LONG else 8
ARMS = [{"port": "a", "weight": 50, "control": True}, {"port": "b", "weight": 50}]
SPLIT = {"id": "split", "kind": "experiment", "settings": {"experiment": "colour", "variants": ARMS}}
_AGREE = """
select count(*) = :people and bool_and(e.arm = t.port)
from exposures e join transitions t on t.run_id = e.run_id and t.step = 'split' and t.what = 'left'
"""


@pytest.fixture
async def people(settings: Settings) -> AsyncIterator[Crowd]:
    async with crowd(settings) as found:
        yield found


async def test_each_run_goes_on_by_the_arm_that_is_recorded_whatever_becomes_of_its_worker(people: Crowd) -> None:
    """The journey ends in a wait, so that what follows the step is still to come when the worker dies."""
    plan = await people.publish(plan_of(journey("exposed", letter("hello"), SPLIT, delay("pause", "30d"))))
    await people.enter(plan, PEOPLE)
    if LONG:  # who dies keeps its runs for ten seconds from everybody else
        await until(partial(people.value, "select count(*) > 0 from exposures"), "the first are exposed")
        await people.kill()
        await people.work()
    passed = "select count(*) = :n from runs where step = 'pause'"
    await until(partial(people.value, passed, n=PEOPLE), "all have passed", seconds=90)
    assert await people.value(_AGREE, people=PEOPLE)
    assert await people.value("select count(*) from exposures") == PEOPLE
    workflow = await people.value("select workflow_id from runs limit 1")
    history = await people.runs.client.get_workflow_handle(workflow).fetch_history()
    if histories.recording("exposed"):
        run = await find_run(people.engine, workflow)
        assert run is not None
        save_trace(histories.keep(history, plan), await load_written(people.engine, run.id))
    await replaying.assert_same_from_every_cut(history, people.runs.client.data_converter)
