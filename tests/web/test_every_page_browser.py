"""Every page that there is in a real browser, over a workspace in which everything has happened: legible, quiet, and no
wider than its window, on a desk and on a phone.

The pages are those of :mod:`tests.reading.addresses`. The canvas and the template editor have tests of their own
(:mod:`tests.browser`), for they change with what is opened in them.
"""

import re
from typing import Literal

import pytest
from playwright.async_api import Page, ViewportSize, async_playwright

from api.app import create_app
from orchestrator.settings import Settings
from tests.chromium import FLAGS, MISSING, find_browser
from tests.examples import LONG, some
from tests.legible import faint, serious, too_wide
from tests.reading.addresses import addresses
from tests.serving import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.usefixtures("everything"),
    pytest.mark.skipif(find_browser() is None, reason=MISSING),
]
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
KNOWN = ("tracker.example", "frame is sandboxed", "status of 404", "status of 400")
"""A message's own picture must not load, and its script must not run: trying says so, as it should. Of an address that
leads nowhere, or asks for what cannot be, the page is what is looked at."""
DRAWN = re.compile(r"/(journeys|templates)/zq-[^/?]*")
"""Drawn by scripts, with tests of their own."""


async def faults(page: Page, path: str, axe: bool) -> list[object]:
    """What is wrong with one page, in both sizes; ``axe``: by the rules of that as well, which take longest."""
    await page.set_viewport_size(DESK)
    answer = await page.goto(path)
    assert answer is not None
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return []
    found: list[object] = [*(await serious(page) if axe else []), *await faint(page)]
    if answer.status >= 500:
        found.append("a server error")
    for size in (DESK, PHONE):
        await page.set_viewport_size(size)
        found += [f"wider than {size['width']}: {one}" for one in await too_wide(page)]
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("scheme", "language"), some([("dark", "ko-KR"), ("light", "en-GB")], 2))
async def test_every_page_is_legible_quiet_and_fits(
    console_settings: Settings, scheme: Literal["dark", "light"], language: str
) -> None:
    app = create_app(console_settings)
    async with served(app) as address, async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        context = await chromium.new_context(base_url=address, locale=language, color_scheme=scheme, bypass_csp=True)
        page = await context.new_page()
        said: list[str] = []
        page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        wrong: dict[str, object] = {}
        paths = [one for one in addresses(app) if not DRAWN.fullmatch(one)]
        assert len(paths) > 60
        for n, path in enumerate(some(paths, 4)):
            said.clear()
            found = await faults(page, path, axe=LONG or n % 2 == 0)
            loud = [one for one in said if not any(known in one for known in KNOWN)]
            if found or loud:
                wrong[path] = found + loud
        await chromium.close()
    assert not wrong, "\n".join(f"{path}: {found}" for path, found in wrong.items())
