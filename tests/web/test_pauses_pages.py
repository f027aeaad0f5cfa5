"""Pausing within two clicks, by those who may; resuming after a look at what it does; by page and API alike."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.roles import Role
from orchestrator.core.run.trouble import DEFINITION
from orchestrator.settings import DEV_ADMIN_TOKEN
from orchestrator.store.audit.chain import SYSTEM
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.operations.pauses import Fault, pause
from orchestrator.store.runs.live_plans import LivePlans
from orchestrator.store.runs.parking import park
from orchestrator.store.runs.trouble_groups import group_trouble
from tests.web import shop
from tests.web.people import browsing, csrf_of, make_person, sign_in
from tests.web.test_operations_pages import REAL, StartedOperations

OPERATOR = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(REAL)
    yield engine
    await engine.dispose()


async def paused_plans(engine: AsyncEngine) -> dict[str, bool]:
    """What the router is told."""
    async with engine.connect() as db:
        live, _ = await LivePlans().load(db)
    return {one.plan.key: one.paused for one in live}


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("marketer", False), ("operator", True), ("admin", True)])
async def test_the_red_button_is_two_clicks_away_for_those_who_may_press_it(
    app: FastAPI, engine: AsyncEngine, role: Role, may: bool
) -> None:
    await make_person(app, role, f"{role}@shop.example")
    async with browsing(app) as reader:
        await sign_in(reader, f"{role}@shop.example")
        page = (await reader.get("/customers")).text
        assert 'href="/pauses"' in page
        assert ("pause-all" in page) == may
        assert ('value="everything"' in (await reader.get("/pauses")).text) == may
        form = {"csrf": await csrf_of(reader), "what": "everything", "why": "the price is wrong"}
        answer = await reader.post("/pauses", data=form)
        assert answer.status_code == (303 if may else 403)
        assert all((await paused_plans(engine)).values()) == may
        words = ("전체 일시 중지 중", "Everything is paused")
        page = (await reader.get("/customers")).text
        assert any(word in page for word in words) == may
        listed = (await reader.get("/pauses")).text
        assert ("the price is wrong" in listed) == may


async def test_everything_channel_and_journey_are_paused_and_resumed_by_api(
    engine: AsyncEngine, app: FastAPI, browser: AsyncClient
) -> None:
    temporal = app.state.runs_connection = StartedOperations()
    for what in ("journey:lifecycle", "channel:email", "everything"):
        answer = await browser.post("/api/pauses", json={"what": what, "why": "test"}, headers=OPERATOR)
        assert answer.status_code == 200, answer.text
    told = (await browser.get("/api/pauses", headers=OPERATOR)).json()
    assert [one["what"] for one in told] == ["everything", "channel:email", "journey:lifecycle"]
    for nothing in ("channel:pigeon", "journey:broken", "journey:none", "all", "everything:x"):
        answer = await browser.post("/api/pauses", json={"what": nothing}, headers=OPERATOR)
        assert (answer.status_code, answer.json()["code"]) == (404, "nothing_to_pause"), nothing

    await park(engine, shop.RUN, shop.LETTER)
    foreseen = (await browser.post("/api/pauses/forecast", json={"what": "everything"}, headers=OPERATOR)).json()
    assert (foreseen["paused"], foreseen["runs"], foreseen["parked"][0]["journey"]) == (True, 1, "lifecycle")
    answer = await browser.post("/api/pauses/resume", json={"what": "everything"}, headers=OPERATOR)
    assert [str(one) for one in temporal.started] == answer.json()["operations"]
    assert await paused_plans(engine) == {"cart-recovery": False, "lifecycle": True}
    for what in ("channel:email", "journey:lifecycle"):
        await browser.post("/api/pauses/resume", json={"what": what}, headers=OPERATOR)
    assert (await browser.get("/api/pauses", headers=OPERATOR)).json() == []
    assert await paused_plans(engine) == {"cart-recovery": False, "lifecycle": False}
    async with engine.connect() as db:
        kept = (await db.execute(text("select what, subject, why from audit_log order by seq"))).all()
    assert [tuple(one) for one in kept[:3]] == [
        ("pause.paused", "journey:lifecycle", "test"),
        ("pause.paused", "channel:email", "test"),
        ("pause.paused", "everything", "test"),
    ]
    assert [one.what for one in kept[3:]] == [
        "pause.resumed",
        "operation.started",
        "pause.resumed",
        "pause.resumed",
    ]


async def test_entries_that_a_pause_refused_are_let_in_in_their_order(
    engine: AsyncEngine, app: FastAPI, browser: AsyncClient
) -> None:
    temporal = app.state.runs_connection = StartedOperations()
    await browser.post("/api/pauses", json={"what": "journey:lifecycle"}, headers=OPERATOR)
    async with engine.begin() as db:
        await db.execute(
            text("""
            insert into entry_decisions (id, journey_key, version, customer_id, message_id, at, admitted, reason)
            select gen_random_uuid(), 'lifecycle', 1, :customer, 'late-' || n,
                cast(:at as timestamptz) + n * interval '1 second', false, 'paused' from generate_series(1, 3) n
            """),
            {"customer": shop.JIWOO, "at": shop.NOW + timedelta(days=1)},
        )
    page = (await browser.get("/pauses/resume?what=journey:lifecycle")).text
    assert 'name="enter"' in page
    form = {"csrf": await csrf_of(browser), "what": "journey:lifecycle", "enter": "1", "per_second": "5"}
    answer = await browser.post("/pauses/resume", data=form)
    assert answer.headers["location"] == f"/operations/{temporal.started[0]}"
    items = (await browser.get(f"/api/operations/{temporal.started[0]}/items", headers=OPERATOR)).json()
    assert [(one["journey"], one["status"]) for one in items] == [("lifecycle", "waiting")] * 3
    assert (await browser.get(answer.headers["location"])).status_code == 200


async def test_where_temporal_is_away_a_pause_with_somebody_in_it_does_not_end(
    engine: AsyncEngine, browser: AsyncClient
) -> None:
    await browser.post("/api/pauses", json={"what": "journey:lifecycle"}, headers=OPERATOR)
    await park(engine, shop.RUN, shop.LETTER)
    answer = await browser.post("/api/pauses/resume", json={"what": "journey:lifecycle"}, headers=OPERATOR)
    assert (answer.status_code, answer.json()["code"]) == (503, "temporal_away")
    assert (await paused_plans(engine))["lifecycle"]


async def test_who_stands_still_at_the_first_step_is_not_overdue(engine: AsyncEngine) -> None:
    begun = text("update runs set status = 'starting', entered_at = :at, waiting_until = null, problem = null")
    async with engine.begin() as db:
        await db.execute(begun, {"at": shop.NOW - timedelta(hours=3)})
    assert sum(one.runs for one in await group_trouble(engine)) == 2
    await park(engine, shop.RUN, shop.LETTER)
    assert [one.journey_key for one in await group_trouble(engine)] == ["cart-recovery"]


async def test_a_step_is_paused_on_its_journeys_page_and_a_fault_is_named_everywhere(
    engine: AsyncEngine, app: FastAPI, browser: AsyncClient
) -> None:
    temporal = app.state.runs_connection = StartedOperations()
    page = (await browser.get("/journeys/lifecycle/figures")).text
    steps = re.findall(r'name="what" value="(step:lifecycle/[\w-]+)"', page)
    assert len(steps) > 1
    what, broken = steps[0], "step:lifecycle/welcome"
    form = {"csrf": await csrf_of(browser), "what": what}
    assert (await browser.post("/pauses", data=form)).status_code == 303
    assert f"what={quote(what, safe='')}" in (await browser.get("/journeys/lifecycle/figures")).text
    for nothing in ("step:lifecycle/none", "step:none/welcome"):
        answer = await browser.post("/api/pauses", json={"what": nothing}, headers=OPERATOR)
        assert (answer.status_code, answer.json()["code"]) == (404, "nothing_to_pause"), nothing
    await browser.post("/api/pauses/resume", json={"what": what}, headers=OPERATOR)

    fault = Fault(DEFINITION, {"code": "template_not_in_use", "template": "hello"}, "")
    async with session_factory(engine)() as session, session.begin():
        assert await pause(session, broken, SYSTEM, fault=fault)
    async with engine.begin() as db:
        await db.execute(text("update runs set step = 'welcome' where id = :run"), {"run": shop.RUN})
    assert (await park(engine, shop.RUN, shop.LETTER)) is not None
    [told] = (await browser.get("/api/pauses", headers=OPERATOR)).json()
    assert (told["what"], told["by"], told["cause"], told["parked"]) == (broken, "Sojourn", DEFINITION, 1)
    assert "hello" in told["words"]
    [group] = [one for one in (await browser.get("/api/trouble", headers=OPERATOR)).json() if one["paused_for"]]
    assert (group["runs"], group["paused_for"], group["acts"]) == (1, broken, ["skip", "end"])
    for address in ("/pauses", "/trouble", "/", f"/pauses/resume?what={broken}"):
        shown = (await browser.get(address)).text
        assert quote(broken, safe="") in shown or broken in shown, address
    for address in ("/pauses", "/trouble", "/"):
        assert "hello" in (await browser.get(address)).text, address
    answer = await browser.post("/api/pauses/resume", json={"what": broken}, headers=OPERATOR)
    assert [str(one) for one in temporal.started] == answer.json()["operations"]
