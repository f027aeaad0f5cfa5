"""Trouble and operations, on pages and by API: seen by cause, looked at before they begin, followed to the end."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from api.operations.command import app as command
from orchestrator.settings import DEV_ADMIN_TOKEN
from orchestrator.store.database import create_engine
from orchestrator.store.operations.progress import note_item, turn_operation
from orchestrator.store.runs.trouble import set_problem
from tests.web import shop
from tests.web.people import browsing, csrf_of, make_person, sign_in

OPERATOR = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
_MORE = text("""
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, status, step, problem,
    problem_since, problem_at, entered_at)
select :id, 'cart-recovery/' || :id, journey_key, version, plan_hash, customer_id, '', 'running', 'remind',
    'remind:Temporary', cast(:at as timestamptz), cast(:at as timestamptz), cast(:at as timestamptz)
from runs where id = :like
""")
REAL = text("update workspace set day_seconds = null, clock_real = clock_timestamp()")


class StartedOperations:
    """Stands for Temporal: which operations were started."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.started: list[UUID] = []
        self.fault = fault

    async def __call__(self) -> "StartedOperations":
        return self

    async def start_operation(self, operation: UUID, per_second: float) -> None:
        if self.fault is not None:
            raise self.fault
        self.started.append(operation)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The shop, with 12 runs that a provider's fault holds up."""
    engine = create_engine(database_url)
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(REAL)
        for n in range(12):
            at = shop.NOW - timedelta(hours=n + 1)
            await db.execute(_MORE, {"id": uuid4(), "like": shop.CART_RUN, "at": at})
    yield engine
    await engine.dispose()


@pytest.fixture
def temporal(app: FastAPI) -> StartedOperations:
    started = app.state.runs_connection = StartedOperations()
    return started


CHOSEN: dict[str, Any] = {"act": "retry", "journey": "cart-recovery", "step": "remind", "cause": "Temporary"}


async def test_trouble_is_told_by_cause_journey_and_step(engine: AsyncEngine, browser: AsyncClient) -> None:
    await set_problem(engine, shop.RUN, "welcome:DefinitionError")
    answer = (await browser.get("/api/trouble", headers={**OPERATOR, "accept-language": "en"})).json()
    assert [(one["journey"], one["step"], one["cause"], one["runs"]) for one in answer] == [
        ("cart-recovery", "remind", "Temporary", 12),
        ("lifecycle", "welcome", "DefinitionError", 1),
    ]
    assert answer[0]["words"] == "The provider does not accept the message"
    assert answer[0]["acts"] == ["retry", "skip", "end"]
    assert answer[0]["first_seen"] == "2026-12-02T17:10:00Z"
    assert answer[0]["last_seen"] == "2026-12-03T04:10:00Z"
    only = (await browser.get("/api/trouble?journey=lifecycle", headers=OPERATOR)).json()
    assert [one["journey"] for one in only] == ["lifecycle"]


async def test_a_problem_that_stays_keeps_its_beginning(engine: AsyncEngine) -> None:
    times = text("select problem_since, problem_at from runs where id = :id")
    await set_problem(engine, shop.RUN, "welcome:Temporary")
    async with engine.connect() as db:
        first = (await db.execute(times, {"id": shop.RUN})).one()
    await set_problem(engine, shop.RUN, "welcome:Temporary")
    async with engine.connect() as db:
        second = (await db.execute(times, {"id": shop.RUN})).one()
    assert second.problem_since == first.problem_since
    assert second.problem_at > first.problem_at
    await set_problem(engine, shop.RUN, None)
    await set_problem(engine, shop.RUN, "welcome:Temporary")
    async with engine.connect() as db:
        assert (await db.execute(times, {"id": shop.RUN})).one().problem_since > first.problem_since


@pytest.mark.usefixtures("engine")
async def test_a_preview_does_nothing_and_more_than_it_showed_begins_nothing(
    browser: AsyncClient, temporal: StartedOperations
) -> None:
    shown = (await browser.post("/api/operations/preview", json=CHOSEN, headers=OPERATOR)).json()
    assert (shown["count"], len(shown["sample"])) == (12, 10)
    assert shown["steps"] == [{"journey": "cart-recovery", "step": "remind", "runs": 12}]
    grown = await browser.post("/api/operations", json={**CHOSEN, "expected": 11}, headers=OPERATOR)
    assert (grown.status_code, grown.json()["code"], grown.json()["parameters"]) == (
        409,
        "operation_grown",
        {"count": 12},
    )
    nobody = await browser.post("/api/operations", json={**CHOSEN, "step": "nowhere"}, headers=OPERATOR)
    assert (nobody.status_code, nobody.json()["code"]) == (409, "operation_empty")
    assert temporal.started == []
    assert (await browser.get("/api/operations", headers=OPERATOR)).json()["items"] == []


