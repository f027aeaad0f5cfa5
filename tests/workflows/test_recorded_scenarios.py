"""Runs of a real server become scenarios: each plays on the step function as it went on Temporal."""

import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from orchestrator.commands.testing import run_scenarios
from orchestrator.commands.testing.record_scenario import write_scenario
from orchestrator.core.recordings.recorded_run import RecordedRun
from orchestrator.core.recordings.recorded_scenario import holds, record_scenario
from orchestrator.settings import Settings
from orchestrator.store.recordings.recorded_runs import load_recorded_run
from tests.core.fuzzing.test_campaign import everything
from tests.examples import some
from tests.orchestrator.commands.test_testing import call
from tests.protocol_servers.plain_http import serving
from tests.workflows import test_replaying as replaying
from tests.workflows.conftest import Environment
from tests.workflows.live import LiveCustomer, publish, skipping, stock
from tests.workflows.test_same_as_simulator import BEGIN, DAY, EXAMPLES, LIVES, example, happened, reachable

settings = replaying.settings
"""With a webhook's receiver on this machine."""


async def runs_of(environment: Environment, settings: Settings, customer: uuid.UUID, until: Any) -> list[RecordedRun]:
    """The customer's runs, read up to an instant: these servers' time is skipped, the workspace's is not."""
    async with environment.engine.connect() as db:
        rows = await db.execute(text("select id from runs where customer_id = :id order by id"), {"id": customer})
        ids = [row.id for row in rows]
    found = [await load_recorded_run(environment.engine, one, settings) for one in ids]
    return [replace(one, read_at=until) for one in found if one is not None]


def assert_plays_as_it_went(run: RecordedRun, *, personal: tuple[str, ...]) -> None:
    found = record_scenario(run)
    assert [one.words().to("en") for one in found.differences] == [], run.plan.key
    assert holds(found.document, run)
    written = json.dumps(found.document, ensure_ascii=False)
    for word in (run.run_id, *personal):
        assert word not in written


async def test_lives_through_every_kind_of_step_play_as_they_went(
    environment: Environment, settings: Settings, tmp_path: Path
) -> None:
    async with serving(replaying.answer) as server:
        plan = everything(server.url + "/{{ customer.night }}")
        await publish(environment.engine, [plan])
        await stock(environment.engine, "welcome", replaying.CODES)
        for name in replaying.DONE:
            await replaying.live_through(environment, plan, name)
            person = replaying.customer_of(name)
            runs = await runs_of(environment, settings, uuid.UUID(person.id), BEGIN + DAY * 20)
            assert runs
            for run in runs:
                assert_plays_as_it_went(run, personal=(person.id, '"c1"', '"c2"'))
    written = write_scenario(tmp_path / "kept.scenario.yaml", runs[0], record_scenario(runs[0]))
    assert [path.name for path in written] == ["kept.scenario.yaml", f"{plan.key}.yaml"]
    result = call(run_scenarios.app, tmp_path)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("life", some(LIVES, 3))
async def test_the_examples_play_as_they_went(environment: Environment, settings: Settings, life: str) -> None:
    plans = [example(name) for name in EXAMPLES]
    await publish(environment.engine, plans)
    customer = uuid.uuid4()
    events = [happened(name, after, **properties) for name, after, properties in LIVES[life]]
    live = LiveCustomer(
        environment.engine, skipping(environment.client), environment.task_queue, customer, plans, reachable(customer)
    )
    until = BEGIN + DAY * 100
    await live.live(events, [BEGIN + DAY * n for n in range(1, 100, 3)])
    runs = await runs_of(environment, settings, customer, until)
    assert len(runs) >= 2
    for run in runs:
        assert_plays_as_it_went(run, personal=(str(customer), "지우"))
