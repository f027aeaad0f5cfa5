"""The survey's page and the pages about surveys, in a real browser: legible, reachable, also without a script."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from api.app import create_app
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from tests.chromium import FLAGS, find_browser
from tests.examples import some
from tests.legible import fits, serious
from tests.serving import served
from tests.survey_shop import Asked

CONSOLE = (
    "/surveys",
    "/surveys?show=archived",
    "/surveys/new",
    "/surveys/new?kind=csat",
    "/surveys/new?kind=multiple",
    "/surveys/my-nps",
    "/surveys/my-nps/edit",
    "/surveys/satisfaction",
    "/complaints",
    "/complaints?show=resolved",
)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason="no browser")]


class Environment:
    """A server, and what it has asked."""

    def __init__(self, address: str, asked: Asked) -> None:
        self.address = address
        self.asked = asked


@pytest.fixture
async def house(database_url: str, redis_url: str) -> AsyncIterator[Environment]:
    settings = Settings(database_url=database_url, redis_url=redis_url, temporal_address="127.0.0.1:1")
    engine = create_engine(database_url)
    asked = await Asked(engine, settings, reward={"ko": "쿠폰을 드립니다.", "en": "A coupon."}).open(customers=12)
    async with served(create_app(settings)) as address:
        yield Environment(address, asked)
    await engine.dispose()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        yield browser
        await browser.close()


async def opened(chromium: Browser, house: Environment, **context: Any) -> tuple[Page, list[str]]:
    """A page, and the list that its complaints go to."""
    given = {"locale": "ko-KR", "viewport": {"width": 390, "height": 844}, **context}
    page = await (await chromium.new_context(base_url=house.address, **given)).new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


async def test_a_customer_answers_by_two_taps_and_says_why(chromium: Browser, house: Environment) -> None:
    page, complaints = await opened(chromium, house)
    await page.goto(house.asked.path())
    await page.get_by_role("radio", name="9", exact=True).click()
    await page.get_by_role("button", name="응답 보내기").click()
    await expect(page.get_by_role("heading", name="감사합니다")).to_be_visible()
    await page.get_by_label("그 점수를 주신 이유를 들려주세요.").fill("포장이 꼼꼼해요")
    await page.get_by_role("button", name="보내기").click()
    await expect(page.get_by_role("textbox")).to_have_count(0)
    await page.goto(house.asked.path())
    await expect(page.get_by_role("heading", name="이미 응답하셨습니다")).to_be_visible()
    assert complaints == []


async def test_an_answer_chosen_in_the_message_is_one_tap_away_and_none_until_then(
    chromium: Browser, house: Environment
) -> None:
    page, _ = await opened(chromium, house)
    await page.goto(house.asked.answer_path("7", 1))
    await expect(page.get_by_role("radio", name="7", exact=True)).to_be_checked()
    other, _ = await opened(chromium, house)
    await other.goto(house.asked.path(1))
    await expect(other.get_by_role("radio", name="7", exact=True)).not_to_be_checked()
    await page.get_by_role("button", name="응답 보내기").click()
    await expect(page.get_by_role("heading", name="감사합니다")).to_be_visible()


async def test_everything_works_without_a_script(chromium: Browser, house: Environment) -> None:
    page, _ = await opened(chromium, house, java_script_enabled=False)
    await page.goto(house.asked.path(2))
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", name="How likely are you")).to_be_visible()
    await page.get_by_role("radio", name="3", exact=True).click()
    await page.get_by_role("button", name="Send my answer").click()
    await page.get_by_label("What went wrong?").fill("Too late")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    await expect(page.get_by_role("textbox")).to_have_count(0)


async def test_the_page_is_used_by_keyboard_alone(chromium: Browser, house: Environment) -> None:
    page, _ = await opened(chromium, house)
    await page.goto(house.asked.path(3))
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("radio", name="1", exact=True)).to_be_checked()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="감사합니다")).to_be_visible()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scheme", some(["light", "dark"], 2))
async def test_axe_finds_nothing_serious_on_the_survey_in_any_state(
    chromium: Browser, house: Environment, scheme: str
) -> None:
    page, _ = await opened(chromium, house, color_scheme=scheme, bypass_csp=True)
    for path in (house.asked.path(4), house.asked.path(4) + "?a=9&lang=en", "/s/nothing"):
        await page.goto(path)
        assert await serious(page) == [], path
        assert await fits(page), path
    await page.goto(house.asked.path(4))
    await page.get_by_role("radio", name="2", exact=True).click()
    await page.get_by_role("button").click()
    await expect(page.get_by_role("textbox")).to_be_visible()
    assert await serious(page) == []


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize("scheme", some(["light", "dark"], 2))
async def test_axe_finds_nothing_serious_on_the_pages_about_surveys(
    chromium: Browser, house: Environment, scheme: str
) -> None:
    page, _ = await opened(chromium, house)
    for n, score in enumerate((10, 9, 9, 7, 3, 0)):
        await page.goto(house.asked.path(n))
        await page.get_by_role("radio", name=str(score), exact=True).click()
        await page.get_by_role("button").click()
        await page.get_by_role("textbox").fill("더 빨리 왔으면 해요")
        await page.get_by_role("button", name="보내기").click()
    wide = {"width": 1280, "height": 800}
    console, _ = await opened(chromium, house, color_scheme=scheme, bypass_csp=True, viewport=wide)
    for path in CONSOLE:
        await console.goto(path)
        assert await serious(console) == [], path
        assert await fits(console), path
        await page.goto(path)
        assert await fits(page), path


async def test_the_customers_page_beside_the_editor_follows_what_one_types(
    chromium: Browser, house: Environment
) -> None:
    page, complaints = await opened(chromium, house, viewport={"width": 1280, "height": 800})
    await page.goto("/surveys/my-nps/edit")
    frame = page.frame_locator("[data-preview-frame]")
    await expect(frame.get_by_role("heading", name="추천하실 마음")).to_be_visible()
    await page.locator('textarea[name="question.ko"]').fill("이번 방문은 어떠셨나요?")
    await expect(frame.get_by_role("heading", name="이번 방문은 어떠셨나요?")).to_be_visible()
    await page.get_by_label("보는 화면").select_option("detractor")
    await expect(frame.get_by_text("담당자가 확인하겠습니다")).to_be_visible()
    assert "이번 방문" not in await page.evaluate("fetch('/surveys').then((answer) => answer.text())")
    assert complaints == []
