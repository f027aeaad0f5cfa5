"""Segment's own client library, unmodified, pointed at a live server."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from segment.analytics.client import Client

from api.app import create_app
from orchestrator.settings import Settings
from tests.waiting import until


@pytest.fixture
async def host(api_settings: Settings) -> AsyncIterator[str]:
    """A live server on loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(api_settings), log_config=None, access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await until(lambda: server.started, "the server has started")
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.mark.parametrize("packed", [False, True])
async def test_the_official_python_client_works_unchanged(host: str, rows: Any, packed: bool) -> None:
    failures: list[Any] = []

    def use() -> None:
        client = Client(
            "dev-write-key", host=host, gzip=packed, on_error=lambda error, _: failures.append(error), max_retries=0
        )
        client.track("u", "Viewed", {"price": 12900, "at": datetime(2026, 3, 1, tzinfo=UTC), "nan": float("nan")})
        client.identify("u", {"email": "mina@example.com", "plan": "pro"})
        client.page("u", "Shop", "Home")
        client.screen("u", "App", "Cart")
        client.group("u", "acme", {"size": 3})
        client.alias("visitor", "u")
        client.track(anonymous_id="visitor", event="Viewed", timestamp=datetime(2026, 3, 1, tzinfo=UTC))
        client.shutdown()

    await asyncio.to_thread(use)
    assert failures == []
    events = await rows(
        "select kind, external_id from events join customers on customers.id = customer_id order by seq"
    )
    assert [tuple(event.values()) for event in events] == [
        (kind, "u") for kind in ("track", "identify", "page", "screen", "group", "alias", "track")
    ]
    [customer] = await rows("select * from customers where merged_into is null")
    assert customer["email"] == "mina@example.com"
    assert customer["attributes"] == {"plan": "pro", "group": {"acme": {"size": 3}}}


async def test_the_official_python_client_learns_what_was_wrong(host: str) -> None:
    failures: list[Any] = []

    def use() -> None:
        client = Client("other-key", host=host, on_error=lambda error, _: failures.append(error), max_retries=0)
        client.track("u", "Viewed")
        client.shutdown()

    await asyncio.to_thread(use)
    assert [(failure.status, failure.code) for failure in failures] == [(401, "unknown_write_key")]
