"""From a draft with faults to a version that is live: what the page says, refuses, asks, shows and brings back."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import expect

from orchestrator.settings import DEV_WRITE_KEY
from tests.browser.canvas import Canvas
from tests.browser.conftest import Open
from tests.browser.journeys import Document, new_journey, straight
from tests.waiting import let_pass

pytestmark = pytest.mark.browser


def unfinished() -> Document:
    """A wait for an event that nobody has named."""
    document = straight("wait_for_event", "exit")
    document["edges"][-1]["port"] = "happened"
    document["edges"].append({"from": "wait-for-event", "port": "timeout", "to": "exit"})
    return document


async def published(http: AsyncClient, *kinds: str) -> str:
    document = straight(*kinds)
    for step in document["steps"]:
        if step["kind"] == "message":
            step["settings"]["class"] = "informational"  # goes out without a consent
    key = await new_journey(http, document=document)
    answer = await http.post(f"/api/journeys/{key}/publish", json={"override": True})
    assert answer.status_code == 200, answer.text
    return key


async def versions(http: AsyncClient, key: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await http.get(f"/api/journeys/{key}/versions")).json()["items"]
    return found


async def marked(canvas: Canvas, tone: str) -> list[str]:
    found: list[str] = await canvas.page.locator(f".step.m-{tone}").evaluate_all(
        "all => all.map(one => one.dataset.step).sort()"
    )
    return found


@pytest.mark.parametrize(("locale", "said"), [("en-GB", "event"), ("ko-KR", "이벤트")])
async def test_problems_are_counted_listed_in_the_readers_language_and_lead_to_their_step(
    http: AsyncClient, open_canvas: Open, locale: str, said: str
) -> None:
    canvas = await open_canvas(await new_journey(http, document=unfinished()), locale=locale)
    await expect(canvas.node("wait-for-event").locator(".step-problem.error")).to_be_visible()
    await expect(canvas.node("exit").locator(".step-problem")).to_have_count(0)
    told = (await http.get(f"/api/journeys/{canvas.key}/review")).json()["problems"]
    count = canvas.page.locator(".problem-count.error")
    await expect(count.locator("[aria-hidden]").last).to_have_text(str(len(told)))

    await count.click()
    rows = canvas.page.locator(".problem-list li")
    await expect(rows).to_have_count(len(told))
    row = rows.filter(has_text=said).first
    language = locale[:2]
    texts = [one["text"][language].replace("`", "").replace("*", "") for one in told]
    assert (await row.locator("span > span").last.inner_text()) in texts
    await row.get_by_role("button").click()
    await expect(canvas.page.locator(".inspector")).to_be_visible()
    await expect(canvas.page.locator(".step.chosen")).to_have_attribute("data-step", "wait-for-event")


async def test_a_journey_with_an_error_is_not_published_until_it_is_mended(
    http: AsyncClient, open_canvas: Open
) -> None:
    canvas = await open_canvas(await new_journey(http, document=unfinished()))
    page = canvas.page
    await expect(canvas.node("wait-for-event").locator(".step-problem.error")).to_be_visible()
    await page.locator(".button.publish").click()
    await expect(page.locator(".problem-list")).to_be_visible()
    await expect(page.locator(".hold")).to_have_count(0)
    refused = await http.post(f"/api/journeys/{canvas.key}/publish")
    assert refused.status_code == 409
    assert await versions(http, canvas.key) == []

    await canvas.node("wait-for-event").click()
    field = page.locator(".inspector").get_by_role("combobox", name="Event", exact=True).first
    await field.fill("Order Completed")
    await canvas.press("Escape")
    await canvas.node("exit").click()
    await expect(page.locator(".problem-count.error")).to_have_count(0)
    await page.locator(".button.publish").click()
    await expect(page.locator(".hold")).to_be_visible()


async def test_publishing_shows_what_it_will_do_and_wants_to_be_held(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await published(http, "delay", "message", "exit"))
    page = canvas.page
    async with AsyncClient(base_url=http.base_url, auth=(DEV_WRITE_KEY, ""), trust_env=False, timeout=60) as shop:
        known = {"userId": "rae", "traits": {"email": "rae@example.com"}}
        assert (await shop.post("/v1/identify", json=known)).status_code == 200
        assert (await shop.post("/v1/track", json={"userId": "rae", "event": "Signed Up"})).status_code == 200
    await canvas.node("delay").click()
    await canvas.press("Delete")
    await canvas.saved()
    await page.locator(".button.publish").click()
    panel = page.locator("[data-panel=publish]")
    await expect(panel.get_by_role("heading", name="Forecast")).to_be_visible()
    await expect(panel).to_contain_text("Compared with version 1, live now")
    await expect(panel.locator(".v-summary")).to_contain_text("1 removed")

    hold = panel.locator(".hold")
    await expect(hold).to_be_disabled()  # the message's text is still the sample
    await panel.get_by_role("checkbox", name="Publish although").check()
    await hold.click()
    await expect(hold).not_to_contain_class("held")
    await let_pass(1.5, "longer than one has to hold it")
    await expect(hold).to_be_visible()
    assert [one["version"] for one in await versions(http, canvas.key)] == [1]

    await page.mouse.move(*await canvas.middle_of(hold))
    await page.mouse.down()
    await expect(panel).to_contain_text("Version 2 is live")
    await page.mouse.up()
    assert [one["version"] for one in await versions(http, canvas.key) if one["live"]] == [2]


async def test_what_is_live_is_locked_and_edit_opens_the_draft(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await published(http, "delay", "exit"))
    page = canvas.page
    await page.get_by_role("button", name="Live", exact=True).click()
    await expect(page.locator(".locked")).to_contain_text("Version 1 is live and cannot be changed")
    await expect(page.locator(".palette")).to_have_count(0)
    await expect(page.locator(".stub .plus")).to_have_count(0)
    await canvas.node("delay").click()
    await canvas.press("Delete")
    await canvas.press("Control+d")
    assert await canvas.steps() == ["delay", "exit"]

    await page.get_by_role("button", name="Edit the draft").click()
    await expect(page.locator(".palette")).to_be_visible()
    await canvas.node("delay").click()
    await canvas.press("Delete")
    await expect(canvas.node("delay")).to_have_count(0)
    assert len((await canvas.draft())["steps"]) == 1
    live = (await http.get(f"/api/journeys/{canvas.key}/versions/1")).json()["document"]
    assert len(live["steps"]) == 2


@pytest.mark.long
async def test_versions_are_compared_on_the_canvas_and_brought_back(http: AsyncClient, open_canvas: Open) -> None:
    key = await published(http, "delay", "message", "exit")
    second = {**straight("delay", "goal", "exit"), "key": key}
    second["steps"][0]["settings"]["duration"] = "P3D"
    assert (await http.put(f"/api/journeys/{key}", json=second)).status_code == 200
    assert (await http.post(f"/api/journeys/{key}/publish", json={"override": True})).status_code == 200
    canvas = await open_canvas(key)
    page = canvas.page
    await page.get_by_role("button", name="Versions").click()
    panel = page.locator("[data-panel=versions]")
    first = panel.locator(".p-list .v-row").filter(has_text="Version 1")
    await first.get_by_role("button", name="Compare").click()
    await expect(panel.locator(".v-summary")).to_contain_text("1 added")
    assert await marked(canvas, "added") == ["goal"]
    assert await marked(canvas, "removed") == ["message"]
    assert await marked(canvas, "changed") == ["delay"]

    await panel.get_by_role("button", name="Back to the draft").click()
    await expect(canvas.node("message")).to_have_count(0)
    await first.get_by_role("button", name="Restore").click()
    await first.get_by_role("button", name="Make version 1 the draft").click()
    await expect(canvas.node("message")).to_be_visible()
    assert [step["id"] for step in (await canvas.draft())["steps"]] == ["delay", "message", "exit"]
    assert [one["version"] for one in await versions(http, key) if one["live"]] == [2]
