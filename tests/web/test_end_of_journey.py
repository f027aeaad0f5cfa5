"""A journey ends in steps: nobody enters, those inside leave or go on, it is put away; each can be taken back."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.settings import DEV_ADMIN_TOKEN
from orchestrator.store.database import create_engine
from orchestrator.store.runs.live_plans import LivePlans
from tests.web import shop
from tests.web.people import browsing, csrf_of, make_person, sign_in
from tests.web.test_operations_pages import StartedOperations

OPERATOR = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    await shop.fill(engine)
    yield engine
    await engine.dispose()


async def turned(browser: AsyncClient, key: str, turn: str) -> tuple[int, Any]:
    answer = await browser.post(f"/api/journeys/{key}/end", json={"turn": turn, "why": "over"}, headers=OPERATOR)
    body = answer.json()
    return answer.status_code, body.get("code") or body["status"]


async def entered(engine: AsyncEngine) -> set[str]:
    """Journeys that the router knows of."""
    async with engine.connect() as db:
        live, _ = await LivePlans().load(db)
    return {one.plan.key for one in live}


async def test_closed_put_away_and_taken_back(engine: AsyncEngine, browser: AsyncClient) -> None:
    assert await turned(browser, "cart-recovery", "archive") == (409, "journey_not_now")
    assert await turned(browser, "cart-recovery", "close") == (200, "closed")
    assert await entered(engine) == {"lifecycle"}
    assert await turned(browser, "cart-recovery", "close") == (409, "journey_not_now")
    for status in ("live", "paused"):  # a closed journey is not opened by a pause that ends
        answer = await browser.post("/api/journeys/cart-recovery/status", json={"status": status}, headers=OPERATOR)
        assert (answer.status_code, answer.json()["code"]) == (409, "journey_not_now")
    assert await turned(browser, "cart-recovery", "archive") == (409, "journey_inside")
    async with engine.begin() as db:
        await db.execute(text("update runs set finished_at = now(), status = 'finished'"))
    assert await turned(browser, "cart-recovery", "archive") == (200, "archived")
    keys = [one["key"] for one in (await browser.get("/api/journeys", headers=OPERATOR)).json()["items"]]
    assert sorted(keys) == ["broken", "lifecycle"]
    away = (await browser.get("/api/journeys?status=archived", headers=OPERATOR)).json()["items"]
    assert [one["key"] for one in away] == ["cart-recovery"]
    assert await turned(browser, "cart-recovery", "restore") == (200, "closed")
    assert await turned(browser, "cart-recovery", "reopen") == (200, "live")
    assert await entered(engine) == {"cart-recovery", "lifecycle"}
    assert await turned(browser, "broken", "close") == (409, "journey_not_now")
    assert await turned(browser, "broken", "archive") == (200, "archived")
    assert await turned(browser, "broken", "restore") == (200, "draft")
    assert await turned(browser, "nothing", "close") == (404, "unknown_journey")
    async with engine.connect() as db:
        kept = (await db.execute(text("select what, before, after, why from audit_log order by seq limit 2"))).all()
    assert [tuple(one) for one in kept] == [
        ("journey.closed", {"status": "live"}, {"status": "closed"}, "over"),
        ("journey.archived", {"status": "closed"}, {"status": "archived"}, "over"),
    ]


@pytest.mark.parametrize(
    ("language", "says"), [("ko", ("진입 마감", "안에 있는 고객 1명")), ("en", ("Let nobody in", "1 customer inside"))]
)
async def test_the_page_leads_through_the_steps(
    engine: AsyncEngine, app: FastAPI, browser: AsyncClient, language: str, says: tuple[str, ...]
) -> None:
    temporal = app.state.runs_connection = StartedOperations()
    browser.headers["accept-language"] = language
    assert "/journeys/cart-recovery/end" in (await browser.get("/journeys")).text
    page = (await browser.get("/journeys/cart-recovery/end")).text
    assert all(word in page for word in says)
    csrf = await csrf_of(browser)
    closed = await browser.post("/journeys/cart-recovery/turn", data={"csrf": csrf, "turn": "close"})
    assert closed.headers["location"] == "/journeys/cart-recovery/end"
    preview = (await browser.get("/operations/new?act=end&journey=cart-recovery&stop=1")).text
    assert 'name="stop" value="1"' in preview
    form = {"csrf": csrf, "act": "end", "journey": "cart-recovery", "stop": "1", "expected": "1"}
    await browser.post("/operations", data=form)
    async with engine.connect() as db:
        found = await db.execute(text("select chosen from operations where id = :id"), {"id": temporal.started[0]})
        assert found.scalar_one() == {"journey": "cart-recovery", "reason": "stopped"}
    refused = await browser.post("/journeys/cart-recovery/turn", data={"csrf": csrf, "turn": "archive"})
    assert refused.headers["location"] == "/journeys?done=journey_inside"
    assert (await browser.get(refused.headers["location"])).status_code == 200


@pytest.mark.usefixtures("engine")
async def test_a_draft_is_put_away_by_who_draws_and_a_journey_is_not(app: FastAPI) -> None:
    await make_person(app, "marketer", "m@example.com")
    async with browsing(app) as marketer:
        await sign_in(marketer, "m@example.com")
        csrf = await csrf_of(marketer)
        form = {"csrf": csrf, "turn": "archive"}
        assert (await marketer.post("/journeys/broken/turn", data=form)).headers["location"].endswith("archive")
        form = {"csrf": csrf, "turn": "close"}
        assert (await marketer.post("/journeys/lifecycle/turn", data=form)).status_code == 404
        assert (await marketer.get("/journeys/lifecycle/end")).status_code == 403
