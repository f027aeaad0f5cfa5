"""A journey from nothing to its report without a mouse: drawn, published, watched."""

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Page, expect

from tests.browser.canvas import Canvas
from tests.browser.conftest import Open
from tests.browser.journeys import new_journey
from tests.waiting import until

pytestmark = pytest.mark.browser
NEAR = 15
"""Presses of Tab within which what one has gone to must be reached."""
FOCUSED = "(selector) => document.activeElement.matches(selector)"


async def tab_to(page: Page, selector: str) -> None:
    """On by Tab until what is so selected has the focus."""
    await page.locator(selector).first.wait_for()
    for _ in range(NEAR):
        if await page.evaluate(FOCUSED, selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


async def command(canvas: Canvas, words: str) -> None:
    await canvas.press("Control+k")
    await canvas.page.locator("dialog input:focus").wait_for()
    await canvas.page.keyboard.type(words)
    await canvas.press("Enter")
    await expect(canvas.page.locator("dialog")).to_have_count(0)


async def add(canvas: Canvas, kind: str, words: str) -> None:
    await canvas.press("a")
    await canvas.page.locator(".picker input:focus").wait_for()
    await canvas.page.keyboard.type(words)
    await canvas.press("Enter")
    await expect(canvas.node(kind)).to_be_visible()


async def test_a_journey_is_drawn_published_and_watched_by_keyboard(http: AsyncClient, open_canvas: Open) -> None:
    key = await new_journey(http, "By keys")
    canvas = await open_canvas(key)
    page = canvas.page
    await canvas.node("entry").focus()
    await add(canvas, "delay", "delay")
    await add(canvas, "exit", "exit")
    await command(canvas, "journey settings")
    await tab_to(page, ".side-panel [role=combobox]")
    await page.keyboard.type("Signed Up")
    await canvas.press("Enter")
    await until(lambda: _enters(http, key), "the event that enters is kept")
    await command(canvas, "publish")
    await tab_to(page, ".side-panel .hold:not([disabled])")
    await page.keyboard.down("Enter")
    await page.locator(".journey-status.live, .toolbar .badge.live").wait_for()
    await page.keyboard.up("Enter")
    assert (await http.get(f"/api/journeys/{key}")).json()["version"] == 1
    await command(canvas, "performance")
    report = page.locator("[data-panel=results]")
    await tab_to(page, "[data-panel=results] .p-tabs button")
    await canvas.press("Enter")
    await report.locator("[aria-pressed=true]").first.wait_for()
    await expect(report).to_contain_text("No message")
    assert canvas.complaints == []


async def _enters(http: AsyncClient, key: str) -> bool:
    draft = (await http.get(f"/api/journeys/{key}")).json()["draft"]
    return any(one.get("event") == "Signed Up" for one in draft["entry"]["triggers"])
