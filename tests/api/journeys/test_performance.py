"""Performance over HTTP: each part with its whole, and a reason where there is nothing to say."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid5

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.journeys import performance
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.journeys.performance import load_performance
from orchestrator.store.tables.sending import SendRecord
from tests.web import shop

ADDRESS = "/api/journeys/cart-recovery/performance"
DAY = timedelta(days=1)


@pytest.fixture
async def engine(api_settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The database with a shop in it."""
    engine = create_engine(api_settings.database_url)
    await shop.fill(engine)
    yield engine
    await engine.dispose()


async def send(engine: AsyncEngine, name: str, **about: Any) -> None:
    """One message of the cart recovery went out, an hour ago unless it says otherwise."""
    given: dict[str, Any] = {
        "step": "reminder",
        "channel": "email",
        "journey_key": "cart-recovery",
        "sent_at": shop.NOW - shop.HOUR,
        "run_id": shop.CART_RUN,
        "customer_id": uuid5(shop.SPACE, name),
        **about,
    }
    async with session_factory(engine)() as session, session.begin():
        session.add(
            SendRecord(
                id=uuid5(shop.SPACE, f"send {name}"),
                occurrence=1,
                message_class="advertising",
                status="sent",
                created_at=given["sent_at"],
                **given,
            )
        )


async def ask(admin: AsyncClient, **given: str) -> dict[str, Any]:
    answer = await admin.get(ADDRESS, params=given)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_each_part_comes_with_its_whole_in_people(admin: AsyncClient, engine: AsyncEngine) -> None:
    await send(engine, "a", opened_at=shop.NOW, clicked_at=shop.NOW, sent_at=shop.NOW - 2 * shop.HOUR)
    await send(engine, "b", run_id=shop.RUN)
    found = await ask(admin)
    figures = found["steps"]["reminder"]["total"]
    assert figures["sent"] == {"people": 2, "times": 2}
    assert figures["opened"] == {"people": 1, "times": 1, "of": 2, "of_what": "reached", "missing": None}
    assert figures["converted"] == {"people": 1, "times": 1, "of": 2, "of_what": "sent", "missing": None}
    assert figures["delivered"]["missing"] == "not_reported"
    assert found["steps"]["reminder"]["channels"]["email"] == figures


async def test_a_channel_says_what_cannot_be_known_on_it(admin: AsyncClient, engine: AsyncEngine) -> None:
    await send(engine, "a", channel="sms", delivery="delivered")
    await send(engine, "b", channel="alimtalk", step="told")
    steps = (await ask(admin))["steps"]
    text_message, alimtalk = steps["reminder"]["total"], steps["told"]["total"]
    assert text_message["delivered"] == {"people": 1, "times": 1, "of": 1, "of_what": "sent", "missing": None}
    assert text_message["opened"]["missing"] == "not_on_channel"
    assert (text_message["clicked"]["of"], text_message["clicked"]["missing"]) == (1, None)
    assert alimtalk["clicked"]["missing"] == "not_on_channel"


async def test_of_two_channels_each_is_a_part_of_its_own_whole(admin: AsyncClient, engine: AsyncEngine) -> None:
    await send(engine, "a", channel="sms")
    await send(engine, "b", channel="email", opened_at=shop.NOW)
    total = (await ask(admin))["steps"]["reminder"]["total"]
    assert (total["sent"]["people"], total["opened"]["people"], total["opened"]["of"]) == (2, 1, 1)


async def test_counting_that_is_switched_off_says_so(admin: AsyncClient, engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(
            text("""update workspace set settings = settings || '{"links": {"opens": false, "clicks": false}}'""")
        )
    await send(engine, "a")
    figures = (await ask(admin))["steps"]["reminder"]["total"]
    assert figures["opened"]["missing"] == figures["clicked"]["missing"] == "switched_off"


async def test_without_a_goal_nothing_is_converted_and_nobody_is_said_to_be_none(
    admin: AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(engine, "a", run_id=shop.RUN)
    assert (await ask(admin))["steps"]["reminder"]["total"]["converted"]["missing"] is None
    monkeypatch.setattr(performance, "FRESH", 0)
    monkeypatch.setattr(performance, "SHARE", 0)
    plan = {"goals": False}
    made = performance._question

    def without(*given: Any) -> Any:
        question = made(*given)
        return type(question)(**{**vars(question), **plan})

    monkeypatch.setattr(performance, "_question", without)
    assert (await ask(admin))["steps"]["reminder"]["total"]["converted"]["missing"] == "no_goal"


async def test_whom_nothing_reached_is_no_whole(admin: AsyncClient, engine: AsyncEngine) -> None:
    await send(engine, "a", channel="sms", delivery="unreachable")
    await send(engine, "b", channel="sms", delivery="delivered", sent_at=shop.NOW - 20 * DAY)
    figures = (await ask(admin, period="30d"))["steps"]["reminder"]["total"]
    assert (figures["clicked"]["of"], figures["unsubscribed"]["of"]) == (1, 1)
    assert (figures["delivered"]["people"], figures["delivered"]["of"]) == (1, 2)


async def test_seven_days_begin_at_a_midnight_of_the_workspace(admin: AsyncClient, engine: AsyncEngine) -> None:
    found = await ask(admin)
    since = datetime.fromisoformat(found["since"])
    # 3 December in Seoul, so from 27 November there.
    assert (found["time_zone"], since) == ("Asia/Seoul", datetime(2026, 11, 26, 15, tzinfo=UTC))
    await send(engine, "before", sent_at=since - timedelta(seconds=1))
    await send(engine, "at", sent_at=since)
    assert (await ask(admin, period="30d"))["steps"]["reminder"]["total"]["sent"]["people"] == 2
    assert (await ask(admin, period="all"))["since"] is None


async def test_many_who_ask_are_told_of_one_count(
    admin: AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, count = 0, load_performance

    async def counting(*given: Any, **more: Any) -> Any:
        nonlocal counted
        counted += 1
        return await count(*given, **more)

    monkeypatch.setattr("api.journeys.performance.load_performance", counting)
    for _ in range(4):
        await ask(admin)
    assert counted == 1
    await ask(admin, period="all")
    assert counted == 2


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        (ADDRESS.replace("cart-recovery", "no-such"), 404, "unknown_journey"),
        (f"{ADDRESS}?period=8d", 400, "invalid_parameter"),
    ],
)
async def test_a_wrong_question_is_refused(
    admin: AsyncClient, engine: AsyncEngine, address: str, status: int, code: str
) -> None:
    answer = await admin.get(address)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_draft_that_was_never_published_has_nothing(admin: AsyncClient, engine: AsyncEngine) -> None:
    found = (await admin.get(ADDRESS.replace("cart-recovery", "broken"))).json()
    assert (found["steps"], found["arms"], found["goals"]) == ({}, {}, False)


async def test_steps_and_arms_that_nobody_came_to_say_so(admin: AsyncClient, engine: AsyncEngine) -> None:
    found = (await admin.get(ADDRESS.replace("cart-recovery", "lifecycle"))).json()
    figures = found["steps"]["welcome"]["total"]
    assert figures["sent"] == {"people": 0, "times": 0}
    assert {one["missing"] for one in figures.values() if "missing" in one} == {"nothing_sent"}
    [arms] = found["arms"].values()
    assert len(arms) >= 2
    assert all(arm["entered"]["people"] == 0 for arm in arms.values())
