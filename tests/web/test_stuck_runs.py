"""A run that is stuck or overdue is seen wherever runs are shown, and freed by page, API and command line."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

from api.runs.command import app as command
from api.runs.operate import operate
from orchestrator.settings import DEV_ADMIN_TOKEN
from orchestrator.store.audit.chain import By
from orchestrator.store.database import create_engine
from orchestrator.store.journeys.count_members import list_behind
from orchestrator.store.journeys.live_counts import load_figures, load_flow
from orchestrator.store.runs.path import load_path
from orchestrator.store.runs.run_list import list_runs
from orchestrator.store.runs.trouble import set_problem
from tests.web import shop
from tests.web.test_survey_pages import csrf_of

_SET = (
    "update runs set status = :status, waiting_until = :until, entered_at = :entered, problem = :problem where id = :id"
)
SET = text(_SET)
REAL = text("update workspace set day_seconds = null, clock_real = clock_timestamp()")
KIM = By("Kim", "session")
OPERATOR = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


class FakeRuns:
    """Stands for Temporal: what it was asked, and whether it knows the run."""

    def __init__(self, *, known: bool = True) -> None:
        self.known = known
        self.asked: list[tuple[str, str]] = []

    async def __call__(self) -> "FakeRuns":
        return self

    async def retry(self, workflow: str) -> bool:
        return self._note("retry", workflow)

    async def skip(self, workflow: str) -> bool:
        return self._note("skip", workflow)

    async def release(self, workflow: str, late: str) -> bool:
        return self._note(f"release {late}", workflow)

    async def eject(self, workflow: str, reason: str) -> bool:
        return self._note(f"eject {reason}", workflow)

    async def terminate(self, workflow: str, reason: str) -> bool:
        return self._note(f"terminate {reason}", workflow)

    def _note(self, what: str, workflow: str) -> bool:
        self.asked.append((what, workflow))
        return self.known


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(REAL)
    yield engine
    await engine.dispose()


async def stand(
    engine: AsyncEngine, late: timedelta | None, status: str = "running", problem: str | None = None
) -> None:
    """The cart's run as it is to be found: ``late`` after its deadline."""
    until = None if late is None else shop.NOW - late
    given = {"id": shop.CART_RUN, "status": status, "until": until, "problem": problem}
    async with engine.begin() as db:
        await db.execute(SET, {**given, "entered": shop.NOW - (late or timedelta(0))})


async def troubled(engine: AsyncEngine) -> list[str | None]:
    """What every place that shows runs says of the cart's, all of one mind."""
    listed = [run for run in (await list_runs(engine, status="problem")).rows if run.id == shop.CART_RUN]
    count = (await load_figures(engine, ["cart-recovery"]))["cart-recovery"].troubled
    steps = (await load_flow(engine, "cart-recovery")).steps.values()
    path = await load_path(engine, shop.CART_RUN)
    behind = (await list_behind(engine, "cart-recovery", "here")).rows
    assert path is not None
    assert count == sum(step.troubled for step in steps) == len(listed)
    assert [row.problem for row in behind if row.problem] == [run.problem for run in listed]
    assert path.run.problem == (listed[0].problem if listed else None)
    return [run.problem for run in listed]


@pytest.mark.parametrize(
    ("late", "status", "shown"),
    [
        (timedelta(minutes=-5), "running", False),
        (timedelta(minutes=59), "running", False),
        (timedelta(minutes=61), "running", True),
        (timedelta(minutes=59), "starting", False),
        (timedelta(minutes=61), "starting", True),
        (timedelta(days=9), "finished", False),
        (None, "running", False),
    ],
)
async def test_overdue_by_an_hour_is_trouble_by_itself(
    engine: AsyncEngine, late: timedelta | None, status: str, shown: bool
) -> None:
    await stand(engine, late, status)
    found = await troubled(engine)
    assert [problem.partition(":")[2] for problem in found if problem] == (["overdue"] if shown else [])


async def test_a_problem_is_written_and_cleared(engine: AsyncEngine) -> None:
    await stand(engine, None)
    await set_problem(engine, shop.CART_RUN, "remind:Temporary")
    assert await troubled(engine) == ["remind:Temporary"]
    await set_problem(engine, shop.CART_RUN, None)
    assert await troubled(engine) == []
    await stand(engine, None, "finished", "remind:Temporary")
    assert await troubled(engine) == []


