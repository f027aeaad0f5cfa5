"""What a shop says of itself before it advertises, as its people fill it in."""

from playwright.async_api import Page, expect

from api.pages.words import Words
from orchestrator.core.text import Locale

SAYS = {"sender_name": "한나상점", "sender_contact": "02-000-0000", "opt_out_number": "080-000-0000"}


async def name_the_sender(page: Page, locale: Locale) -> None:
    """In the settings of the workspace."""
    await page.goto("/settings/workspace")
    for name, value in SAYS.items():
        await page.locator(f"[name={name}]").fill(value)
    await page.get_by_role("button", name=Words(locale, "Asia/Seoul")("settings.save")).first.click()
    await expect(page.get_by_role("status").first).to_be_visible()
