"""From a run to where Temporal's UI says in words how it stands."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from tests.web import shop
from tests.web.test_stuck_runs import FakeRuns

LINK = f"/runs/{shop.RUN}/temporal"
UI = "http://localhost:8233/namespaces/default/workflows"


class Knowing(FakeRuns):
    """A Temporal that knows of one execution."""

    async def execution(self, workflow_id: str) -> str:
        return "execution-1"


@pytest.fixture
async def engine(console_settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(console_settings.database_url)
    await shop.fill(engine)
    yield engine
    await engine.dispose()


def embedded(app: FastAPI, monkeypatch: pytest.MonkeyPatch, **given: object) -> None:
    settings = app.state.resources.settings
    changed = settings.model_copy(update={"temporal_address": "127.0.0.1:7233", **given})
    object.__setattr__(app.state.resources, "settings", changed)


async def test_a_run_under_way_leads_to_its_execution(
    engine: AsyncEngine, app: FastAPI, browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded(app, monkeypatch)
    app.state.runs_connection = Knowing()
    answer = await browser.get(LINK)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"{UI}/lifecycle%2F{shop.JIWOO}/execution-1/user-metadata"
    assert f'href="{LINK}"' in (await browser.get("/runs")).text


async def test_a_run_that_is_over_leads_to_the_execution_that_ended_it(
    engine: AsyncEngine, app: FastAPI, browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded(app, monkeypatch, temporal_ui_url="https://temporal.example", temporal_namespace="shop")
    async with engine.begin() as db:
        await db.execute(text("update runs set closing_run_id = 'last' where id = :id"), {"id": shop.RUN})
    location = (await browser.get(LINK)).headers["location"]
    assert location == f"https://temporal.example/namespaces/shop/workflows/lifecycle%2F{shop.JIWOO}/last/user-metadata"


async def test_while_temporal_is_away_it_leads_to_the_workflow(
    engine: AsyncEngine, app: FastAPI, browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded(app, monkeypatch, temporal_address="127.0.0.1:1", temporal_port=1)
    assert (await browser.get(LINK)).headers["location"] == f"{UI}/lifecycle%2F{shop.JIWOO}"


async def test_where_nobody_said_where_the_ui_is_there_is_no_link(
    engine: AsyncEngine, app: FastAPI, browser: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded(app, monkeypatch, temporal_address="temporal.internal:7233")
    for path in ("/runs", f"/customers/{shop.JIWOO}"):
        page = (await browser.get(path)).text
        assert "/temporal" not in page
        assert "localhost:8233" not in page
    assert (await browser.get(LINK)).status_code == 404
