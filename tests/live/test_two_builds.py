"""A newer API beside an older router and worker, as in the middle of an upgrade: what the older ones cannot read waits
for them to be replaced, and everything else goes on."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from orchestrator.settings import DEV_ADMIN_TOKEN
from tests.adding.copied import copy_with
from tests.adding.test_adding_a_step import HERE, kind
from tests.live.conftest import installed
from tests.live.installation import Installation
from tests.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]
ADMIN = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A build that knows one more kind of step."""
    return copy_with(tmp_path / "newer", HERE / "simple_step", kind("ask_ai", "AskAi")).root


@pytest.fixture
async def shop(tmp_path: Path, newer: Path, database_url: str, redis_url: str) -> AsyncIterator[Installation]:
    async with installed(tmp_path / "data", database_url, redis_url, builds={"api": newer}) as running:
        yield running


def journey(key: str, *steps: dict[str, Any]) -> dict[str, Any]:
    """Steps one after the other, then an end."""
    all_steps = [*steps, {"id": "end", "kind": "exit", "stage": "intake", "settings": {"reason": "completed"}}]
    ids = ["entry", *(step["id"] for step in all_steps)]
    return {
        "key": key,
        "name": {"en": key, "ko": key},
        "entry": {"triggers": [{"kind": "event", "event": "Visited"}]},
        "reentry": {"mode": "after_end"},
        "steps": all_steps,
        "edges": [{"from": one, "to": other} for one, other in pairwise(ids)],
    }


async def test_what_an_older_build_cannot_read_keeps_nothing_else_waiting(shop: Installation, newer: Path) -> None:
    message = {"channel": "email", "class": "informational", "content": {"en": {"subject": "News", "body": "Hello."}}}
    plain = journey("plain", {"id": "news", "kind": "message", "stage": "intake", "settings": message})
    ask = {"id": "ask", "kind": "ask_ai", "stage": "intake", "settings": {"question": "Why?", "about": "tier"}}
    await shop.publish(plain)
    body = journey("asks", ask)
    for answer in (
        await shop.http.put("/api/journeys/asks", json=body, headers=ADMIN),
        await shop.http.post("/api/journeys/asks/publish", headers=ADMIN),
    ):
        assert answer.status_code < 300, answer.text

    await until(lambda: "asks" in shop.log("router"), "the older router tells of what it cannot read")
    known = {"userId": "hana", "messageId": "who", "traits": {"email": "hana@example.com"}}
    assert (await shop.call("identify", known)).status_code == 200
    await shop.track("hana", "Visited", "visit-1")
    await until(lambda: _ended(shop, "plain", 1), "the journey that both builds know lets her through")
    assert await shop.one("select count(*) from outbox") == 1
    await until(lambda: _unreadable(shop, ["asks@1"]), "readiness names it")
    assert shop.dead() == []

    shop.builds |= {"router": newer, "second router": newer, "worker": newer}
    for part in ("worker", "router", "second router"):
        shop.kill(part)
        shop.restart(part)
    for part in ("worker", "router", "second router"):
        await until(lambda part=part: shop.serves(part), f"the newer {part} serves")
    await shop.track("hana", "Visited", "visit-2")
    await until(lambda: _ended(shop, "asks", 1), "the newer router lets her into the newer journey")
    await until(lambda: _ended(shop, "plain", 2), "and into the older one")
    assert await shop.one("select count(*) from outbox") == 2
    await until(lambda: _unreadable(shop, []), "readiness is content")


async def _ended(shop: Installation, key: str, times: int) -> bool:
    finished = "select count(*) from runs where journey_key = %s and finished_at is not null and reason = 'completed'"
    return bool(await shop.one(finished, [key]) == times)


async def _unreadable(shop: Installation, journeys: list[str]) -> bool:
    return bool((await shop.http.get("/readyz")).json()["unreadable_journeys"] == journeys)
