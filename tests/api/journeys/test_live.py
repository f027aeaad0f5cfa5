"""Live counts: right, streamed on change, at the price of one count for many readers; and who stands behind them."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
import uvicorn
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.journeys import live_broadcast as live_feeds
from api.serving import Server
from orchestrator.settings import DEV_ADMIN_TOKEN, Settings
from orchestrator.store.database import create_engine
from tests.waiting import until, until_true
from tests.web import shop

LIVE = "/api/journeys/cart-recovery/live"
BEARER = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


@pytest.fixture
async def engine(api_settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The database with a shop in it."""
    engine = create_engine(api_settings.database_url)
    await shop.fill(engine)
    yield engine
    await engine.dispose()


async def enter(engine: AsyncEngine, name: str) -> None:
    """One more run comes to the first step."""
    run = uuid5(shop.SPACE, name)
    async with engine.begin() as db:
        await db.execute(
            text("""insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, status, step,
                entered_at) select :id, :name, journey_key, version, plan_hash, customer_id, :name, 'running',
                'still-filling', entered_at from runs where id = :like"""),
            {"id": run, "name": name, "like": shop.CART_RUN},
        )
        await db.execute(
            text("""insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port,
                note) values (:id, 1, 'cart-recovery', :who, :at, 'entered', 'still-filling', 1, '', '{}')"""),
            {"id": run, "who": shop.JIWOO, "at": shop.NOW},
        )


async def test_the_counts_of_a_journey(admin: AsyncClient, engine: AsyncEngine) -> None:
    counts = (await admin.get(LIVE)).json()
    assert (counts["entered"], counts["here"], counts["finished"]) == (1, 1, 0)
    assert counts["steps"]["still-filling"] == {
        "here": 0,
        "troubled": 0,
        "entered": 1,
        "ended": 0,
        "left": {"timeout": 1},
        "sends": {},
    }
    assert counts["steps"]["came-back"]["here"] == 1
    assert counts["goals"] == [
        {"goal": "recovered", "times": 1, "runs": 1, "worth": {"": 18000.0}, "value": 18000.0, "currency": None}
    ]


async def test_a_journey_that_is_not_there_has_no_counts(admin: AsyncClient, engine: AsyncEngine) -> None:
    for address in (LIVE, f"{LIVE}/stream", "/api/journeys/cart-recovery/customers"):
        answer = await admin.get(address.replace("cart-recovery", "no-such"))
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_journey")


