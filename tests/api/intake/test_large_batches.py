"""A batch of thousands is worked on beside the single calls of others, and not before them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from api.intake.calls import Envelope
from api.intake.routes import AT_A_TIME, BULK, Intake
from tests.waiting import give_way

CALLS = [{"type": "identify", "userId": f"u-{n}", "anonymousId": "one"} for n in range(2_500)]


async def test_single_calls_are_stored_while_a_large_batch_waits(
    app: FastAPI, client: AsyncClient, monkeypatch: pytest.MonkeyPatch, rows: Any
) -> None:
    intake: Intake = app.state.intake
    assert intake.bulk is not None
    goes_on, storing = asyncio.Event(), asyncio.Event()
    flush = intake.bulk._flush_some

    async def held(submissions: Any) -> None:
        storing.set()
        await goes_on.wait()
        await flush(submissions)

    monkeypatch.setattr(intake.bulk, "_flush_some", held)
    large = asyncio.create_task(client.post("/v1/batch", json={"batch": CALLS[:BULK]}))
    await storing.wait()
    for body in ({"batch": CALLS[: BULK - 1]}, {"batch": CALLS[:1]}):
        assert (await client.post("/v1/batch", json=body)).status_code == 200
    assert (await client.post("/v1/track", json={"userId": "n", "event": "Viewed"})).status_code == 200
    assert not large.done()
    goes_on.set()
    assert (await large).status_code == 200
    [row] = await rows("select count(*) from events where kind = 'identify'")
    assert row["count"] == BULK + BULK


async def test_others_have_their_turn_while_a_batch_is_read(app: FastAPI) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await give_way()
            turns += 1

    waiting = asyncio.create_task(other())
    await app.state.intake._read({"batch": CALLS}, "batch", Envelope(datetime.now(UTC)))
    waiting.cancel()
    assert turns >= len(CALLS) // AT_A_TIME - 1
