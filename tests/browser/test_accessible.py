"""Axe finds nothing serious in whatever one opens on the canvas, light and dark."""

import pytest
from httpx2 import AsyncClient

from tests.browser.conftest import Open
from tests.browser.journeys import new_journey, straight
from tests.examples import some
from tests.legible import serious

pytestmark = pytest.mark.browser


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scheme", some(["light", "dark"], 2))
async def test_axe_finds_nothing_serious_on_the_canvas(http: AsyncClient, open_canvas: Open, scheme: str) -> None:
    document = straight("delay", "branch", "message", "exit")
    document["edges"][2]["port"] = "otherwise"
    key = await new_journey(http, document=document)
    sound = straight("delay", "message", "exit")
    assert (await http.put(f"/api/journeys/{key}", json={**sound, "key": key})).status_code == 200
    assert (await http.post(f"/api/journeys/{key}/publish", json={"override": True})).status_code == 200
    assert (await http.put(f"/api/journeys/{key}", json={**document, "key": key})).status_code == 200
    canvas = await open_canvas(key, color_scheme=scheme, bypass_csp=True)
    page = canvas.page
    found: dict[str, object] = {}

    async def look(name: str, shown: str) -> None:
        await page.locator(shown).first.wait_for()
        if wrong := await serious(page):
            found[name] = wrong

    for step in ("message", "branch", "delay"):
        await canvas.node(step).click()
        await look(step, ".inspector")
    await page.get_by_role("button", name="Journey settings").click()
    await look("settings", ".side-panel")
    await page.locator(".problem-count").click()
    await look("problems", "[data-panel=problems]")
    await page.get_by_role("button", name="Versions").click()
    await look("versions", "[data-panel=versions] .v-row")
    await page.locator("[data-panel=versions] .p-list").get_by_role("button", name="Compare").click()
    await look("difference", ".v-choice")
    await page.locator(".side-close").click()
    await page.get_by_role("button", name="List", exact=True).click()
    await look("list", ".outline tr[data-row]")
    await canvas.press("Control+k")
    await look("go to or do", "dialog [cmdk-item]")
    assert found == {}


@pytest.mark.parametrize("scheme", some(["light", "dark"], 2))
async def test_axe_finds_nothing_serious_when_one_publishes_tries_and_watches(
    http: AsyncClient, open_canvas: Open, scheme: str
) -> None:
    key = await new_journey(http, document=straight("message", "delay", "exit"))
    assert (await http.post(f"/api/journeys/{key}/publish", json={"override": True})).status_code == 200
    changed = {**straight("message", "goal", "delay", "exit"), "key": key}
    assert (await http.put(f"/api/journeys/{key}", json=changed)).status_code == 200
    canvas = await open_canvas(key, color_scheme=scheme, bypass_csp=True)
    page = canvas.page
    await page.locator(".button.publish").click()
    await page.locator(".hold").wait_for()
    assert await serious(page) == [], "publish"
    await page.get_by_role("button", name="Test run", exact=True).click()
    await page.get_by_role("button", name="Play Signed Up").click()
    await page.locator(".t-log .run-timeline li").nth(1).wait_for()
    assert await serious(page) == [], "test run"
    await page.get_by_role("button", name="Live", exact=True).click()
    await page.locator(".locked").wait_for()
    assert await serious(page) == [], "live"