class Reader:
    """Reads one stream as it comes."""

    def __init__(self, feeds: live_feeds.LiveFeeds, key: str = "cart-recovery") -> None:
        self.events: list[dict[str, Any]] = []
        self.comments = 0
        self.ended = False
        self.task = asyncio.create_task(self._read(feeds, key))

    async def _read(self, feeds: live_feeds.LiveFeeds, key: str) -> None:
        async with contextlib.aclosing(feeds.stream(key, lambda: datetime.now(UTC))) as stream:
            async for chunk in stream:
                if chunk.startswith(b"event: live\ndata: "):
                    self.events.append(json.loads(chunk.split(b"data: ", 1)[1]))
                self.comments += chunk.startswith(b":")
        self.ended = True

    async def has(self, number: int) -> None:
        await until(lambda: len(self.events) >= number, f"{number} events")

    async def leave(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def test_a_stream_begins_with_the_counts_and_tells_of_changes_alone(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, count = 0, live_feeds.count_live

    async def counting(*given: Any) -> dict[str, Any]:
        nonlocal counted
        counted += 1
        return await count(*given)

    monkeypatch.setattr(live_feeds, "count_live", counting)
    feeds = live_feeds.LiveFeeds(engine)
    reader = Reader(feeds)
    await reader.has(1)
    await until(lambda: counted >= 3, "the same was counted again")
    assert len(reader.events) == 1
    await enter(engine, "second")
    await reader.has(2)
    assert reader.events[1]["here"] == 2
    assert reader.events[1]["steps"]["still-filling"]["here"] == 1
    await reader.leave()
    assert (feeds.readers, feeds.counting) == (0, 0)


async def test_many_readers_cost_one_count(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = 0
    count = live_feeds.count_live

    async def counting(*given: Any) -> dict[str, Any]:
        nonlocal counted
        counted += 1
        return await count(*given)

    monkeypatch.setattr(live_feeds, "count_live", counting)
    feeds = live_feeds.LiveFeeds(engine)
    readers = [Reader(feeds) for _ in range(30)]
    await asyncio.gather(*(reader.has(1) for reader in readers))
    assert counted == 1
    assert feeds.counting == 1
    late = Reader(feeds)
    await late.has(1)  # at once, with what was counted before
    assert counted <= 2
    await asyncio.gather(*(reader.leave() for reader in (*readers, late)))


async def test_a_quiet_stream_gives_signs_of_life(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_feeds, "HEARTBEAT", 0.1)
    reader = Reader(live_feeds.LiveFeeds(engine))
    await reader.has(1)
    await until(lambda: reader.comments >= 2, "signs of life")
    await reader.leave()


async def test_counting_goes_on_after_the_database_was_away(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, down, failed = live_feeds.count_live, True, 0

    async def failing(*given: Any) -> dict[str, Any]:
        nonlocal failed
        if down:
            failed += 1
            raise OSError("away")
        return await count(*given)

    monkeypatch.setattr(live_feeds, "count_live", failing)
    monkeypatch.setattr(live_feeds, "SHARE", 0.1)
    reader = Reader(live_feeds.LiveFeeds(engine))
    await until(lambda: failed, "it was away")
    down = False
    await reader.has(1)
    await reader.leave()


async def test_one_reader_too_many_is_asked_to_come_later(
    admin: AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_feeds, "MOST_READERS", 0)
    answer = await admin.get(f"{LIVE}/stream")
    assert (answer.status_code, answer.json()["code"]) == (429, "busy")


class Served:
    """The API on a port, as it runs."""

    def __init__(self, settings: Settings) -> None:
        self.app: FastAPI = create_app(settings)
        self.server = Server(uvicorn.Config(self.app, log_config=None, lifespan="on", timeout_graceful_shutdown=5))
        door = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.server.run, args=([door],))
        self.url = f"http://127.0.0.1:{door.getsockname()[1]}"

    def __enter__(self) -> "Served":
        self.thread.start()
        until_true(lambda: self.server.started, "the server has started")
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture
def served(api_settings: Settings, engine: AsyncEngine) -> Iterator[Served]:
    with Served(api_settings) as served:
        yield served


def first_events(client: Client, url: str, number: int, **more: Any) -> tuple[dict[str, str], list[str]]:
    lines: list[str] = []
    with client.stream("GET", url, **more) as answer:
        headers = dict(answer.headers)
        for line in answer.iter_lines():
            lines.append(line)
            if len([one for one in lines if one.startswith("data:")]) >= number:
                break
    return headers, lines


async def test_over_http_it_is_an_event_stream_that_no_proxy_holds_back(served: Served) -> None:
    with Client() as client:
        headers, lines = await asyncio.to_thread(first_events, client, served.url + LIVE + "/stream", 1, headers=BEARER)
        assert headers["content-type"].startswith("text/event-stream")
        assert (headers["x-accel-buffering"], headers["cache-control"]) == ("no", "no-store")
        assert lines[0] == "retry: 2000"
        assert "event: live" in lines
    await until(lambda: served.app.state.live_feeds.readers == 0, "the client is gone: so is the counting")
    assert served.app.state.live_feeds.counting == 0


async def test_a_server_that_stops_ends_its_streams_at_once(served: Served) -> None:
    def read_to_the_end() -> float:
        with (
            Client(timeout=20) as client,
            client.stream("GET", served.url + LIVE + "/stream", headers=BEARER) as answer,
        ):
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    served.server.should_exit = True
                    begun = time.monotonic()
        return time.monotonic() - begun

    assert await asyncio.to_thread(read_to_the_end) < 1.5


async def test_nobody_watches_without_being_known(app: FastAPI, engine: AsyncEngine) -> None:
    async with AsyncClient(
        transport=ASGITransport(app, client=("10.0.0.5", 50000)), base_url="http://localhost"
    ) as stranger:
        assert (await stranger.get(f"{LIVE}/stream")).status_code == 401


async def test_the_customers_behind_a_count(admin: AsyncClient, engine: AsyncEngine) -> None:
    async def who(**parameters: str) -> list[dict[str, Any]]:
        answer = await admin.get("/api/journeys/cart-recovery/customers", params=parameters)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    (here,) = await who(what="here", step="came-back")
    assert here["customer"] == {"id": str(shop.JIWOO), "external_id": "shop-1", "name": "김지우"}
    assert here["run"] == str(shop.CART_RUN)
    assert [row["port"] for row in await who(what="left", step="still-filling", port="timeout")] == ["timeout"]
    assert await who(what="left", step="still-filling", port="changed") == []
    assert [row["port"] for row in await who(what="goal")] == ["recovered"]
    assert len(await who(what="entered")) == 1
    assert await who(what="ended") == []
    assert {row["status"] for row in await who(what="sent")} >= {"sent"}
    assert await who(what="sent", port="no-such-status") == []


async def test_a_long_list_behind_a_count_comes_in_pages(admin: AsyncClient, engine: AsyncEngine) -> None:
    for n in range(5):
        await enter(engine, f"more-{n}")
    for what in ("here", "entered"):
        seen: list[str] = []
        cursor: str | None = None
        for _ in range(9):
            parameters = {"what": what, "step": "still-filling", "limit": "2", **({"cursor": cursor} if cursor else {})}
            page = (await admin.get("/api/journeys/cart-recovery/customers", params=parameters)).json()
            seen += [row["run"] for row in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == (5 if what == "here" else 6)


async def test_the_path_of_one_run_in_words(admin: AsyncClient, engine: AsyncEngine) -> None:
    found = (await admin.get(f"/api/runs/{shop.CART_RUN}/path")).json()
    assert found["run"]["customer"]["name"] == "김지우"
    assert [(line["what"], line["step"]) for line in found["transitions"]] == [
        ("entered", "still-filling"),
        ("left", "still-filling"),
        ("goal", "still-filling"),
    ]
    assert found["transitions"][1]["text"]["ko"].startswith("‘기간 내 미반응’ 경로로 진행: ")
    assert found["transitions"][2]["text"]["en"] == "Goal “Cart recovered” reached, 18,000"
    assert {send["outcome"] for send in found["sends"]} <= {"sent", "held", "skipped", "claimed"}
    missing = await admin.get(f"/api/runs/{UUID(int=7)}/path")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_run")