async def test_an_accelerated_hour_of_a_second_is_not_overdue(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(text("update workspace set day_seconds = 20, clock_real = clock_timestamp()"))
    await stand(engine, timedelta(hours=2))
    assert await troubled(engine) == []
    await stand(engine, timedelta(days=4))
    assert len(await troubled(engine)) == 1


async def test_an_operators_word_reaches_the_run(engine: AsyncEngine) -> None:
    await stand(engine, None, problem="remind:Temporary")
    runs = FakeRuns()
    for act in ("retry", "skip", "end"):
        assert await operate(engine, runs, shop.CART_RUN, act, KIM) == "asked"
    assert [what for what, _ in runs.asked] == ["retry", "skip", "eject operator"]
    assert await operate(engine, runs, UUID(int=1), "retry", KIM) == "unknown"
    await stand(engine, None)
    assert await operate(engine, runs, shop.CART_RUN, "skip", KIM) == "nothing_to_skip"


@pytest.mark.parametrize("force", [False, True])
async def test_a_run_that_temporal_has_lost_is_closed_here(engine: AsyncEngine, force: bool) -> None:
    await stand(engine, timedelta(hours=2))
    runs = FakeRuns(known=force)
    if not force:
        assert await operate(engine, runs, shop.CART_RUN, "retry", KIM) == "gone"
    assert await operate(engine, runs, shop.CART_RUN, "end", KIM, force=force) == "ended"
    assert await troubled(engine) == []
    path = await load_path(engine, shop.CART_RUN)
    assert path is not None
    assert (path.run.status, path.run.reason, path.lines[-1].what) == ("finished", "operator", "ended")
    assert path.lines[-1].note == {"by": "Kim"}
    assert await operate(engine, runs, shop.CART_RUN, "end", KIM) == "finished"


async def test_a_run_whose_first_message_fails_is_asked_though_it_is_starting(
    engine: AsyncEngine,
) -> None:
    await stand(engine, None, "starting", "remind:Temporary")
    runs = FakeRuns()
    assert await operate(engine, runs, shop.CART_RUN, "retry", KIM) == "asked"
    assert [act for act, _ in runs.asked] == ["retry"]


async def test_a_run_that_never_started_is_offered_its_entry_again(engine: AsyncEngine) -> None:
    await stand(engine, timedelta(hours=2), "starting")
    entry = text("select entry_message_id from runs where id = :id")
    async with engine.begin() as db:
        message = (await db.execute(text("select message_id from events limit 1"))).scalar_one()
        await db.execute(text("update events set routed_at = occurred_at"))
        await db.execute(
            text("update runs set entry_message_id = :m where id = :id"), {"m": message, "id": shop.CART_RUN}
        )
        assert (await db.execute(entry, {"id": shop.CART_RUN})).scalar_one() == message
    runs = FakeRuns(known=False)
    assert await operate(engine, runs, shop.CART_RUN, "retry", KIM) == "asked"
    async with engine.connect() as db:
        waiting = await db.execute(text("select message_id from events where routed_at is null"))
        assert list(waiting.scalars()) == [message]


@pytest.mark.parametrize(
    ("language", "trouble", "acts", "asked"),
    [
        ("ko", "발송사가 메시지를 받지 않음", ("다시 시도", "이 메시지 건너뛰기", "실행 끝내기"), "다시 시도합니다"),
        (
            "en",
            "The provider does not accept the message",
            ("Try again", "Skip this message", "End"),
            "the run is retried",
        ),
    ],
)
async def test_the_pages_show_it_and_take_the_word(
    engine: AsyncEngine,
    app: FastAPI,
    browser: AsyncClient,
    language: str,
    trouble: str,
    acts: tuple[str, ...],
    asked: str,
) -> None:
    await stand(engine, None, problem="remind:Temporary")
    runs = app.state.runs_connection = FakeRuns()
    browser.headers["accept-language"] = language
    for path in ("/runs?status=problem", f"/customers/{shop.JIWOO}", f"/customers/{shop.JIWOO}/journeys"):
        page = await browser.get(path)
        assert trouble in page.text, path
        assert all(act in page.text for act in acts)
    form = {"csrf": csrf_of(page), "act": "retry", "next": "/runs?status=problem"}
    done = await browser.post(f"/runs/{shop.CART_RUN}/act", data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/runs?status=problem&done=run_retry")
    assert runs.asked == [("retry", runs.asked[0][1])]
    assert asked in (await browser.get(done.headers["location"])).text
    elsewhere = await browser.post(f"/runs/{shop.CART_RUN}/act", data={**form, "next": "https://evil.example/"})
    assert elsewhere.headers["location"].startswith("/")
    assert (await browser.post(f"/runs/{shop.CART_RUN}/act", data={**form, "act": "drop"})).status_code == 404


async def test_the_api_answers_with_what_is_so(engine: AsyncEngine, app: FastAPI, browser: AsyncClient) -> None:
    await stand(engine, None, problem="remind:Temporary")
    away = await browser.post(f"/api/runs/{shop.CART_RUN}/retry", headers=OPERATOR)
    assert (away.status_code, away.json()["code"]) == (503, "temporal_away")
    app.state.runs_connection = FakeRuns(known=False)
    gone = await browser.post(f"/api/runs/{shop.CART_RUN}/skip", headers=OPERATOR)
    assert (gone.status_code, gone.json()["code"]) == (409, "run_gone")
    ended = await browser.post(f"/api/runs/{shop.CART_RUN}/end", headers=OPERATOR, json={"force": True})
    assert (ended.status_code, ended.json()) == (200, {"answer": "ended"})
    over = await browser.post(f"/api/runs/{shop.CART_RUN}/end", headers=OPERATOR)
    assert (over.status_code, over.json()["code"]) == (409, "run_finished")
    unknown = await browser.post(f"/api/runs/{UUID(int=1)}/retry", headers=OPERATOR)
    assert unknown.json()["code"] == "unknown_run"


def test_the_command_line_lists_and_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, database_url: str, engine: AsyncEngine
) -> None:
    monkeypatch.setenv("SOJOURN_DATABASE_URL", database_url)
    monkeypatch.setenv("SOJOURN_TEMPORAL_ADDRESS", "127.0.0.1:1")
    run = CliRunner().invoke
    assert "No run is in trouble." in run(command, ["list", "--journey", "nobody"]).output
    listed = run(command, ["list", "--all"])
    assert str(shop.RUN) in listed.output
    refused = run(command, ["retry", str(UUID(int=1))])
    assert refused.exit_code == 2
    assert "there is no run with this id" in refused.output
    away = run(command, ["end", str(shop.RUN)])
    assert (away.exit_code, "Temporal cannot be reached" in away.output) == (2, True)
