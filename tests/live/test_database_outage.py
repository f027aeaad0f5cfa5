"""The database dies and comes back: worker, router and API come back to it by themselves, and nothing is missing."""

import asyncio
from typing import Any

import pytest

from orchestrator.stack import Postgres
from tests.live.crowd import JOURNEY, Crowd
from tests.live.installation import OWN, Installation
from tests.waiting import let_pass, until

CUSTOMERS = 20
OUTAGE = 4.0


def brisk() -> dict[str, Any]:
    """The crowd's journey with a delay that ends while the database is away."""
    steps = [dict(step) for step in JOURNEY["steps"]]
    steps[0]["settings"] = {"mode": "duration", "duration": "8s"}
    steps[2]["settings"] = {**steps[2]["settings"], "window": "3s"}
    return {**JOURNEY, "steps": steps}


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_the_database_dies_under_everybody(
    installation_on_own_postgres: Installation, own_postgres: Postgres
) -> None:
    installation = installation_on_own_postgres
    await installation.publish(brisk())
    crowd = Crowd(installation, CUSTOMERS, spread=6, habits=((), ((6, "Order Completed"),)))
    async with asyncio.TaskGroup() as group:
        group.create_task(crowd.live())
        await until(lambda: _half_are_under_way(installation), "half of them are under way")
        own_postgres.process.kill()
        await let_pass(OUTAGE, "the outage lasts")
        own_postgres.start()
        await asyncio.to_thread(own_postgres.wait)
    await until(lambda: _all_over(installation), "every run has reached its end", 120, 0.5)

    assert installation.dead() == []
    lives = {name: installation.times_ready(name) for name in OWN if name != "api"}
    assert set(lives.values()) == {1}, "nobody needed to be started again"
    stored = await installation.rows("select message_id from events where kind in ('track', 'identify')")
    assert {row["message_id"] for row in stored} == set(crowd.acknowledged)
    sends = await installation.rows("select run_id, step, count(*) as times from sends group by 1, 2")
    assert {row["times"] for row in sends} == {1}
    mail = await installation.one("select count(*) from outbox")
    assert mail == await installation.one("select count(*) from sends where status = 'sent'")
    through = await installation.one("select count(*) from runs where reason = 'through'")
    assert through >= CUSTOMERS / 2
    assert mail >= 2 * through


async def _all_over(installation: Installation) -> bool:
    rows = await installation.rows("select count(*) as runs, count(finished_at) as over from runs")
    return bool(rows[0]["runs"] == rows[0]["over"] == CUSTOMERS)


async def _half_are_under_way(installation: Installation) -> bool:
    return bool(await installation.one("select count(*) from runs") >= CUSTOMERS / 2)
