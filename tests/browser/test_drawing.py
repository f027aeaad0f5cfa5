"""Drawing a journey with a real mouse and keyboard."""

from collections.abc import Mapping
from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import expect

from tests.browser.canvas import Canvas
from tests.browser.conftest import Open
from tests.browser.journeys import new_journey, straight

pytestmark = pytest.mark.browser


def edges_of(document: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    return {(edge["from"], edge.get("port", "next"), edge["to"]) for edge in document["edges"]}


async def test_a_journey_grows_from_nothing_by_what_the_screen_offers(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http))
    await canvas.page.get_by_role("button", name="Add the first step").click()
    await canvas.pick("message")
    await expect(canvas.node("message")).to_be_visible()

    await canvas.plus_after("message", "next").click()
    await canvas.pick("exit")
    await expect(canvas.node("exit")).to_be_visible()

    await canvas.plus_between("message", "exit").click()
    await canvas.pick("delay")
    assert edges_of(await canvas.draft()) == {
        ("entry", "next", "message"),
        ("message", "next", "delay"),
        ("delay", "next", "exit"),
    }


async def test_steps_are_dragged_from_the_palette_and_lines_are_drawn_between_them(
    http: AsyncClient, open_canvas: Open
) -> None:
    canvas = await open_canvas(await new_journey(http))
    board = await canvas.place_of(canvas.board)
    await canvas.drag_from_palette("delay", board["x"] + 200, board["y"] + 620)
    await expect(canvas.node("delay")).to_be_visible()
    await canvas.drag_port("entry", "next", "delay")
    assert edges_of(await canvas.draft()) == {("entry", "next", "delay")}

    empty = await canvas.empty_place_below("delay")
    await canvas.drag_port("delay", "next", empty)
    await canvas.pick("exit")
    assert edges_of(await canvas.draft()) == {("entry", "next", "delay"), ("delay", "next", "exit")}


async def test_a_step_dropped_on_a_line_goes_into_it(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=straight("delay", "exit")))
    middle = await canvas.middle_of(canvas.plus_between("delay", "exit"))
    await canvas.drag_from_palette("goal", *middle)
    assert edges_of(await canvas.draft()) == {
        ("entry", "next", "delay"),
        ("delay", "next", "goal"),
        ("goal", "next", "exit"),
    }


async def test_deleting_a_step_heals_the_line_and_can_be_undone_and_redone(
    http: AsyncClient, open_canvas: Open
) -> None:
    canvas = await open_canvas(await new_journey(http, document=straight("delay", "goal", "exit")))
    before = await canvas.draft()
    await canvas.node("goal").click()
    await canvas.press("Delete")
    await expect(canvas.node("goal")).to_have_count(0)
    assert edges_of(await canvas.draft()) == {("entry", "next", "delay"), ("delay", "next", "exit")}

    await canvas.press("Control+z")
    await expect(canvas.node("goal")).to_be_visible()
    assert (await canvas.draft())["steps"] == before["steps"]
    await canvas.press("Control+Shift+z")
    await expect(canvas.node("goal")).to_have_count(0)
    await canvas.page.locator(".toolbar").get_by_role("button", name="Undo").click()
    await expect(canvas.node("goal")).to_be_visible()


async def test_a_drag_is_one_step_of_undo_and_a_lane_is_a_stage(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=straight("delay", "exit")))
    assert await canvas.stage_of("exit") == "intake"
    await canvas.drag_to_lane("exit", "adaptation")
    assert await canvas.stage_of("exit") == "adaptation"
    await canvas.press("Control+z")
    assert await canvas.stage_of("exit") == "intake"

    await canvas.node("exit").click()
    await canvas.page.get_by_label("Lifecycle stage").select_option("retention")
    assert await canvas.stage_of("exit") == "retention"


@pytest.mark.long
async def test_steps_are_copied_within_a_journey_and_to_another(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=straight("delay", "goal", "exit")))
    await canvas.node("delay").click()
    await canvas.node("goal").click(modifiers=["Shift"])
    await canvas.press("Control+c")
    await canvas.press("Control+v")
    draft = await canvas.draft()
    assert sorted(step["id"] for step in draft["steps"]) == ["delay", "delay-2", "exit", "goal", "goal-2"]
    assert ("delay-2", "next", "goal-2") in edges_of(draft)

    other = Canvas(await canvas.page.context.new_page(), await new_journey(http, "Another"))
    await other.open()
    await other.press("Control+v")
    draft = await other.draft()
    assert edges_of(draft) == {("delay", "next", "goal")}
    await other.node("delay").click()
    await other.press("Control+d")
    assert "delay-2" in await other.steps()
    assert other.complaints == []


async def test_everything_can_be_done_by_keyboard(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http))
    await canvas.node("entry").focus()
    await canvas.press("a")
    await canvas.page.locator(".picker input:focus").wait_for()
    await canvas.page.keyboard.type("wait for")
    await canvas.press("Enter")
    await expect(canvas.node("wait-for-event")).to_be_visible()
    await canvas.press("a")
    await canvas.page.locator(".picker input:focus").wait_for()
    await canvas.page.keyboard.type("exit")
    await canvas.press("Enter")
    await expect(canvas.node("exit")).to_be_visible()
    await canvas.press("ArrowUp")
    await canvas.press("Enter")  # into the inspector
    await expect(canvas.page.locator(".side-panel :focus")).to_have_count(1)
    await canvas.press("Control+k")
    await canvas.page.locator("dialog input:focus").wait_for()
    await canvas.page.keyboard.type("undo")
    await canvas.press("Enter")
    await expect(canvas.node("exit")).to_have_count(0)


async def test_typing_is_one_step_of_undo_and_is_saved_by_itself(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=straight("delay", "exit")))
    await canvas.node("delay").click()
    title = canvas.page.get_by_label("Step name").first
    await title.fill("")
    await title.type("A pause")
    await canvas.node("exit").click()
    assert {step["id"]: step.get("label") for step in (await canvas.draft())["steps"]}["delay"] == {"en": "A pause"}
    await canvas.page.reload()
    await expect(canvas.node("delay")).to_contain_text("A pause")


async def test_what_somebody_else_saved_meanwhile_is_not_overwritten(http: AsyncClient, open_canvas: Open) -> None:
    key = await new_journey(http, document=straight("delay", "exit"))
    canvas = await open_canvas(key)
    theirs = {**straight("delay", "goal", "exit"), "key": key}
    assert (await http.put(f"/api/journeys/{key}", json=theirs)).status_code == 200

    await canvas.node("delay").click()
    await canvas.press("Control+d")
    alert = canvas.page.get_by_role("button", name="Take theirs")
    await alert.wait_for()
    assert len((await http.get(f"/api/journeys/{key}")).json()["draft"]["steps"]) == 3, "theirs stands"
    await canvas.page.get_by_role("button", name="Keep mine", exact=True).click()
    await canvas.saved()
    assert await canvas.steps() == ["delay", "delay-2", "exit"]
    canvas.complaints = [said for said in canvas.complaints if "412" not in said]  # the browser tells of each refusal
