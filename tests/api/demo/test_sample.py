"""Sample data goes whole, and nothing else goes with it."""

from typing import cast
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.demo.sample import SAMPLE, remove
from api.runs.connection import RunsConnection
from orchestrator.store.demo.sample_data import has_sample, is_removed, load_contents
from orchestrator.store.tables import METADATA
from tests.web import shop


class Temporal:
    """Remembers which workflows were ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def __call__(self) -> "Temporal":
        return self

    async def terminate(self, workflow_id: str, reason: str) -> bool:
        self.ended.append(workflow_id)
        return True


@pytest.fixture
async def engine(app: FastAPI) -> AsyncEngine:
    """A shop of one's own, whose customer `shop-1` is made the demo's, and Mallory stays."""
    engine: AsyncEngine = app.state.resources.engine
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(text("update customers set external_id = 'demo-001' where id = :id"), {"id": shop.JIWOO})
        named = text("update identities set value = 'demo-001' where customer_id = :id and kind = 'user'")
        await db.execute(named, {"id": shop.JIWOO})
        await db.execute(text("update journeys set edited_by = 'SOJOURN_ADMIN_TOKEN' where key <> 'broken'"))
        await db.execute(
            text("update runs set status = 'running', finished_at = null where id = :id"), {"id": shop.RUN}
        )
    return engine


async def of(engine: AsyncEngine, customer: UUID) -> dict[str, int]:
    """Rows of a customer, by table, where there are any."""
    found: dict[str, int] = {}
    async with engine.connect() as db:
        for table in METADATA.tables.values():
            if "customer_id" in table.c:
                count = text(f"select count(*) from {table.name} where customer_id = :id")
                found[table.name] = (await db.execute(count, {"id": customer})).scalar_one()
    return {name: n for name, n in found.items() if n}


async def removed(engine: AsyncEngine) -> Temporal:
    temporal = Temporal()
    await remove(engine, cast(RunsConnection, temporal), "Mina", last_calls=0)
    return temporal


async def test_all_of_the_demos_goes_and_nobody_elses(engine: AsyncEngine) -> None:
    assert len(await of(engine, shop.JIWOO)) > 4
    kept = await of(engine, shop.MALLORY)
    temporal = await removed(engine)
    assert await of(engine, shop.JIWOO) == {}
    assert await of(engine, shop.MALLORY) == kept
    assert any(str(shop.JIWOO) in workflow for workflow in temporal.ended)
    assert not await has_sample(engine, SAMPLE)
    assert await is_removed(engine), "and the demo stays away"


async def test_journeys_go_that_nobody_changed_and_nobody_else_is_in(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(text("update journeys set edited_by = 'Mina' where key = 'cart-recovery'"))
    contents = await load_contents(engine, SAMPLE)
    assert set(contents.journeys) == {"lifecycle"}
    await removed(engine)
    async with engine.connect() as db:
        keys = set((await db.execute(text("select key from journeys"))).scalars())
    assert keys == {"broken", "cart-recovery"}


async def test_ones_own_settings_stay_and_the_demos_go(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(text("""update workspace set settings = settings || '{"opt_out_number": "080-000-0000"}'"""))
    await removed(engine)
    async with engine.connect() as db:
        settings = (await db.execute(text("select settings from workspace"))).scalar_one()
    assert "sender_name" not in settings, "it is the demo's own"
    assert "opt_out_number" not in settings
    assert settings["sender_contact"] == "02-123-4567"
