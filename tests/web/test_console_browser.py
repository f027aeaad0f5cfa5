"""The console in a real browser: it reads well, keeps up to date without a jump, and fits narrow windows."""

from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from httpx2 import AsyncClient
from playwright.async_api import Browser, Page, async_playwright, expect

from api.app import create_app
from orchestrator.settings import DEV_WRITE_KEY, Settings
from orchestrator.store.database import plain_dsn
from tests.chromium import FLAGS, MISSING, find_browser
from tests.legible import faint
from tests.serving import served
from tests.waiting import let_pass
from tests.web.shop import HOSTILE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("filled"),
    pytest.mark.skipif(find_browser() is None, reason=MISSING),
]


@pytest.fixture
async def address(console_settings: Settings) -> AsyncIterator[str]:
    """The console, served as `sojourn api` serves it."""
    async with served(create_app(console_settings)) as address:
        yield address


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        yield browser
        await browser.close()


async def opened(chromium: Browser, address: str, **context: Any) -> tuple[Page, list[str]]:
    """A page, and the list that its complaints go to."""
    page = await (await chromium.new_context(**{"base_url": address, "locale": "ko-KR", **context})).new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


@pytest.mark.parametrize("locale", ["ko-KR", "en-GB"])
@pytest.mark.parametrize("width", [1280, 1440])
async def test_the_words_of_the_header_stay_on_one_line(
    chromium: Browser, address: str, width: int, locale: str
) -> None:
    page, _ = await opened(chromium, address, viewport={"width": width, "height": 800}, locale=locale)
    await page.goto("/customers")
    lines = "all => all.map(one => [one.innerText, Math.round(one.getBoundingClientRect().height)])"
    words = await page.locator(".side .brand, .nav a, .clock strong, .clock .what").evaluate_all(lines)
    assert len(words) > 8
    assert [text for text, height in words if height > 36] == []


async def test_hangul_is_set_in_the_font_that_comes_along(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address)
    fonts: list[str] = []
    page.on("requestfinished", lambda request: fonts.append(request.url) if ".woff2" in request.url else None)
    await page.goto("/customers")
    await page.evaluate("document.fonts.ready")
    assert await page.evaluate("""document.fonts.check('13px "Pretendard Variable"', '고객')""")
    assert 0 < len(fonts) < 30, "only the slices that the page needs"


async def test_counts_change_by_themselves(chromium: Browser, address: str, console_settings: Settings) -> None:
    page, _ = await opened(chromium, address)
    await page.goto("/journeys/lifecycle/figures")
    here = page.locator('[data-live="here-first-order-soon"] b')
    await expect(here).to_have_text("1")
    with psycopg.connect(plain_dsn(console_settings.database_url)) as connection:
        connection.execute("update runs set step = 'nudge' where journey_key = 'lifecycle'")
    await expect(page.locator('[data-live="here-nudge"] b')).to_have_text("1", timeout=20_000)
    await expect(here).to_have_text("0")


async def test_the_clock_ticks_and_the_language_can_be_changed(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address)
    await page.goto("/runs")
    before = await page.locator("[data-clock]").inner_text()
    await expect(page.locator("[data-clock]")).not_to_have_text(before)
    await page.locator("summary", has_text="내 계정과 설정").click()
    await page.get_by_role("button", name="English").click()
    await page.get_by_role("heading", name="Runs").wait_for()
    assert page.url.endswith("/runs")


async def test_light_and_dark_change_at_once_and_stay(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address, color_scheme="light")
    await page.goto("/runs")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground)
    await page.locator("summary", has_text="내 계정과 설정").click()
    async with page.expect_response("**/theme"):
        await page.get_by_role("button", name="어둡게").click()
    assert await page.evaluate(ground) != light
    await page.goto("/customers")
    assert await page.evaluate(ground) != light
    assert await page.locator("html").get_attribute("data-theme") == "dark"


async def test_the_menu_works_by_keyboard(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address)
    await page.goto("/runs")
    menu = page.locator("summary", has_text="내 계정과 설정")
    await menu.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="API 문서")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("link", name="API 문서")).to_be_hidden()
    await expect(menu).to_be_focused()


