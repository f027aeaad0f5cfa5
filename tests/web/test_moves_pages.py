"""Versions in progress, on the page, by API and from the command line: seen, looked at, begun, taken back."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from api.operations.command import app as command
from orchestrator.core.journey.plan import Plan
from orchestrator.settings import DEV_ADMIN_TOKEN
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.operations.progress import note_item, turn_operation
from tests.core.run.driver import delay, message, planned, straight
from tests.web import shop
from tests.web.people import csrf_of

OPERATOR = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}", "accept-language": "en"}
_RUN = text("""
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, status, step, waiting_until,
    entered_at)
select :id, 'news/' || :id, 'news', 1, :plan, customer_id, '', 'running', :step, clock_timestamp() + interval '8 days',
    clock_timestamp() - interval '2 days'
from runs where id = :like
""")


class Started:
    """Stands for Temporal: which operations were started."""

    def __init__(self) -> None:
        self.started: list[UUID] = []

    async def __call__(self) -> "Started":
        return self

    async def start_operation(self, operation: UUID, per_second: float) -> None:
        self.started.append(operation)


def _plan(*steps: dict[str, Any]) -> Plan:
    words = {"name": {"en": "News", "ko": "소식"}}
    return planned({**straight(*steps, key="news"), **words})


ONE = _plan(delay("pause", "10d"), delay("gone", "3d"), message("mail"))
TWO = _plan(delay("pause", "1d"), message("mail"))
PUBLISHED = """
insert into journeys (key, name, status, live_version, draft, created_at, updated_at)
values ('news', '{"en": "News", "ko": "소식"}', 'live', 2, cast(:draft as jsonb), now(), now())
"""
VERSION = (
    "insert into journey_versions (journey_key, version, plan_hash, published_at) values ('news', :n, :hash, now())"
)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The shop, with a journey in its second version and nine customers in its first."""
    engine = create_engine(database_url)
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(text("update workspace set day_seconds = null, clock_real = clock_timestamp()"))
        await db.execute(text("update workspace set clock_journey = clock_timestamp()"))
        await db.execute(text(PUBLISHED), {"draft": orjson.dumps(TWO.journey.model_dump(mode="json")).decode()})
        for n, plan in enumerate((ONE, TWO), 1):
            await db.execute(text(VERSION), {"n": n, "hash": plan.hash})
        for n in range(9):
            step = "pause" if n < 6 else "gone"
            await db.execute(_RUN, {"id": uuid4(), "plan": ONE.hash, "step": step, "like": shop.RUN})
    for plan in (ONE, TWO):
        await Plans(engine).save(plan.hash, plan.body)
    yield engine
    await engine.dispose()


@pytest.fixture
def temporal(app: FastAPI) -> Started:
    started = app.state.runs_connection = Started()
    return started


@pytest.mark.usefixtures("engine")
async def test_who_stands_at_steps_that_are_no_longer_drawn_is_named(browser: AsyncClient) -> None:
    found = (await browser.get("/api/journeys/news/in-flight", headers=OPERATOR)).json()
    assert [(one["version"], one["live"], one["runs"]) for one in found] == [(2, True, 0), (1, False, 9)]
    steps = [(one["step"], one["runs"], one["drawn"]) for one in found[1]["steps"]]
    assert steps == [("pause", 6, True), ("gone", 3, False)]
    assert (await browser.get("/api/journeys/nothing/in-flight", headers=OPERATOR)).status_code == 404


@pytest.mark.usefixtures("engine")
async def test_a_preview_says_where_they_go_until_when_and_what_is_sent_at_once(browser: AsyncClient) -> None:
    wanted = {"version": 1, "to": 2, "steps": {"pause": {"to": "pause", "timer": "recomputed"}}}
    found = (await browser.post("/api/journeys/news/moves/preview", json=wanted, headers=OPERATOR)).json()
    assert (found["count"], found["open"]) == (9, [])
    pause, gone = found["steps"]
    assert (pause["to"], pause["why"], pause["due"], len(pause["sends"])) == ("pause", "same", 6, 1)
    assert pause["after"]["first"] < pause["before"]["first"]
    assert (gone["to"], gone["why"], gone["timer"], gone["due"]) == ("mail", "gone", "restarted", 3)
    kept = (
        await browser.post("/api/journeys/news/moves/preview", json={**wanted, "steps": {}}, headers=OPERATOR)
    ).json()
    assert kept["steps"][0]["due"] == 0
    assert kept["steps"][0]["after"] == kept["steps"][0]["before"]


@pytest.mark.usefixtures("engine", "temporal")
async def test_within_a_version_only_those_are_meant_who_leave_their_step(browser: AsyncClient) -> None:
    steps = {"pause": {"to": "pause"}, "gone": {"to": "mail", "timer": "restarted"}}
    wanted = {"version": 1, "to": 1, "steps": steps}
    shown = (await browser.post("/api/journeys/news/moves/preview", json=wanted, headers=OPERATOR)).json()
    assert shown["count"] == 3
    begun = (await browser.post("/api/journeys/news/moves", json=wanted, headers=OPERATOR)).json()
    assert begun["total"] == 3
    nobody = {"version": 1, "to": 1, "steps": {"pause": {"to": "pause"}}}
    answer = await browser.post("/api/journeys/news/moves", json=nobody, headers=OPERATOR)
    assert answer.json()["code"] == "operation_empty"


