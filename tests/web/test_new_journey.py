"""The gallery page: every template as a card, in both languages; a click makes a draft under a key of its own."""

import re

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text

from api.console.journeys.thumbnail import thumbnail
from orchestrator.journey_gallery import templates
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="(\w+)"', page)
    assert found is not None
    return found[1]


async def drafts(settings: Settings) -> dict[str, dict[str, str]]:
    engine = create_engine(settings.database_url)
    async with engine.connect() as db:
        found = {row.key: row.name for row in await db.execute(text("select key, name from journeys"))}
    await engine.dispose()
    return found


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_every_template_is_a_card_with_its_picture(browser: AsyncClient, language: str) -> None:
    answer = await browser.get("/journeys/new", headers={"accept-language": language})
    assert answer.status_code == 200
    for one in templates():
        assert one.name.to(language) in answer.text
        assert one.description.to(language).replace("'", "&#39;") in answer.text
    assert answer.text.count('class="stamp"') == len(templates())
    assert answer.text.index("tile blank") < answer.text.index(templates()[0].name.to(language))


async def test_a_template_becomes_a_draft_and_its_canvas_opens(
    browser: AsyncClient, console_settings: Settings
) -> None:
    csrf = csrf_of((await browser.get("/journeys/new")).text)
    for expected in ("welcome", "welcome-2"):
        answer = await browser.post("/journeys/new", data={"csrf": csrf, "template": "welcome", "name": ""})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/journeys/{expected}")
    assert (await drafts(console_settings))["welcome"] == {"ko": "가입 환영", "en": "Welcome"}


async def test_a_blank_journey_has_the_name_that_was_given(browser: AsyncClient, console_settings: Settings) -> None:
    csrf = csrf_of((await browser.get("/journeys/new")).text)
    answer = await browser.post("/journeys/new", data={"csrf": csrf, "template": "", "name": "Spring sale"})
    assert answer.headers["location"] == "/journeys/spring-sale#begin"
    answer = await browser.post("/journeys/new", data={"csrf": csrf, "template": "vip", "name": "단골 관리"})
    assert answer.headers["location"] == "/journeys/vip"
    found = await drafts(console_settings)
    assert found["spring-sale"] == {"ko": "Spring sale", "en": "Spring sale"}
    assert found["vip"] == {"ko": "단골 관리", "en": "단골 관리"}


async def test_nothing_is_made_without_proof_or_of_a_template_that_is_none(
    browser: AsyncClient, console_settings: Settings
) -> None:
    answer = await browser.post("/journeys/new", data={"template": "welcome"})
    assert answer.status_code == 403
    csrf = csrf_of((await browser.get("/journeys/new")).text)
    answer = await browser.post("/journeys/new", data={"csrf": csrf, "template": "<script>"})
    assert answer.status_code == 400
    assert "선택한 템플릿이 없습니다" in answer.text
    assert await drafts(console_settings) == {}


def test_a_thumbnail_shows_every_step_within_its_frame() -> None:
    for one in templates():
        picture = thumbnail(one.plan.journey)
        assert len(picture.shapes) == one.steps + 1
        for shape in picture.shapes:
            assert 0 < shape.x < picture.width
            assert picture.top < shape.y < picture.top + picture.height
        places = {(shape.x, shape.y) for shape in picture.shapes}
        assert len(places) == len(picture.shapes)


async def test_list_and_first_page_lead_here(browser: AsyncClient) -> None:
    for path in ("/", "/journeys"):
        assert 'href="/journeys/new"' in (await browser.get(path)).text