async def test_searching_shows_what_is_found_while_one_types(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address)
    await page.goto("/customers")
    await page.evaluate("window.sameDocument = true")
    field = page.get_by_placeholder("이름, ID, 이메일, 전화번호로 검색")
    await field.press_sequentially("지우", delay=20)
    await expect(page.locator("tr[data-id]")).to_have_count(1)
    await expect(field).to_be_focused()
    assert "q=%EC%A7%80%EC%9A%B0" in page.url
    await field.fill("nobody at all")
    await expect(page.get_by_text("찾은 결과가 없습니다")).to_be_visible()
    assert await page.evaluate("window.sameDocument"), "the page was not loaded anew"


async def test_events_appear_as_they_come_in_unless_one_pauses(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address)
    await page.goto("/events")
    await expect(page.locator(".live-state")).to_have_attribute("data-state", "live")
    rows = page.locator("details.event")
    await expect(rows).to_have_count(3)
    async with AsyncClient(base_url=address, auth=(DEV_WRITE_KEY, ""), timeout=60) as shop:

        async def happened(name: str) -> None:
            call = {"userId": "shop-1", "event": name, "properties": {"sku": "A1", "note": HOSTILE}}
            assert (await shop.post("/v1/track", json=call)).status_code == 200

        await happened("Tea Tasted")
        await expect(rows).to_have_count(4)
        newest = rows.first
        await expect(newest).to_contain_text("Tea Tasted")
        await newest.locator("summary").click(position={"x": 20, "y": 10})
        await expect(newest.get_by_text("메시지 ID")).to_be_visible()
        await happened("Held Back")
        await expect(page.get_by_role("button", name="새 이벤트")).to_be_visible()
        await expect(rows).to_have_count(4)
        await page.get_by_role("button", name="새 이벤트").click()
        await expect(rows).to_have_count(5)
        await page.get_by_role("button", name="멈추기").click()
        await happened("Not Seen")
        await let_pass(1.5, "it would have been shown by now")
        await expect(rows).to_have_count(5)
        await page.get_by_role("button", name="다시 보기").click()
        await expect(rows).to_have_count(6)
        await page.get_by_placeholder("이벤트 이름").fill("tasted")
        await expect(rows).to_have_count(1)
        await happened("Tea Tasted")
        await expect(rows).to_have_count(2)


async def test_a_newcomer_sets_up_signs_out_and_in_again(chromium: Browser, address: str) -> None:
    page, complaints = await opened(chromium, address)
    await page.goto("/settings")
    await page.get_by_role("link", name="첫 계정 만들기").click()
    await page.get_by_label("이름").fill("김미나")
    await page.get_by_label("이메일").fill("mina@example.com")
    await page.get_by_label("새 비밀번호").fill("a teapot is no spoon")
    await page.get_by_role("button", name="계정 만들기").click()
    await page.locator("summary", has_text="내 계정과 설정").click()
    await expect(page.get_by_text("mina@example.com")).to_be_visible()
    await page.get_by_role("button", name="로그아웃").click()
    await page.get_by_label("이메일").fill("mina@example.com")
    await page.get_by_label("비밀번호").fill("a teapot is no spoon")
    await page.get_by_role("button", name="로그인").click()
    await page.goto("/settings/people")
    await page.get_by_label("이름", exact=True).fill("유나")
    await page.get_by_label("이메일").fill("yuna@example.com")
    await page.get_by_role("button", name="초대").click()
    link = await page.get_by_label("링크").input_value()
    assert "/welcome/" in link
    role = page.get_by_label("유나님의 역할")
    page.once("dialog", lambda asked: asked.dismiss())
    await role.select_option("admin")
    await expect(role).to_have_value("marketer")
    page.once("dialog", lambda asked: asked.accept())
    await role.select_option("viewer")
    await expect(page.get_by_text("역할을 바꿨습니다")).to_be_visible()
    await expect(role).to_have_value("viewer")
    assert await faint(page) == []
    assert complaints == []


async def test_a_steps_edges_light_up(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address)
    await page.goto("/journeys/lifecycle/figures")
    await page.locator("#step-nudge h4").hover()
    assert await page.locator(".line.lit").count() == 2