@pytest.mark.usefixtures("engine", "temporal")
@pytest.mark.parametrize(
    ("wanted", "status", "code", "field"),
    [
        ({"version": 7, "to": 2}, 404, "unknown_version", "version"),
        ({"version": 1, "to": 9}, 404, "unknown_version", "to"),
        ({"version": 1, "to": 2, "steps": {"pause": {"to": "gone"}}}, 422, "move_unknown_step", "steps.gone"),
        ({"version": 1, "to": 2, "expected": 3}, 409, "operation_grown", "expected"),
        ({"version": 1, "to": 2, "step": "nobody"}, 409, "operation_empty", None),
    ],
)
async def test_what_cannot_be_moved_is_refused_with_its_field(
    browser: AsyncClient, wanted: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    answer = await browser.post("/api/journeys/news/moves", json=wanted, headers=OPERATOR)
    assert answer.status_code == status
    problem = answer.json()
    assert (problem["code"], problem.get("field") or None) == (code, field)


async def test_a_share_is_the_same_each_time_and_goes_back_where_it_came_from(
    browser: AsyncClient, engine: AsyncEngine, temporal: Started
) -> None:
    wanted = {"version": 1, "to": 2, "why": "shorter", "steps": {"gone": {"to": "pause", "timer": "fired"}}}
    begun = (await browser.post("/api/journeys/news/moves", json=wanted, headers=OPERATOR)).json()
    assert (begun["act"], begun["total"], begun["status"]) == ("move", 9, "running")
    assert temporal.started == [UUID(begun["id"])]
    assert begun["chosen"]["steps"] == {"gone": {"to": "pause", "timer": "fired"}}

    shares = [{"version": 1, "to": 2, "share": share} for share in (1, 50, 50, 100)]
    counts = [
        (await browser.post("/api/journeys/news/moves/preview", json=one, headers=OPERATOR)).json()["count"]
        for one in shares
    ]
    assert counts == sorted(counts)
    assert counts[1] == counts[2]
    assert counts[3] == 9

    async with engine.begin() as db:  # as if they had done it
        await db.execute(
            text(
                "update runs set version = 2, plan_hash = :plan, step = 'pause' where version = 1 and "
                "journey_key = 'news'"
            ),
            {"plan": TWO.hash},
        )
        items = (await db.execute(text("select subject from operation_items"))).scalars().all()
        await turn_operation(db, UUID(begun["id"]), "done")
    for item in items:
        await note_item(engine, UUID(begun["id"]), item, "done", "moved", None)
    answer = await browser.post(f"/api/operations/{begun['id']}/back", headers=OPERATOR)
    assert answer.status_code == 201
    back = answer.json()
    assert (back["total"], back["chosen"]["version"], back["chosen"]["to"]) == (9, 2, 1)
    page = (await browser.get(f"/operations/{begun['id']}", headers={"accept-language": "en"})).text
    assert "From version 1 to version 2" in page
    assert "Move them back" in page


async def test_only_what_moved_somebody_is_taken_back(
    browser: AsyncClient, engine: AsyncEngine, temporal: Started
) -> None:
    ended = {"act": "end", "journey": "news", "version": 1}
    begun = (await browser.post("/api/operations", json=ended, headers=OPERATOR)).json()
    assert begun["total"] == 9
    answer = await browser.post(f"/api/operations/{begun['id']}/back", headers=OPERATOR)
    assert answer.json()["code"] == "nothing_to_move_back"


async def test_on_the_page_one_looks_chooses_and_begins(
    browser: AsyncClient, engine: AsyncEngine, temporal: Started
) -> None:
    english = {"accept-language": "en"}
    page = (await browser.get("/journeys/news/moves?version=1&to=2", headers=english)).text
    assert "No longer drawn" in page
    assert "From version 1 to version 2" in page
    form = {"csrf": await csrf_of(browser), "version": "1", "to": "2", "to.gone": "pause", "timer.gone": "kept"}
    again = await browser.post("/journeys/news/moves", data=form, headers=english)
    assert again.status_code == 200
    chosen = re.search(r'name="to\.gone">(.*?)</select>', again.text, re.S)
    assert chosen is not None
    assert '<option value="pause" selected>' in chosen[1]
    assert not temporal.started
    begun = await browser.post("/journeys/news/moves", data={**form, "begin": "1", "share": "100"}, headers=english)
    assert begun.status_code == 303
    assert begun.headers["location"] == f"/operations/{temporal.started[0]}"
    assert (await browser.get("/journeys/nothing/moves")).status_code == 404
    leaving = await browser.get("/operations/new?act=end&journey=news&version=1", headers=english)
    assert 'name="version" value="1"' in leaving.text
    assert "Start: 9 runs" in leaving.text
    other = await browser.get("/operations/new?act=end&journey=news&version=2", headers=english)
    assert "Start" not in other.text


@pytest.mark.usefixtures("engine")
def test_from_the_command_line_one_sees_where_they_go(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE_URL", database_url)
    monkeypatch.setenv("SOJOURN_REDIS_URL", redis_url)
    asked = ["many", "move", "--journey", "news", "--version", "1", "--to-version", "2", "--dry-run"]
    shown = CliRunner().invoke(command, [*asked, "--to", "gone=pause:fired"])
    assert shown.exit_code == 0, shown.output
    assert "move: 9 run(s), version 1 to 2" in shown.output
    assert "3\tgone\tpause:fired\tgone\t3 at once" in shown.output
    assert CliRunner().invoke(command, [*asked, "--to", "gone"]).exit_code == 2
    assert CliRunner().invoke(command, [*asked, "--to", "gone=nowhere"]).exit_code == 2
