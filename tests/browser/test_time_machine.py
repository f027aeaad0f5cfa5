"""The time machine: a test run and a customer's real run, instant by instant; changed, and gone on from there."""

import re

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Page, expect

from tests.browser.conftest import Open, OpenPage
from tests.browser.journeys import new_journey
from tests.browser.test_test_run import asking
from tests.core.recordings.lives import recorded
from tests.core.recordings.stored import store
from tests.core.recordings.test_recorded_scenario import LIVES
from tests.core.scenarios.shop import JOURNEY

pytestmark = pytest.mark.browser


async def stops(page: Page) -> int:
    """How many stops the slider has."""
    return int(await page.locator(".time-track input").get_attribute("max") or 0) + 1


async def test_one_goes_back_to_an_instant_changes_something_and_sees_what_becomes_different(
    http: AsyncClient, open_canvas: Open
) -> None:
    canvas = await open_canvas(await new_journey(http, document=asking()))
    page = canvas.page
    await page.get_by_role("button", name="Test run", exact=True).click()
    panel = page.locator("[data-panel=test]")
    await panel.get_by_role("button", name="Play Signed Up").click()
    slider = page.get_by_role("slider", name="Instant of the run")
    await expect(slider).to_have_attribute("aria-valuetext", re.compile("Left the journey"))
    assert await stops(page) == 5  # the event, and in and out of two steps

    await slider.focus()
    await page.keyboard.press("Home")
    await expect(slider).to_have_attribute("aria-valuetext", re.compile("Signed Up"))
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".step.m-here")).to_have_attribute("data-step", "branch")
    await expect(panel.get_by_role("region", name="State at this instant")).to_contain_text("Customer")

    await page.get_by_role("button", name="Go on from here").click()
    await expect(panel.get_by_role("region", name="Differences")).to_contain_text("Nothing is different")
    await panel.locator("summary", has_text="Customer").first.click()
    await panel.get_by_role("button", name="Attribute", exact=True).click()
    await panel.get_by_label("Name", exact=True).last.fill("tier")
    await panel.get_by_label("Value of tier").fill("VIP")
    await expect(page.locator(".step.m-here")).to_have_attribute("data-step", "delay")
    await expect(panel.get_by_role("region", name="Differences")).to_contain_text("New:")
    assert await page.locator(".time-marks .fresh").count() >= 1


async def test_a_real_run_is_looked_at_and_tried_with_the_draft(
    http: AsyncClient, open_page: OpenPage, database_url: str
) -> None:
    await new_journey(http, "Shop", document=JOURNEY)
    run = await store(database_url, recorded(*LIVES["answers the survey"]))
    page = await open_page(f"/journeys/shop#run={run}")
    panel = page.locator("[data-panel=customers]")
    await expect(panel).to_contain_text("Path of 하늘", timeout=20_000)
    slider = page.get_by_role("slider", name="Instant of the run")
    await slider.focus()
    await page.keyboard.press("Home")
    await expect(panel.get_by_role("region", name="State at this instant")).to_contain_text("balance")
    await expect(page.locator(".step.m-here")).to_have_attribute("data-step", "rest")

    await page.keyboard.press("End")
    await page.get_by_role("button", name="Try with the draft").click()
    await expect(page.locator("[data-panel=test]")).to_contain_text("nothing is sent")
    await expect(page.locator(".time-told")).to_contain_text("Left the journey")
    assert "하늘" not in await page.locator("body").inner_text()


async def test_the_journey_is_there_beside_the_panel_that_an_address_opens(
    http: AsyncClient, open_page: OpenPage
) -> None:
    key = await new_journey(http, document=asking())
    page = await open_page(f"/journeys/{key}#test")
    await expect(page.locator("[data-panel=test]")).to_be_visible()
    for step in ("entry", "branch", "delay", "message"):
        box = await page.locator(f'[data-step="{step}"]').bounding_box()
        side = await page.locator("[data-panel=test]").bounding_box()
        assert box is not None
        assert side is not None
        assert box["x"] + box["width"] <= side["x"], step
