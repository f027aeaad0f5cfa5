"""Charts in a real browser: drawn in both schemes, read by pointer, keyboard and screen reader, beside their table."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from api.app import create_app
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from tests.chromium import FLAGS, MISSING, find_browser
from tests.legible import faint, serious, too_wide
from tests.serving import served
from tests.web import shop_in_figures

pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_browser() is None, reason=MISSING)]
_BARS = "figure.chart[data-chart='0'] svg path"
_FILLS_ITS_ROOM = """() => {
  const place = document.querySelector("figure.chart .chart-drawing");
  return place.querySelector("svg").clientWidth === place.clientWidth;
}"""
_FILLS = "all => [...new Set(all.map(one => one.getAttribute('fill')))].filter(one => one && one !== 'none')"


async def test_a_report_is_drawn_hovered_walked_and_taken_along(console_settings: Settings) -> None:
    engine = create_engine(console_settings.database_url)
    await shop_in_figures.fill(engine)
    await engine.dispose()
    async with served(create_app(console_settings)) as address, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        options: dict[str, Any] = {"base_url": address, "locale": "ko-KR", "color_scheme": "light", "bypass_csp": True}
        page = await (await chromium.new_context(**options)).new_page()
        said: list[str] = []
        page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        await page.goto("/reports/orders_by_month")
        await _is_legible(page)
        await _colours_follow_the_scheme(page)
        await _one_reads_a_point(page)
        await _the_file_has_the_same_rows(page)
        await _the_overview_brings_its_figures(page)
        await chromium.close()
    assert said == []


async def _is_legible(page: Page) -> None:
    await expect(page.locator("figure.chart svg").first).to_be_visible()
    assert await page.locator("figure.chart .chart-canvas").first.get_attribute("aria-hidden") == "true"
    for size in ((1280, 800), (390, 844)):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.wait_for_function(_FILLS_ITS_ROOM)
        assert await too_wide(page) == []
    assert await serious(page) == []
    assert await faint(page) == []
    await page.set_viewport_size({"width": 1280, "height": 800})


async def _colours_follow_the_scheme(page: Page) -> None:
    light = await page.locator(_BARS).evaluate_all(_FILLS)
    await page.emulate_media(color_scheme="dark")
    await page.wait_for_function(
        "([path, old]) => ![...document.querySelectorAll(path)].some(one => old.includes(one.getAttribute('fill')))",
        arg=[_BARS, light],
    )
    assert await serious(page) == []


async def _one_reads_a_point(page: Page) -> None:
    chart = page.locator("figure.chart").first
    drawing = chart.locator(".chart-drawing")
    box = await drawing.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    await expect(chart.locator(".chart-canvas")).to_contain_text(re.compile(r"2026년 \d+월.*₩[\d,]+"))
    await page.mouse.move(0, 0)
    await drawing.focus()
    await page.keyboard.press("End")
    first = await page.locator(".figures-table tbody tr").last.locator("td").first.inner_text()
    await expect(chart.get_by_role("status")).to_have_text(re.compile(rf"^{first}: .*₩[\d,]+"))
    await page.keyboard.press("Escape")
    await expect(chart.get_by_role("status")).to_have_text("")


async def _the_file_has_the_same_rows(page: Page) -> None:
    rows = await page.locator(".figures-table tbody tr").count()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="CSV").click()
    written = await (await download.value).path()
    assert len(written.read_text(encoding="utf-8-sig").splitlines()) == rows + 1


async def _the_overview_brings_its_figures(page: Page) -> None:
    await page.goto("/")
    await expect(page.locator("#figures .tiles .tile-value")).to_have_count(5)
    await page.locator("#figures a.tile").first.focus()
    await expect(page.locator("#tip-clv")).to_be_visible()
    sankey = page.locator("figure.chart[data-kind=sankey]")
    await sankey.scroll_into_view_if_needed()
    await expect(sankey.locator("svg")).to_be_visible()
    assert await serious(page) == []
