"""The console in a real browser: it reads well, keeps up to date without a jump, and fits narrow windows."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
import uvicorn
from httpx2 import AsyncClient, TransportError
from playwright.async_api import Browser, Page, async_playwright, expect

from api.app import create_app
from orchestrator.settings import Settings
from orchestrator.stack.ports import free_port
from orchestrator.store.database import plain_dsn
from tests.web.shop import JIWOO, LETTER

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = (
    "/",
    "/journeys/lifecycle/figures",
    "/runs",
    "/customers",
    f"/customers/{JIWOO}",
    "/outbox",
    f"/outbox/{LETTER}",
    "/entries",
)
CONTRAST = """
() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (css) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, under) => top.slice(0, 3).map((v, i) => (v * top[3] + under[i] * (255 - top[3])) / 255);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const weak = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest(".hidden, option, defs")) continue;
    const under = ground(node);
    const [a, b] = [light(over(rgba(getComputedStyle(node).color), under)), light(under)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const text = walker.currentNode.data.trim();
    if (ratio < 4.5) weak.add(`${node.tagName}.${node.className}: ${text} ${ratio.toFixed(2)}`);
  }
  return [...weak];
}
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("filled"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]


@pytest.fixture
async def address(console_settings: Settings) -> AsyncIterator[str]:
    """The console, served as `sojourn api` serves it."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(console_settings), port=port, log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    async with AsyncClient(base_url=f"http://localhost:{port}") as client:
        await answering(client)
    yield f"http://localhost:{port}"
    server.should_exit = True
    await asyncio.to_thread(thread.join, 20)


async def answering(client: AsyncClient) -> None:
    for _ in range(400):
        try:
            await client.get("/healthz")
        except TransportError:
            await asyncio.sleep(0.05)
        else:
            return
    raise TimeoutError


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


async def opened(chromium: Browser, address: str, **context: Any) -> tuple[Page, list[str]]:
    """A page, and the list that its complaints go to."""
    page = await (await chromium.new_context(base_url=address, locale="ko-KR", **context)).new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page, complaints


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_are_legible_and_quiet(chromium: Browser, address: str, scheme: str) -> None:
    page, complaints = await opened(chromium, address, viewport={"width": 1280, "height": 800}, color_scheme=scheme)
    for path in PAGES:
        await page.goto(path)
        assert await page.evaluate(CONTRAST) == [], path
    # A message's own picture must not load, and trying says so; nothing else complains.
    assert [said for said in complaints if "tracker.example" not in said and "frame is sandboxed" not in said] == []


@pytest.mark.parametrize("width", [1280, 390])
async def test_no_page_is_wider_than_its_window(chromium: Browser, address: str, width: int) -> None:
    page, _ = await opened(chromium, address, viewport={"width": width, "height": 800})
    for path in PAGES:
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, path


async def test_hangul_is_set_in_the_font_that_comes_along(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address)
    fonts: list[str] = []
    page.on("requestfinished", lambda request: fonts.append(request.url) if ".woff2" in request.url else None)
    await page.goto("/customers")
    await page.evaluate("document.fonts.ready")
    assert await page.evaluate("""document.fonts.check('13px "Pretendard Variable"', '고객')""")
    assert 0 < len(fonts) < 30, "only the slices that the page needs"


async def test_counts_change_by_themselves(chromium: Browser, address: str, console_settings: Settings) -> None:
    page, _ = await opened(chromium, address)
    await page.goto("/journeys/lifecycle/figures")
    here = page.locator('[data-live="here-first-order-soon"] b')
    await expect(here).to_have_text("1")
    with psycopg.connect(plain_dsn(console_settings.database_url)) as connection:
        connection.execute("update runs set step = 'nudge' where journey_key = 'lifecycle'")
    await expect(page.locator('[data-live="here-nudge"] b')).to_have_text("1", timeout=20_000)
    await expect(here).to_have_text("0")


async def test_the_clock_ticks_and_the_language_can_be_changed(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address)
    await page.goto("/runs")
    before = await page.locator("[data-clock]").inner_text()
    await expect(page.locator("[data-clock]")).not_to_have_text(before)
    await page.get_by_role("button", name="English").click()
    await page.get_by_role("heading", name="Runs").wait_for()
    assert page.url.endswith("/runs")


async def test_a_steps_edges_light_up(chromium: Browser, address: str) -> None:
    page, _ = await opened(chromium, address)
    await page.goto("/journeys/lifecycle/figures")
    await page.locator("#step-nudge h4").hover()
    assert await page.locator(".line.lit").count() == 2
