"""The whole way, on real processes: a journey is drawn from nothing, published, and watched while customers go through.

The clock is accelerated, as in a demo, so that "one hour" is some seconds.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, async_playwright, expect

from tests.browser.canvas import Canvas
from tests.chromium import FLAGS, MISSING, find_browser
from tests.live.conftest import installed
from tests.live.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
DAY = 360.0
"""Real seconds: an hour takes fifteen."""
SHOWN = 40_000
"""Milliseconds for something to go through all processes and to be seen, on a machine that is busy."""


@pytest.fixture
async def shop(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Installation]:
    async with installed(tmp_path / "data", database_url, redis_url, day_seconds=DAY) as running:
        yield running


@pytest.fixture
async def canvas(shop: Installation) -> AsyncIterator[Canvas]:
    program = find_browser()
    if program is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        address = f"http://localhost:{shop.settings.port}"
        window = await browser.new_context(base_url=address, locale="en-GB", viewport={"width": 1440, "height": 900})
        yield Canvas(await window.new_page(), "cart-reminder")
        await browser.close()


async def test_cart_recovery_is_drawn_published_and_watched(shop: Installation, canvas: Canvas) -> None:
    await shop.track("before", "Product Added", "seen-1", cart_id="c0")  # so that the workspace has seen the names
    await shop.track("before", "Order Completed", "seen-2", cart_id="c0")
    await _draw(canvas)
    await _publish(canvas)
    await expect(canvas.page.locator(".badge.live")).to_be_visible()

    await canvas.page.get_by_role("button", name="Live", exact=True).click()
    known = await shop.call("identify", {"userId": "leaver", "traits": {"email": "leaver@example.com"}})
    assert known.status_code == 200
    await shop.track("buyer", "Product Added", "m1", cart_id="c1")
    await shop.track("leaver", "Product Added", "m2", cart_id="c2")
    await expect(_here(canvas, "wait-for-event")).to_have_text("2", timeout=SHOWN)

    await shop.track("buyer", "Order Completed", "m3", cart_id="c1")
    await shop.track("leaver", "Order Completed", "m4", cart_id="quite another")
    await expect(_here(canvas, "wait-for-event")).to_have_text("1", timeout=SHOWN)
    await expect(_count(canvas, "exit-2", "Entered")).to_have_text("1", timeout=SHOWN)

    await expect(_count(canvas, "message", "Sent")).to_have_text("1", timeout=SHOWN)
    await expect(_here(canvas, "wait-for-event")).to_have_text("0", timeout=SHOWN)
    letters = await shop.rows("select external_id from outbox join customers on customers.id = customer_id")
    assert [letter["external_id"] for letter in letters] == ["leaver"]
    assert canvas.complaints == []


async def _draw(canvas: Canvas) -> None:
    """Entry, a wait for the order of the same cart, a reminder, an end: by what the screen offers."""
    page = canvas.page
    await page.goto("/")
    await page.get_by_role("link", name="New journey").first.click()
    await page.get_by_label("Name", exact=True).fill("Cart reminder")
    await page.get_by_role("button", name="Start from scratch").click()
    await canvas.node("entry").wait_for()
    assert page.url.endswith("/journeys/cart-reminder")

    panel = page.locator(".side-panel")
    await canvas.node("entry").click()
    await _choose(panel.get_by_role("combobox", name="Event", exact=True), "Product Added")

    await page.get_by_role("button", name="Add the first step").click()
    await canvas.pick("wait_for_event")
    await canvas.node("wait-for-event").click()
    await _choose(panel.get_by_role("combobox", name="Event", exact=True), "Order Completed")
    await panel.get_by_role("button", name="Add condition").click()
    condition = panel.get_by_role("group", name="Condition 1")
    await _choose(condition.get_by_role("combobox", name="Property"), "cart_id")
    await condition.get_by_label("Value: kind of value").select_option(label="compare with …")
    await _choose(condition.get_by_role("combobox", name="Value", exact=True), "entry.cart_id")
    await panel.get_by_label("For at most", exact=True).fill("1")
    await panel.get_by_label("For at most unit").select_option(label="hours")

    await canvas.plus_after("wait-for-event", "timeout").click()
    await canvas.pick("message")
    await canvas.node("message").click()
    await panel.get_by_role("button", name="Informational").or_(panel.get_by_label("Informational")).first.click()
    await canvas.plus_after("message", "next").click()
    await canvas.pick("exit")
    await canvas.plus_after("wait-for-event", "happened").click()
    await canvas.pick("exit")
    await canvas.saved()


async def _publish(canvas: Canvas) -> None:
    page = canvas.page
    await page.get_by_role("button", name="Publish", exact=True).click()
    # Its message still says what a new one begins with, and the checks say so.
    await page.get_by_label("Publish although these checks advise against it").check()
    hold = page.get_by_role("button", name="Hold to publish")
    await hold.scroll_into_view_if_needed()
    await page.mouse.move(*await canvas.middle_of(hold))
    await page.mouse.down()
    await page.get_by_text("Version 1 is live").wait_for()
    await page.mouse.up()


async def _choose(field: Locator, value: str) -> None:
    await field.fill(value)
    await field.press("Escape")
    await expect(field).to_have_value(value)


def _here(canvas: Canvas, step: str) -> Locator:
    return _count(canvas, step, "Here")


def _count(canvas: Canvas, step: str, what: str) -> Locator:
    return canvas.node(step).locator(".l-count", has_text=what).locator("b")
