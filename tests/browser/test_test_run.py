"""Trying a journey on the canvas: events, a clock, reasons, messages as received; and nothing leaves the house."""

import psycopg
import pytest
from httpx2 import AsyncClient
from playwright.async_api import expect

from orchestrator.store.database import plain_dsn
from tests.browser.canvas import Canvas
from tests.browser.conftest import Open
from tests.browser.journeys import Document, new_journey, straight

pytestmark = pytest.mark.browser


def asking() -> Document:
    """Regulars are told something a day later; the others are not."""
    document = straight("branch", "delay", "message", "exit")
    branch, _, message, _ = document["steps"]
    regular = {"kind": "attribute", "name": "tier", "value": "VIP"}
    branch["settings"] = {"branches": [{"port": "yes", "label": {"en": "Regulars", "ko": "단골"}, "when": regular}]}
    message["settings"] |= {"class": "informational", "content": {"en": {"subject": "For you", "body": "Hello Rae"}}}
    document["edges"][1]["port"] = "yes"
    document["edges"].append({"from": "branch", "port": "otherwise", "to": "exit"})
    return document


async def tried(http: AsyncClient, open_canvas: Open) -> Canvas:
    """A test run of it that has not begun."""
    canvas = await open_canvas(await new_journey(http, document=asking()))
    await canvas.page.get_by_role("button", name="Test run", exact=True).click()
    await expect(canvas.page.locator("[data-panel=test]")).to_contain_text("nothing is sent")
    return canvas


async def lit(canvas: Canvas) -> list[str]:
    """The steps that the path went by, up to where the customer stands."""
    found: list[str] = await canvas.page.locator(".step.m-passed:not([data-step=entry]), .step.m-here").evaluate_all(
        "all => all.map(one => one.dataset.step).sort()"
    )
    return found


async def told(canvas: Canvas) -> list[str]:
    """What the list says happened, line by line."""
    return await canvas.page.locator(".t-log .run-timeline > li").all_inner_texts()


async def test_the_path_lights_up_with_reasons_and_the_clock_leads_to_the_message(
    http: AsyncClient, open_canvas: Open, database_url: str
) -> None:
    canvas = await tried(http, open_canvas)
    panel = canvas.page.locator("[data-panel=test]")
    await panel.locator("summary", has_text="Customer").click()
    await panel.get_by_role("button", name="Attribute", exact=True).click()
    await panel.get_by_label("Name", exact=True).last.fill("tier")
    await panel.get_by_label("Value of tier").fill("VIP")
    await panel.get_by_role("button", name="Play Signed Up").click()
    await expect(canvas.page.locator(".step.m-here")).to_have_attribute("data-step", "delay")
    assert await lit(canvas) == ["branch", "delay"]
    await expect(canvas.page.locator(".line.lit")).to_have_count(2)
    assert any("tier" in line and "VIP" in line for line in await told(canvas)), "the reason of the decision"
    await expect(panel.get_by_role("region", name="Current step")).to_contain_text("until")

    await panel.get_by_role("button", name="Next event").click()
    await expect(panel.locator(".mail strong")).to_have_text("For you")
    await expect(panel.frame_locator(".mail iframe").locator("body")).to_contain_text("Hello Rae")
    assert await lit(canvas) == ["branch", "delay", "exit", "message"]
    with psycopg.connect(plain_dsn(database_url)) as connection:
        for table in ("outbox", "sends", "runs", "customers"):
            assert connection.execute(f"select count(*) from {table}").fetchone() == (0,), table
    assert "For you" not in await (await canvas.page.request.get("/outbox")).text()


@pytest.mark.long
async def test_another_customer_takes_another_way(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await tried(http, open_canvas)
    await canvas.page.get_by_role("button", name="Play Signed Up").click()
    await expect(canvas.page.locator(".step.m-here")).to_have_attribute("data-step", "exit")
    assert await lit(canvas) == ["branch", "exit"]
    await expect(canvas.node("message")).to_contain_class("m-dim")
    await expect(canvas.node("delay")).to_contain_class("m-dim")


@pytest.mark.long
async def test_events_are_taken_back_and_the_run_starts_over(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await tried(http, open_canvas)
    panel = canvas.page.locator("[data-panel=test]")
    await panel.get_by_role("button", name="Play Signed Up").click()
    await expect(canvas.page.locator(".step.m-dim, .step.m-passed, .step.m-here").first).to_be_visible()
    await panel.get_by_role("button", name="Undo Signed Up").click()
    await expect(panel).to_contain_text("Nothing has happened yet")
    assert await lit(canvas) == []


async def test_made_up_customers_show_which_paths_are_taken_and_one_of_them_is_played(
    http: AsyncClient, open_canvas: Open
) -> None:
    canvas = await tried(http, open_canvas)
    panel = canvas.page.locator("[data-panel=test]")
    await panel.locator("summary", has_text="Try with many").click()
    await panel.get_by_role("button", name="Try with made-up customers").click()
    await expect(panel.get_by_text("Every promise was kept.")).to_be_visible(timeout=60_000)
    await expect(panel.locator("summary", has_text="Try with many")).to_contain_text("5 of 5 paths")
    assert await lit(canvas) == ["branch", "delay", "exit", "message"]
    await panel.locator("summary", has_text="Paths taken").click()
    await panel.get_by_role("button", name="Regulars › Regulars").click()
    await expect(panel.locator(".t-log .run-timeline > li").first).to_be_visible()
    assert any("Regulars" in line for line in await told(canvas))
    assert canvas.complaints == []
