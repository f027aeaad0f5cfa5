"""A journey on a phone: read and edited as a list, a step's form over the whole width, nothing wider than that."""

import pytest
from httpx2 import AsyncClient
from playwright.async_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.journeys import new_journey, straight
from tests.legible import serious, too_wide

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("locale", ["ko-KR", "en-GB"])
async def test_a_journey_is_a_list_on_a_phone(http: AsyncClient, open_page: OpenPage, locale: str) -> None:
    key = await new_journey(http, document=straight("delay", "message", "exit"))
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "bypass_csp": True}
    page = await open_page(f"/journeys/{key}", locale=locale, **phone)
    step = page.locator('.outline tr[data-row="message"]')
    await expect(step).to_be_visible()
    await expect(page.locator(".board")).to_have_count(0)
    assert await too_wide(page) == []
    assert await serious(page) == []
    await step.click()
    panel = page.locator(".side-panel")
    await expect(panel.get_by_role("heading").first).to_be_visible()
    box = await panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    assert await too_wide(page) == []
    await panel.locator(".side-close").click()
    await page.locator('.outline tr[data-row="delay"] [data-add]').click()
    await page.get_by_role("option").first.click()
    await expect(page.locator(".outline tr.o-step")).to_have_count(4)
