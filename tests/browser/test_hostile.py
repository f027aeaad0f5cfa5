"""What somebody wrote to do harm is text on the page, and nothing more."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.journeys import Document, new_journey, straight

pytestmark = pytest.mark.browser

SCRIPT = "<script>window.__hit = 1</script>"
PICTURE = "<img src=x onerror='window.__hit = 1'>"
LINK = "javascript:window.__hit=1"
OVERRIDE = "\u202egnp.exe \u2066abc"
LONG = "가나W" * 66
EMOJI = "👩‍👩‍👧‍👦🏳️‍🌈" * 20
HARM = (SCRIPT, PICTURE, LINK, OVERRIDE, LONG, EMOJI)


def hostile() -> Document:
    """One step for each, and steps whose ids mean something to JavaScript."""
    document = straight(*["delay"] * len(HARM), "message", "exit")
    names = [*[f"harm-{n}" for n in range(len(HARM))], "constructor", "__proto__"]
    for step, name, words in zip(document["steps"], names, [*HARM, SCRIPT, PICTURE], strict=True):
        step |= {"id": name, "label": {"en": words, "ko": words}, "description": {"en": words}}
    document["steps"][-1]["settings"]["reason"] = SCRIPT
    document["steps"][-2]["settings"]["content"] = {"en": {"subject": SCRIPT, "body": PICTURE + f"[x]({LINK})"}}
    document["edges"] = [{"from": here, "to": there} for here, there in zip(["entry", *names], names, strict=False)]
    document["name"] = {"en": PICTURE, "ko": PICTURE}
    document["entry"]["triggers"] = [{"kind": "event", "event": words[:200]} for words in HARM]
    notes = [
        {"id": f"n{n}", "x": 700, "y": 150 * n, "width": 200, "height": 100, "text": words}
        for n, words in enumerate(HARM)
    ]
    document["layout"] = {
        "positions": {name: {"x": 0, "y": 150 * n} for n, name in enumerate(["entry", *names])},
        "notes": notes,
    }
    return document


async def unharmed(page: Page) -> None:
    """Nothing was executed, and the page is as wide as its window."""
    facts: dict[str, Any] = await page.evaluate(
        """() => ({
          hit: window.__hit ?? null,
          pictures: document.querySelectorAll("img[onerror], img[src=x]").length,
          links: document.querySelectorAll("a[href^='javascript:' i]").length,
          wide: document.documentElement.scrollWidth - innerWidth,
          polluted: ({}).label ?? ({}).kind ?? null,
        })"""
    )
    assert facts == {"hit": None, "pictures": 0, "links": 0, "wide": 0, "polluted": None}


async def test_harmful_words_are_text_in_every_view(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=hostile()))
    page = canvas.page
    for n, words in enumerate(HARM):
        await expect(canvas.node(f"harm-{n}").locator("strong")).to_have_text(words, use_inner_text=False)
    await unharmed(page)
    board = await canvas.place_of(canvas.board)
    assert board["width"] > 700
    assert board["height"] > 400

    for step in ("harm-4", "constructor", "__proto__"):
        await canvas.press("Control+f")
        await page.get_by_role("searchbox", name="Find in steps").fill(step)
        await expect(canvas.page.locator(".step.chosen")).to_have_attribute("data-step", step)
        await canvas.press("Escape")
        await expect(page.locator(".inspector")).to_be_visible()
        await unharmed(page)

    await page.get_by_role("button", name="Journey settings").click()
    await expect(page.locator(".side-body")).to_contain_text("Who enters")
    await unharmed(page)
    await page.locator(".problem-count").click()
    await page.locator("[data-panel=problems]").wait_for()
    await unharmed(page)
    await page.get_by_role("button", name="List", exact=True).click()
    await page.locator('.outline tr[data-row="__proto__"]').wait_for()
    await unharmed(page)
    await canvas.press("Control+k")
    await page.locator("dialog [cmdk-item]").first.wait_for()
    await unharmed(page)


async def test_the_console_shows_harmful_names_as_text(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=hostile()), locale="ko-KR")
    for path in ("/", f"/journeys/{canvas.key}/figures", "/runs"):
        await canvas.page.goto(path)
        await canvas.page.locator("main").wait_for()
        await unharmed(canvas.page)


async def test_steps_with_the_names_of_objects_own_properties_are_drawn_on_like_others(
    http: AsyncClient, open_canvas: Open
) -> None:
    canvas = await open_canvas(await new_journey(http, document=hostile()))
    await canvas.press("Control+f")
    await canvas.page.get_by_role("searchbox", name="Find in steps").fill("constructor")
    await expect(canvas.page.locator(".step.chosen")).to_have_attribute("data-step", "constructor")
    await canvas.press("Escape")
    await canvas.node("constructor").click()
    await canvas.press("Delete")
    await expect(canvas.node("constructor")).to_have_count(0)
    draft = await canvas.draft()
    assert "constructor" not in [step["id"] for step in draft["steps"]]
    assert {"from": "harm-5", "to": "__proto__"} in [
        {"from": edge["from"], "to": edge["to"]} for edge in draft["edges"]
    ]
