"""Who has a journey open: others once each, forgotten when they are silent, and nobody where Redis is away."""

import time
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from redis.asyncio import Redis

from orchestrator.store.teamwork import presence
from orchestrator.store.teamwork.presence import Present, say_present
from tests.api.teamwork.test_approvals import PATH, draw, people

__all__ = ["people"]


async def here(browser: AsyncClient, window: str, step: str = "") -> list[dict[str, Any]]:
    answer = await browser.post(f"{PATH}/presence", json={"window": window, "step": step})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_others_are_seen_once_each_with_what_they_look_at(people: dict[str, AsyncClient]) -> None:
    await draw(people["jun"], "delay", "exit")
    assert await here(people["jun"], "window-jun-1") == []
    await here(people["jun"], "window-jun-2", "delay")
    [jun] = await here(people["sora"], "window-sora-1")
    assert (jun["name"], jun["step"]) == ("jun", "delay")
    for window in ("window-jun-1", "window-jun-2"):
        assert (await people["jun"].delete(f"{PATH}/presence/{window}")).status_code == 204
    assert await here(people["sora"], "window-sora-1") == []


async def test_a_window_that_is_silent_is_forgotten(
    people: dict[str, AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    await here(people["jun"], "window-jun-1")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + presence.FORGOTTEN_AFTER + 1)
    assert await here(people["sora"], "window-sora-1") == []


async def test_a_crowd_of_windows_is_bounded(app: FastAPI) -> None:
    redis: Redis = app.state.resources.redis
    for n in range(presence.MOST + 20):
        await say_present(redis, "crowded", Present(f"w-{n}", f"p-{n}", "p", ""))
    assert len(await say_present(redis, "crowded", Present("w-me", "me", "me", ""))) <= presence.MOST
    assert await redis.hlen("sojourn:present:crowded") <= presence.MOST + 1


async def test_without_redis_nobody_is_seen_and_nothing_fails() -> None:
    away = Redis.from_url("redis://127.0.0.1:1", socket_connect_timeout=1)
    assert await say_present(away, "any", Present("w", "p", "n", "")) == []
    await presence.say_gone(away, "any", "w")
    await away.aclose()


async def test_a_window_without_a_name_is_refused(people: dict[str, AsyncClient]) -> None:
    answer = await people["jun"].post(f"{PATH}/presence", json={"window": "x"})
    assert answer.status_code == 400
