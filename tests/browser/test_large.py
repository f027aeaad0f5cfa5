"""Large journeys: five hundred steps are drawn on like five, two thousand open, more are refused in words."""

import json

import pytest
from httpx2 import AsyncClient
from playwright.async_api import FilePayload, expect

from orchestrator.core.journey.graph import MOST_STEPS
from tests.browser.canvas import Canvas
from tests.browser.conftest import Open
from tests.browser.journeys import long_row, new_journey

pytestmark = pytest.mark.browser


async def in_sight(canvas: Canvas, step: str) -> bool:
    card, board = await canvas.place_of(canvas.node(step)), await canvas.place_of(canvas.board)
    middle = card["x"] + card["width"] / 2, card["y"] + card["height"] / 2
    return (
        board["x"] <= middle[0] <= board["x"] + board["width"]
        and board["y"] <= middle[1] <= board["y"] + board["height"]
    )


async def test_five_hundred_steps_are_dragged_undone_searched_and_saved(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=long_row(500)))
    before = await canvas.place_of(canvas.node("s0"))
    x, y = await canvas.middle_of(canvas.node("s0").locator("strong"))
    await canvas.page.mouse.move(x, y)
    await canvas.page.mouse.down()
    await canvas.page.mouse.move(x + 150, y + 20, steps=10)
    await canvas.page.mouse.up()
    undo = canvas.page.locator(".toolbar").get_by_role("button", name="Undo")
    await expect(undo).to_have_attribute("aria-disabled", "false")
    assert (await canvas.place_of(canvas.node("s0")))["x"] > before["x"] + 100
    await canvas.press("Control+z")
    await canvas.settled()
    assert abs((await canvas.place_of(canvas.node("s0")))["x"] - before["x"]) < 5

    await canvas.press("Control+f")
    await canvas.page.get_by_role("searchbox", name="Find in steps").fill("Pause 481")
    await expect(canvas.page.get_by_role("search").get_by_role("status")).to_have_text("1 / 1")
    await canvas.node("s481").wait_for()
    await canvas.settled()
    assert await in_sight(canvas, "s481")
    await canvas.press("Escape")
    title = canvas.page.locator(".inspector").get_by_label("Step name").first
    await title.fill("Far away")
    await canvas.press("Tab")
    step = next(one for one in (await canvas.draft())["steps"] if one["id"] == "s481")
    assert step["label"]["en"] == "Far away"


@pytest.mark.long
async def test_the_list_of_five_hundred_steps_scrolls_to_its_end(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=long_row(500)))
    await canvas.page.get_by_role("button", name="List", exact=True).click()
    rows = canvas.page.locator(".outline tr[data-row]")
    await rows.first.wait_for()
    assert await rows.count() < 200, "only what is in sight is drawn"
    await canvas.page.locator(".outline").hover()
    await canvas.page.mouse.wheel(0, 100_000)
    await expect(canvas.page.locator('.outline tr[data-row="end"]')).to_be_in_viewport()
    await canvas.page.locator('.outline tr[data-row="s498"]').click()
    await expect(canvas.page.locator(".inspector").get_by_label("Step name").first).to_have_value("Pause 498")


@pytest.mark.long
async def test_the_largest_journey_opens(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=long_row(MOST_STEPS)))
    await expect(canvas.node("s0")).to_be_visible()
    await canvas.saved()
    await canvas.press("Control+f")
    await canvas.page.get_by_role("searchbox", name="Find in steps").fill("Pause 1990")
    await expect(canvas.node("s1990")).to_be_in_viewport()


async def test_a_file_beyond_the_limit_is_refused_with_the_limit_named(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http))
    page = canvas.page
    huge = FilePayload(name="huge.json", mimeType="application/json", buffer=json.dumps(long_row(5_000)).encode())
    async with page.expect_file_chooser() as asked:
        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="Import a file …").click()
    await (await asked.value).set_files(huge)
    refused = page.locator(".yaml-import")
    await expect(refused).to_contain_text("huge.json cannot be read")
    await expect(refused).to_contain_text("2,000")
    await expect(page.get_by_role("button", name="Replace the draft")).to_have_count(0)
    assert (await canvas.draft())["steps"] == []
    canvas.complaints = [said for said in canvas.complaints if "400" not in said and "422" not in said]
