"""The bar and the search in a real browser: by mouse, by keyboard, on a phone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from api.app import create_app
from orchestrator.settings import Settings
from tests.chromium import FLAGS, MISSING, find_browser
from tests.legible import serious
from tests.serving import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("filled"),
    pytest.mark.skipif(find_browser() is None, reason=MISSING),
]
SEEN = """() => {
  const link = document.querySelector(".side [aria-current]");
  const { left, top, width, bottom } = link.getBoundingClientRect();
  return [top + 4, bottom - 4].map((y) => link.contains(document.elementFromPoint(left + width / 2, y)));
}"""
"""Whether the upper and the lower end of what is lit lie under nothing else."""
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
async def address(console_settings: Settings) -> AsyncIterator[str]:
    async with served(create_app(console_settings)) as address:
        yield address


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        yield browser
        await browser.close()


async def opened(chromium: Browser, address: str, viewport: Any = WIDE, path: str = "/customers") -> Page:
    context = await chromium.new_context(base_url=address, locale="en-GB", viewport=viewport, bypass_csp=True)
    page = await context.new_page()
    await page.goto(path)
    return page


async def width(page: Page, selector: str) -> float:
    """Of the first that is so selected, in pixels."""
    box = await page.locator(selector).first.bounding_box()
    assert box is not None
    return box["width"]


async def test_the_bar_narrows_and_remembers(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    toggle = page.locator("#side-toggle")
    await expect(toggle).to_have_attribute("aria-expanded", "true")
    await toggle.press("Enter")
    await expect(toggle).to_have_attribute("aria-expanded", "false")
    await expect(page.get_by_role("link", name="Customers", exact=True)).to_have_attribute("title", "Customers")
    await page.goto("/runs")
    assert await width(page, "#side") == 52
    assert await serious(page) == []


async def test_a_group_folds_and_stays_folded(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    await page.get_by_role("button", name="Results").click()
    await expect(page.get_by_role("link", name="Surveys")).to_be_hidden()
    await page.goto("/runs")
    await expect(page.get_by_role("link", name="Surveys")).to_be_hidden()
    await page.goto("/surveys")
    await expect(page.get_by_role("link", name="Surveys", exact=True)).to_be_visible()


@pytest.mark.parametrize("path", ["/policies", "/channels", "/complaints"])
async def test_the_page_that_is_open_is_in_sight_in_a_low_window(chromium: Browser, address: str, path: str) -> None:
    page = await opened(chromium, address, viewport={"width": 1280, "height": 720}, path=path)
    await expect(page.locator(f'.side a[href="{path}"][aria-current]')).to_be_visible()
    seen = await page.evaluate(SEEN)
    assert seen == [True, True]


async def test_ctrl_k_finds_and_leads_there(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    await page.keyboard.press("Control+k")
    field = page.get_by_role("combobox")
    await expect(field).to_be_focused()
    await field.fill("recov")
    first = page.get_by_role("listbox").get_by_role("option").first
    await expect(first).to_contain_text("Cart recovery")
    await expect(first).to_have_attribute("aria-selected", "true")
    assert await serious(page) == []
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/journeys/cart-recovery")


async def test_the_search_is_walked_by_keys_and_closed_by_escape(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address)
    button = page.locator(".nav-search")
    await button.press("Enter")
    await expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    for _ in range(2):
        await page.keyboard.press("ArrowDown")
    chosen = page.locator('[role="option"][aria-selected="true"]')
    assert await page.get_by_role("combobox").get_attribute("aria-activedescendant") == await chosen.get_attribute("id")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("combobox")).to_be_hidden()
    await expect(button).to_be_focused()


async def test_on_a_phone_the_bar_is_a_drawer(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address, PHONE)
    await expect(page.locator("#side")).to_be_hidden()
    opener = page.get_by_role("button", name="Open the menu")
    await opener.press("Enter")
    await expect(page.locator("#side [aria-current]")).to_be_focused()
    assert await page.evaluate("document.getElementById('main').inert")
    assert await serious(page) == []
    await page.keyboard.press("Escape")
    await expect(page.locator("#side")).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_the_list_of_journeys_is_cards_on_a_phone(chromium: Browser, address: str) -> None:
    page = await opened(chromium, address, PHONE, "/journeys")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    row = page.locator("tbody tr").first
    assert await width(page, "tbody tr") <= PHONE["width"]
    await row.locator("summary").click()
    box = await row.locator(".menu-panel").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert box["y"] + box["height"] <= PHONE["height"]
