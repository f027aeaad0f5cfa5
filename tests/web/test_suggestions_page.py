"""Suggestions in the console: in words, with what to try; drawn, put aside and brought back from the page."""

from collections.abc import AsyncIterator

import pytest
from httpx2 import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from tests.api.suggestions.test_suggestions import send
from tests.web import shop
from tests.web.people import csrf_of


@pytest.fixture
async def engine(console_settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(console_settings.database_url)
    await shop.fill(engine)
    yield engine
    await engine.dispose()


async def press(browser: AsyncClient, act: str) -> str:
    answer = await browser.post(
        f"/suggestions/lifecycle/nudge/email/opened/{act}", data={"csrf": await csrf_of(browser)}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def test_without_figures_it_says_what_it_takes(browser: AsyncClient, engine: AsyncEngine) -> None:
    assert "제안할 내용이 없습니다" in (await browser.get("/suggestions")).text


async def test_one_is_told_in_words_drawn_put_aside_and_brought_back(browser: AsyncClient, engine: AsyncEngine) -> None:
    for journey, step, opened in (
        ("lifecycle", "nudge", 100),
        ("lifecycle", "related", 250),
        ("cart-recovery", "last-reminder", 240),
    ):
        await send(engine, journey, step, 1_200, 1_000, opened)
    korean = (await browser.get("/suggestions")).text
    assert "도달한 고객의 10.0%가 열어 보았습니다. 같은 종류의 다른 메시지는 24.5%가 열어 봅니다." in korean
    english = (await browser.get("/suggestions", headers={"accept-language": "en"})).text
    assert "100 of 1,000 customers" in english
    assert "2 others: " in english
    assert await press(browser, "dismiss") == "/suggestions?done=suggestion_dismissed"
    assert "1 put aside" in (await browser.get("/suggestions", headers={"accept-language": "en"})).text
    assert await press(browser, "restore") == "/suggestions?done=suggestion_restored"
    assert await press(browser, "draw") == "/journeys/lifecycle"
    drawn = (await browser.get("/suggestions", headers={"accept-language": "en"})).text
    assert "In the draft, not published" in drawn
    assert await press(browser, "draw") == "/suggestions?wrong=changed"
    assert (
        "changed meanwhile" in (await browser.get("/suggestions?wrong=changed", headers={"accept-language": "en"})).text
    )
