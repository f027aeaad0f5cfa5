"""A flood of more than an API can store: everybody is answered, with an event stored or with when to come back.

That it is too much follows from its settings and from a lock on the table, not from how fast this machine is.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from orchestrator.store.database import plain_dsn
from tests.live.api_process import ApiProcess, api_process
from tests.waiting import until

REQUESTS, QUEUE = 40, 120
"""What the API takes on at once, and what may wait in it."""
CALLERS, ROUNDS = 200, 4
BATCH = 10
MOST_LEFT = 24
"""MiB that may stay of a flood whose bodies alone were many times that."""


class Flood:
    """Callers, each with its own connection, and what they were told."""

    def __init__(self, api: ApiProcess) -> None:
        self.api = api
        self.statuses: Counter[int] = Counter()
        self.acknowledged: set[str] = set()
        self.refused: dict[int, list[list[str]]] = {429: [], 503: []}
        self.unanswered: list[str] = []

    async def call(self, path: str, body: dict[str, Any], ids: list[str]) -> None:
        try:
            answer = await self.api.http.post(path, json=body)
        except httpx2.HTTPError as error:
            self.unanswered.append(type(error).__name__)
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code == 200:
            assert "rejected" not in answer.json(), answer.text
            self.acknowledged.update(ids)
            return
        assert answer.status_code in self.refused, answer.text
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["code"] in ("busy", "unavailable")
        self.refused[answer.status_code].append(ids)

    async def caller(self, number: int, padding: str) -> None:
        """Single calls and batches in turn; the bodies are as large as they may be."""
        for n in range(ROUNDS):
            ids = [f"{number}-{n}-{part}" for part in range(BATCH if n % 2 else 1)]
            calls = [
                {"type": "track", "event": "Viewed", "userId": f"u-{number % 50}", "messageId": one,
                 "properties": {"text": padding}} for one in ids
            ]  # fmt: skip
            body: dict[str, Any] = {"batch": calls} if n % 2 else calls[0]
            await self.call("/v1/batch" if n % 2 else "/v1/track", body, ids)


@pytest.fixture
async def api(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[ApiProcess]:
    limits = {"intake_requests": str(REQUESTS), "intake_queue": str(QUEUE)}
    async with api_process(tmp_path / "data", database_url, redis_url, **limits) as running:
        yield running


@asynccontextmanager
async def locked(database_url: str) -> AsyncIterator[None]:
    """Nothing can be stored meanwhile."""
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url)) as db:
        await db.execute("lock table events in access exclusive mode")
        yield
        await db.rollback()


async def stored(database_url: str) -> set[str]:
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url)) as db:
        return {row[0] for row in await (await db.execute("select message_id from events")).fetchall()}


@pytest.mark.slow
async def test_everybody_is_answered_and_what_was_promised_is_kept(api: ApiProcess, database_url: str) -> None:
    warm = Flood(api)
    await asyncio.gather(*(warm.caller(-1 - number, "x" * 1_000) for number in range(REQUESTS // 2)))
    before = api.resident()

    flood = Flood(api)
    padding = "가" * 9_000
    async with asyncio.TaskGroup() as group, locked(database_url):
        for number in range(CALLERS):
            group.create_task(flood.caller(number, padding))
        await until(lambda: len(flood.refused[429]) > CALLERS, "callers are told to come back")
        assert not flood.acknowledged, "nothing is acknowledged that is not stored"
    assert flood.unanswered == []
    assert sum(flood.statuses.values()) == CALLERS * ROUNDS
    assert flood.statuses[429] > CALLERS
    assert flood.statuses[200] > 0

    kept = await stored(database_url)
    assert flood.acknowledged <= kept
    assert not kept & {one for ids in flood.refused[429] for one in ids}, "who is told to come back is not stored"
    halves = [ids for ids in flood.refused[503] if 0 < len(kept & set(ids)) < len(ids)]
    assert halves == [], "a batch is stored whole or not at all"

    await until(lambda: api.resident() < before + MOST_LEFT, "the memory comes back", 30)
    later = Flood(api)
    await later.caller(CALLERS, "x")
    assert later.statuses == {200: ROUNDS}, "and it serves as before"


KINDS = ("track", "identify", "page", "screen", "group", "alias", "batch")


@pytest.mark.long
async def test_single_calls_and_batches_are_pushed_back_alike(api: ApiProcess, database_url: str) -> None:
    """Who waits fills the room; whoever comes then, with one call or many, is told at once."""
    waiting, late = Flood(api), Flood(api)
    async with asyncio.TaskGroup() as group, locked(database_url):
        for number in range(2 * REQUESTS):
            call = {"type": "track", "event": "Viewed", "userId": "u", "messageId": f"w-{number}"}
            group.create_task(waiting.call("/v1/track", call, [f"w-{number}"]))
        await until(lambda: len(waiting.refused[429]) >= REQUESTS, "the room is full")
        for kind in KINDS:
            ids = [f"late-{kind}"]
            call = {"userId": "u", "event": "Viewed", "previousId": "v", "groupId": "g", "messageId": ids[0]}
            await late.call(f"/v1/{kind}", {"batch": [{**call, "type": "track"}]} if kind == "batch" else call, ids)
    assert late.refused[429] == [[f"late-{kind}"] for kind in KINDS]
    assert waiting.statuses[429] == REQUESTS
    assert waiting.statuses[200] + waiting.statuses[503] == REQUESTS, "503: on a machine on which the lock lasted long"
    kept = await stored(database_url)
    assert waiting.acknowledged <= kept
    assert not kept & {one for ids in (*waiting.refused[429], *late.refused[429]) for one in ids}
