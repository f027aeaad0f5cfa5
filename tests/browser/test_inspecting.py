"""Changing a step in the panel beside the canvas: fields made from its model, editors made by hand."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Locator, expect

from tests.browser.canvas import Canvas
from tests.browser.conftest import Open
from tests.browser.journeys import new_journey, straight

pytestmark = pytest.mark.browser


async def opened(http: AsyncClient, open_canvas: Open, *steps: str) -> Canvas:
    """A journey of these steps one after the other, with the first one's panel open."""
    canvas = await open_canvas(await new_journey(http, document=straight(*steps)))
    await canvas.node(steps[0]).click()
    await canvas.page.locator(".inspector").wait_for()
    return canvas


async def settings(canvas: Canvas, step: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one["settings"] for one in (await canvas.draft())["steps"] if one["id"] == step)
    return found


def field(canvas: Canvas, label: str) -> Locator:
    return canvas.page.locator(".inspector").get_by_label(label, exact=True)


async def test_a_visit_of_a_field_is_one_step_of_undo(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await opened(http, open_canvas, "delay", "exit")
    before = await settings(canvas, "delay")
    await field(canvas, "How long").fill("")
    await field(canvas, "How long").press_sequentially("14")
    await canvas.press("Tab")
    assert (await settings(canvas, "delay"))["duration"] == "P14D"
    await canvas.page.get_by_role("button", name="Undo").click()
    assert await settings(canvas, "delay") == before


async def test_a_delay_says_when_it_would_be_over(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await opened(http, open_canvas, "delay", "exit")
    await field(canvas, "Wait").select_option(label="Until a time of day")
    await expect(canvas.page.locator(".inspector")).to_contain_text("This would be")
    assert (await settings(canvas, "delay"))["mode"] == "time_of_day"


async def test_a_condition_is_put_together_from_sentences_and_said_back(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await opened(http, open_canvas, "branch", "exit")
    panel = canvas.page.locator(".inspector")
    await panel.get_by_role("button", name="Add condition").click()
    await panel.get_by_role("combobox", name="Attribute").fill("tier")
    await field(canvas, "Value").fill("VIP")
    await panel.get_by_role("button", name="Add condition").click()
    await panel.get_by_label("Condition type").nth(1).select_option(label="What they have done")
    await panel.get_by_role("combobox", name="Event", exact=True).fill("Order Completed")
    await canvas.press("Escape")
    await expect(panel).to_contain_text("tier is “VIP” and Order Completed at least once")
    await expect(panel).to_contain_text("0 customers now")
    when = (await settings(canvas, "branch"))["branches"][0]["when"]
    assert when["kind"] == "all"
    assert [part["kind"] for part in when["of"]] == ["attribute", "history"]
    assert when["of"][0] == {"kind": "attribute", "name": "tier", "value": "VIP"}


async def test_the_age_of_a_consent_is_asked_for_in_a_sentence(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await opened(http, open_canvas, "branch", "exit")
    panel = canvas.page.locator(".inspector")
    await panel.get_by_role("button", name="Add condition").click()
    await panel.get_by_label("Condition type").select_option(label="Age of a consent")
    await field(canvas, "Channel").select_option(label="SMS")
    await field(canvas, "Given or last confirmed").select_option(label="at least so long ago")
    await field(canvas, "How long ago").fill("600")
    await canvas.press("Tab")
    await expect(panel).to_contain_text("agreed to advertising by SMS at least 600 days ago")
    [way] = (await settings(canvas, "branch"))["branches"]
    assert (way["when"]["kind"], way["when"]["channel"], way["when"]["age"]) == ("consent_age", "sms", "P600D")
    await field(canvas, "Given or last confirmed").select_option(label="not given")
    await expect(field(canvas, "How long ago")).to_have_count(0)
    await expect(panel).to_contain_text("not agreed to advertising by SMS")


async def test_a_line_stays_on_its_way_out_when_the_way_gets_another_name(http: AsyncClient, open_canvas: Open) -> None:
    document = straight("branch", "exit")
    document["edges"][-1]["port"] = "yes"
    canvas = await open_canvas(await new_journey(http, document=document))
    await canvas.node("branch").click()
    panel = canvas.page.locator(".inspector")
    await field(canvas, "Path name").fill("Regulars")
    await canvas.press("Tab")
    await panel.get_by_role("button", name="Add path").click()
    second = panel.locator(".in-card").nth(1)
    await second.get_by_label("Path name", exact=True).fill("New ones")
    await second.get_by_role("button", name="Add condition").focus()
    await expect(canvas.port_of("branch", "new-ones")).to_be_visible()

    first = panel.locator(".in-card").nth(0)
    await first.locator("summary").last.click()
    await first.get_by_label("Path id", exact=True).fill("regulars")
    await canvas.press("Enter")
    await expect(canvas.port_of("branch", "regulars")).to_be_visible()
    draft = await canvas.draft()
    assert [way["port"] for way in draft["steps"][0]["settings"]["branches"]] == ["regulars", "new-ones"]
    assert {"from": "branch", "port": "regulars", "to": "exit"} in draft["edges"]


async def test_a_message_is_seen_as_its_receiver_would_see_it(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await opened(http, open_canvas, "message", "exit")
    panel = canvas.page.locator(".inspector")
    await field(canvas, "Channel").select_option(label="SMS")
    await panel.get_by_role("tab", name="English").click()
    await field(canvas, "Text").fill("Hello ")
    await panel.get_by_role("button", name="Insert a variable: Text").click()
    await canvas.page.keyboard.type("first name")
    await canvas.press("Enter")
    await expect(field(canvas, "Text")).to_be_focused()
    await canvas.page.keyboard.type("!")
    text = field(canvas, "Text")
    await expect(text).to_have_text("Hello first name!", ignore_case=True)
    await expect(text.locator("[data-source='{{ customer.first_name }}']")).to_be_visible()
    for _ in range(2):  # a chip is deleted as a whole
        await canvas.press("Backspace")
    await expect(text).to_have_text("Hello ")
    await canvas.page.keyboard.type("{{ customer.first_name }}!")
    await expect(text.locator("[data-source='{{ customer.first_name }}']")).to_be_visible()
    await expect(panel.locator(".bubble")).to_contain_text("(광고)")
    await expect(panel.locator(".in-preview")).to_contain_text("of 90 bytes")


async def test_a_step_that_goes_by_another_id_keeps_its_lines(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await opened(http, open_canvas, "delay", "exit")
    await canvas.page.locator(".inspector summary", has_text="Advanced").click()
    await field(canvas, "Id").fill("a day later")
    await canvas.press("Enter")
    await expect(canvas.page.locator(".inspector")).to_contain_text("is not a valid id")
    await field(canvas, "Id").fill("a-day-later")
    await canvas.press("Enter")
    await expect(canvas.node("a-day-later")).to_be_visible()
    edges = {(edge["from"], edge["to"]) for edge in (await canvas.draft())["edges"]}
    assert edges == {("entry", "a-day-later"), ("a-day-later", "exit")}
