"""Lines go around steps in every view, as the browser draws them: drawn, dragged, live, tried, compared."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import expect

from orchestrator.journey_gallery import find_template
from tests.browser.canvas import Canvas
from tests.browser.conftest import Open
from tests.browser.journeys import new_journey
from tests.examples import some
from tests.waiting import until

pytestmark = pytest.mark.browser

CROSSINGS = """
() => {
  const cards = [...document.querySelectorAll(".react-flow__node:has([data-step])")].map((node) => {
    const { left, top, right, bottom } = node.getBoundingClientRect();
    return { id: node.dataset.id, left: left + 1, top: top + 1, right: right - 1, bottom: bottom - 1 };
  });
  const found = [];
  for (const path of document.querySelectorAll(".react-flow__edge-path")) {
    const matrix = path.getScreenCTM();
    for (let at = 0; at <= path.getTotalLength(); at += 3) {
      const { x, y } = path.getPointAtLength(at).matrixTransform(matrix);
      for (const card of cards) {
        if (x > card.left && x < card.right && y > card.top && y < card.bottom) found.push(`${path.id} in ${card.id}`);
      }
    }
  }
  return { lines: document.querySelectorAll(".react-flow__edge-path").length, found: [...new Set(found)] };
}
"""
PICTURE = """
() => [...document.querySelectorAll(".react-flow__viewport, .react-flow__node, .react-flow__edge-path")]
  .map((one) => `${one.dataset.id ?? one.id} ${one.style.transform} ${one.getAttribute("d") ?? ""}`).sort()
"""
"""What is drawn, and where: the view, the cards in it, the lines."""


@pytest.mark.parametrize("id", some(["lifecycle", "win-back"], 2))
async def test_no_line_runs_through_a_step_in_any_view(http: AsyncClient, open_canvas: Open, id: str) -> None:
    template = find_template(id)
    assert template is not None
    key = await new_journey(http, id, template.copy())
    assert (await http.post(f"/api/journeys/{key}/publish", json={"override": True})).status_code == 200
    canvas = await open_canvas(key, viewport={"width": 1600, "height": 2400})
    jumps = sum(len(step.targets()) for step in template.plan.journey.steps)
    await all_in_sight(canvas)
    await clear(canvas, len(template.document["edges"]) + jumps, "draw")
    await canvas.page.get_by_role("button", name="Live", exact=True).click()
    await canvas.page.locator(".locked").wait_for()
    await all_in_sight(canvas)
    await clear(canvas, len(template.document["edges"]) + jumps, "live")
    await canvas.page.get_by_role("button", name="Test run", exact=True).click()
    await all_in_sight(canvas)
    await clear(canvas, len(template.document["edges"]) + jumps, "test run")

    await canvas.page.get_by_role("button", name="Edit", exact=True).click()
    await drag_into_the_way(canvas, template.plan.journey.steps[3].id)
    await clear(canvas, 1, "after a drag")
    for step in template.plan.journey.steps[4:6]:
        await canvas.node(step.id).click()
        await canvas.press("Delete")
    await canvas.saved()
    await canvas.page.get_by_role("button", name="Versions").click()
    await canvas.page.locator("[data-panel=versions] .p-list").get_by_role("button", name="Compare").click()
    await canvas.page.locator(".v-choice").first.wait_for()
    await all_in_sight(canvas)
    await clear(canvas, 1, "compared")


@pytest.mark.long
async def test_a_journey_runs_from_left_to_right_where_one_likes_that_better(
    http: AsyncClient, open_canvas: Open
) -> None:
    template = find_template("win-back")
    assert template is not None
    key = await new_journey(http, "win-back", template.copy())
    canvas = await open_canvas(key, viewport={"width": 3000, "height": 1200})
    await canvas.page.get_by_role("button", name="Run from left to right").click()
    await canvas.page.locator(".runs-right").first.wait_for()
    await all_in_sight(canvas)
    jumps = sum(len(step.targets()) for step in template.plan.journey.steps)
    await clear(canvas, len(template.document["edges"]) + jumps, "from left to right")
    first = template.plan.journey.steps[0].id
    entry, step = await canvas.place_of(canvas.node("entry")), await canvas.place_of(canvas.node(first))
    assert step["x"] > entry["x"] + entry["width"]
    assert step["y"] + step["height"] / 2 == pytest.approx(entry["y"] + entry["height"] / 2, abs=2)
    await canvas.node("entry").click()
    await canvas.press("ArrowRight")
    assert await canvas.node(first).evaluate("one => one.classList.contains('chosen')")

    assert (await canvas.draft())["layout"]["lanes"] == "vertical"
    await canvas.open()
    await expect(canvas.page.locator(".runs-right").first).to_be_visible()
    await canvas.page.get_by_role("button", name="Run from top to bottom").click()
    await expect(canvas.page.locator(".runs-right")).to_have_count(0)
    assert (await canvas.draft())["layout"]["lanes"] == "horizontal"
    await canvas.press("Control+z")
    await expect(canvas.page.locator(".runs-right").first).to_be_visible()


async def all_in_sight(canvas: Canvas) -> None:
    await canvas.page.locator(".react-flow__controls button").last.click()
    await canvas.settled()


async def clear(canvas: Canvas, lines: int, view: str) -> None:
    seen = await canvas.page.evaluate(CROSSINGS)
    assert seen["found"] == [], view
    assert seen["lines"] >= lines, view


async def drag_into_the_way(canvas: Canvas, step: str) -> None:
    """Half a card aside: onto lines that lead past it."""
    x, y = await canvas.middle_of(canvas.node(step).locator("strong"))
    wide = (await canvas.place_of(canvas.node(step)))["width"]
    await canvas.page.mouse.move(x, y)
    await canvas.page.mouse.down()
    await canvas.page.mouse.move(x - wide * 0.6, y, steps=6)
    await canvas.page.mouse.up()
    await canvas.settled()


async def test_the_first_picture_of_a_draft_is_kept(http: AsyncClient, open_canvas: Open) -> None:
    template = find_template("win-back")
    assert template is not None
    document = {name: value for name, value in template.copy().items() if name != "layout"}
    key = await new_journey(http, "placed", document)
    canvas = await open_canvas(key)
    steps = {"entry", *(step["id"] for step in document["steps"])}
    drawn = await canvas.page.evaluate(PICTURE)
    assert len(drawn) > 3

    async def kept() -> Any:
        draft = (await http.get(f"/api/journeys/{key}")).json()
        assert draft["revision"] == 1
        return draft["draft"].get("layout")

    layout = await until(kept)
    assert steps <= {*layout["positions"]}
    again = await open_canvas(key)
    assert await again.page.evaluate(PICTURE) == drawn