async def test_an_operation_is_followed_cancelled_gone_on_with_and_tried_again(
    engine: AsyncEngine, browser: AsyncClient, temporal: StartedOperations
) -> None:
    begun = await browser.post(
        "/api/operations", json={**CHOSEN, "expected": 12, "why": "provider is back"}, headers=OPERATOR
    )
    assert begun.status_code == 201, begun.text
    body = begun.json()
    operation = UUID(body["id"])
    assert (body["status"], body["total"], body["items"]) == ("running", 12, {"waiting": 12})
    assert temporal.started == [operation]
    items = (await browser.get(f"/api/operations/{operation}/items", headers=OPERATOR)).json()
    assert [one["position"] for one in items] == list(range(1, 13))
    await note_item(engine, operation, UUID(items[0]["run"]), "failed", "gone", None)
    path = f"/api/operations/{operation}"
    assert (await browser.post(f"{path}/cancel", headers=OPERATOR)).json()["status"] == "cancelled"
    again = await browser.post(f"{path}/cancel", headers=OPERATOR)
    assert (again.status_code, again.json()["code"]) == (409, "operation_not_running")
    assert (await browser.post(f"{path}/resume", headers=OPERATOR)).json()["status"] == "running"
    assert temporal.started == [operation, operation]
    async with engine.begin() as db:
        assert await turn_operation(db, operation, "done")
    second = (await browser.post(f"{path}/retry-failed", headers=OPERATOR)).json()
    assert (second["after"], second["total"], second["why"]) == (str(operation), 1, "provider is back")
    async with engine.connect() as db:
        kept = (await db.execute(text("select what, why from audit_log order by seq"))).all()
    assert [one.what for one in kept] == [
        "operation.started",
        "operation.cancelled",
        "operation.resumed",
        "operation.started",
    ]
    assert kept[0].why == "provider is back"


async def test_where_temporal_is_away_nothing_is_done_and_it_is_said(
    engine: AsyncEngine, app: FastAPI, browser: AsyncClient
) -> None:
    app.state.runs_connection = StartedOperations(RuntimeError("away"))
    away = await browser.post("/api/operations", json=CHOSEN, headers=OPERATOR)
    assert (away.status_code, away.json()["code"]) == (503, "temporal_away")
    [kept] = (await browser.get("/api/operations", headers=OPERATOR)).json()["items"]
    assert (kept["status"], kept["items"]) == ("cancelled", {"waiting": 12})


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", ("발송사가 메시지를 받지 않음", "다시 시도", "12건 시작")), ("en", ("provider", "Try again", "12 runs"))],
)
async def test_the_pages_lead_from_trouble_to_its_end(
    browser: AsyncClient, temporal: StartedOperations, language: str, words: tuple[str, ...]
) -> None:
    browser.headers["accept-language"] = language
    page = (await browser.get("/trouble")).text
    assert all(word in page for word in words[:2])
    [href] = re.findall(r'href="(/operations/new\?act=retry[^"]+)"', page)
    preview = (await browser.get(href.replace("&amp;", "&"))).text
    assert words[2] in preview
    form = {**CHOSEN, "csrf": await csrf_of(browser), "expected": "12", "per_second": "5", "why": "again"}
    tried = await browser.post("/operations", data={**form, "try": "1"})
    one = (await browser.get(tried.headers["location"])).text
    assert "again" in one
    begun = await browser.post("/operations", data=form)
    assert begun.status_code == 303
    assert begun.headers["location"] == f"/operations/{temporal.started[1]}"
    assert (await browser.get(begun.headers["location"])).status_code == 200
    listed = (await browser.get("/operations")).text
    assert listed.count("data-id=") == 2
    grown = await browser.post("/operations", data={**form, "expected": "3"})
    assert "fault=operation_grown" in grown.headers["location"]
    assert (await browser.get(grown.headers["location"])).status_code == 409


@pytest.mark.usefixtures("engine")
async def test_who_may_not_operate_sees_and_does_not_touch(app: FastAPI) -> None:
    await make_person(app, "marketer", "m@example.com")
    async with browsing(app) as marketer:
        await sign_in(marketer, "m@example.com")
        page = (await marketer.get("/trouble")).text
        assert "/operations/new" not in page
        assert (await marketer.get("/operations/new?act=end")).status_code == 403
        csrf = await csrf_of(marketer)
        assert (await marketer.post("/operations", data={**CHOSEN, "csrf": csrf})).status_code == 403
        headers = {"X-CSRF-Token": csrf}
        for path in ("/api/operations", "/api/operations/preview"):
            assert (await marketer.post(path, json=CHOSEN, headers=headers)).status_code == 403


@pytest.mark.usefixtures("engine")
def test_the_command_line_says_for_whom_before_it_asks(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE_URL", database_url)
    monkeypatch.setenv("SOJOURN_TEMPORAL_ADDRESS", "127.0.0.1:1")
    run = CliRunner().invoke
    assert "12\tcart-recovery\tremind\tTemporary\t2026-12-02" in run(command, ["trouble"]).output
    chosen = ["many", "retry", "--journey", "cart-recovery", "--cause", "Temporary"]
    dry = run(command, [*chosen, "--dry-run"])
    assert (dry.exit_code, "retry: 12 run(s)" in dry.output, dry.output.count("cart-recovery@1")) == (0, True, 10)
    assert run(command, chosen, input="n\n").exit_code == 1
    nobody = run(command, ["many", "skip", "--step", "nowhere"])
    assert (nobody.exit_code, "there is no run" in nobody.output) == (2, True)
    away = run(command, [*chosen, "--yes"])
    assert (away.exit_code, "Temporal cannot be reached" in away.output) == (2, True)
    assert "There was no operation yet." in run(command, ["operations"]).output
    assert "there is no operation" in run(command, ["cancel", str(uuid4())]).output
