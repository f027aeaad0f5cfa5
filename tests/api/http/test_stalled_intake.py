"""`/readyz` says that this process's intake hangs: a writer that makes no progress although events wait."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from orchestrator.store.intake import writer as writing
from tests.waiting import forever, until

EVENT = {"userId": "u", "event": "Viewed"}


async def readiness(client: AsyncClient) -> tuple[int, bool]:
    answer = await client.get("/readyz")
    return answer.status_code, "intake_stalled" in answer.json()["troubles"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "STALLED_AFTER", 0.3)
    monkeypatch.setattr("api.intake.routes.PATIENCE", 60)


async def hangs(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.state.intake.writer, "_flush_some", lambda _: forever())


async def died(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    app.state.intake.writer._task.cancel()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("trouble", [hangs, died])
async def test_a_writer_that_hangs_or_is_gone_is_told(
    app: FastAPI, client: AsyncClient, trouble: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.post("/v1/track", json=EVENT)).status_code == 200
    await trouble(app, monkeypatch)
    assert not (await readiness(client))[1], "nobody waits for it"
    waiting = asyncio.create_task(client.post("/v1/track", json=EVENT))

    async def told() -> bool:
        return (await readiness(client))[1]

    await until(told, "it is told")
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"], "retry-after" in answer.headers) == (503, "unavailable", True)
    assert answer.json()["intake_stalled_seconds"] > 0.2
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    app.state.intake.writer._task.cancel()
    await asyncio.gather(app.state.intake.writer._task, return_exceptions=True)
    app.state.intake.writer._task = None


async def test_a_writer_for_whom_nobody_waits_is_not_stalled(app: FastAPI, client: AsyncClient) -> None:
    writer = app.state.intake.writer
    for _ in range(3):
        assert (await client.post("/v1/track", json=EVENT)).status_code == 200
    assert writer.stalled_for == 0
    assert app.state.intake.stalled_for() == 0
