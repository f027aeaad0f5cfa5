"""Pictures for people to look at, of what tests do in a browser."""

import os
from pathlib import Path

from playwright.async_api import Page

from tests.waiting import let_pass


async def shot(page: Page, name: str) -> None:
    """Where somebody asked for pictures: ``TEST_PICTURES=/tmp/pictures make test-long``."""
    if folder := os.environ.get("TEST_PICTURES"):
        await let_pass(0.9, "for the picture, everything has come to rest")
        await page.screenshot(path=Path(folder) / f"{name}.png")
