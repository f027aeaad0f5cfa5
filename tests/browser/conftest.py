"""A browser with a real mouse and keyboard on a console that is served as `sojourn api` serves it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from httpx2 import AsyncClient
from playwright.async_api import Browser, Page, async_playwright

from api.app import create_app
from orchestrator.settings import DEV_ADMIN_TOKEN, Settings
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.workspace import change_settings, prepare_workspace, set_sender
from tests.browser.canvas import Canvas
from tests.chromium import FLAGS, MISSING, find_browser
from tests.serving import served

Open = Callable[..., Awaitable[Canvas]]
OpenPage = Callable[..., Awaitable[Page]]
LOOK = 20_000
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all tests of this folder: the browser process is theirs together, and lives in it."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture
def console_settings(database_url: str, redis_url: str) -> Settings:
    """Settings with the development token: who asks from this machine is signed in."""
    return Settings(database_url=database_url, redis_url=redis_url, temporal_address="127.0.0.1:1")


@pytest_asyncio.fixture(loop_scope="session")
async def address(console_settings: Settings) -> AsyncIterator[str]:
    """Where the console answers."""
    await open_the_workspace(console_settings)
    async with served(create_app(console_settings)) as address:
        yield address


async def open_the_workspace(settings: Settings) -> None:
    """As most shops in Korea have it: with a free number to opt out by."""
    await prepare_workspace(settings)
    engine = create_engine(settings.database_url)
    async with session_factory(engine).begin() as session:
        await set_sender(session, {"opt_out_number": "080-000-0000", "sender_contact": "02-000-0000"})
        await change_settings(session, {"sending": {}})  # what is looked at is neither the hour nor a cap
    await engine.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def http(address: str) -> AsyncIterator[AsyncClient]:
    """The admin API of the same console."""
    headers = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
    async with AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=20) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser_process() -> AsyncIterator[Browser]:
    """A browser of the machine's, for all tests of this folder."""
    program = find_browser()
    if program is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def chromium(browser_process: Browser) -> AsyncIterator[Browser]:
    """The browser without a window; those that a test opens are closed when it ends, with all that they remember."""
    yield browser_process
    for context in browser_process.contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_canvas(chromium: Browser, address: str) -> AsyncIterator[Open]:
    """Opens a journey's canvas in a window of its own: ``await open_canvas("cart-recovery", locale="ko-KR")``.

    A page that complained (an exception, an error on its console) fails the test when it ends.
    """
    opened: list[Canvas] = []

    async def open_one(key: str, locale: str = "en-GB", **context: Any) -> Canvas:
        window: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, **context}
        permitted = await chromium.new_context(base_url=address, locale=locale, **window)
        await permitted.grant_permissions(["clipboard-read", "clipboard-write"])
        canvas = Canvas(await permitted.new_page(), key)
        opened.append(canvas)
        await canvas.open()
        return canvas

    yield open_one
    for canvas in opened:
        assert canvas.complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(chromium: Browser, address: str) -> AsyncIterator[OpenPage]:
    """Opens an address of the console; what the page complained of fails the test when it ends."""
    complaints: list[str] = []

    async def open_one(path: str, locale: str = "en-GB", **context: Any) -> Page:
        window: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, **context}
        page = await (await chromium.new_context(base_url=address, locale=locale, **window)).new_page()
        page.set_default_timeout(LOOK)
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(path)
        return page

    yield open_one
    # A refusal that a test provokes, and pictures at addresses that do not exist, are told of by the browser as well.
    expected = ("ERR_NAME_NOT_RESOLVED", "status of 409", "status of 412")
    assert [one for one in complaints if not any(words in one for words in expected)] == []
