"""A segment is written in a browser: by the editor of the canvas, with how many meet it while one writes."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import expect

from tests.browser.conftest import OpenPage as Open
from tests.browser.pictures import shot
from tests.legible import serious

pytestmark = pytest.mark.browser
LOOK = 20_000


@pytest.mark.timeout(180)
async def test_a_segment_is_written_estimated_and_saved(http: AsyncClient, open_page: Open) -> None:
    page = await open_page("/segments/new?ready=blank", locale="en-US", bypass_csp=True)
    await page.locator('[name="name.en"]').fill("Tagged VIP")
    await page.get_by_role("button", name="Add condition").click()
    kind = page.get_by_label("Condition type")
    await expect(kind).to_be_visible(timeout=LOOK)
    offered = await kind.locator("option").all_text_contents()
    assert "Tag" in offered
    assert "Event property" not in offered, "there is no event here"
    await kind.select_option(label="Tag")
    await page.get_by_label("Tag", exact=True).last.fill("vip")
    await expect(page.get_by_text("0 of 0 customers now")).to_be_visible(timeout=LOOK)
    await expect(page.get_by_text("has the tag “vip”")).to_be_visible(timeout=LOOK)
    assert await serious(page) == []
    await shot(page, "segment-form")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Tagged VIP")).to_be_visible(timeout=LOOK)
    saved: dict[str, Any] = (await http.get("/api/segments/tagged-vip")).json()["segment"]
    assert saved["condition"] == {"kind": "tag", "tag": "vip", "has": True}
    assert await serious(page) == []
    await shot(page, "segment")
