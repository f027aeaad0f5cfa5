"""Trouble, operations, pauses and the audit log in a browser: readable, no wider than the window, in both languages."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Literal
from uuid import uuid4

import pytest
from playwright.async_api import Page, async_playwright
from sqlalchemy import text

from api.app import create_app
from orchestrator.core.run.pause_reasons import BREAKER
from orchestrator.core.run.trouble import DEFINITION
from orchestrator.settings import Settings
from orchestrator.store.audit.chain import SYSTEM, By
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.operations.choice import Choice, freeze
from orchestrator.store.operations.pauses import Fault, pause
from orchestrator.store.operations.progress import NewOperation, add_operation, list_items, note_item, set_total
from tests.browser.pictures import shot
from tests.chromium import FLAGS, MISSING, find_browser
from tests.examples import some
from tests.legible import serious
from tests.serving import served
from tests.web import shop
from tests.web.test_operations_pages import _MORE, REAL

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
OPERATION = uuid4()
NEW = "/operations/new?act=skip&journey=cart-recovery&step=remind&cause=Temporary"
PAGES = {
    "trouble": "/trouble",
    "new": NEW,
    "end": NEW.replace("skip", "end"),
    "operations": "/operations",
    "operation": f"/operations/{OPERATION}",
    "pauses": "/pauses",
    "audit": "/audit",
    "end-of-journey": "/journeys/cart-recovery/end",
    "resume": "/pauses/resume?what=everything",
    "resume-step": "/pauses/resume?what=step:lifecycle/welcome",
    "figures": "/journeys/lifecycle/figures",
    "workspace": "/settings/workspace",
    "overview": "/",
}
Scheme = Literal["light", "dark"]
LOOKS: list[tuple[str, Scheme, int]] = [
    ("ko", "light", 1280),
    ("en", "light", 1280),
    ("en", "dark", 390),
    ("ko", "dark", 390),
]


async def fill(database_url: str) -> None:
    """The shop with 12 runs in trouble, and an operation that is half-way through them."""
    engine = create_engine(database_url)
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(REAL)
        for n in range(12):
            await db.execute(_MORE, {"id": uuid4(), "like": shop.CART_RUN, "at": shop.NOW - timedelta(hours=n + 1)})
        await db.execute(text("update runs set problem = 'welcome:DefinitionError' where id = :id"), {"id": shop.RUN})
        new = NewOperation(OPERATION, "retry", {"journey": "cart-recovery"}, "발송사 복구됨", 20, "Mina")
        await add_operation(db, new)
        total = await freeze(db, OPERATION, "retry", Choice("cart-recovery"))
        await set_total(db, OPERATION, total)
    became = (("done", "freed"), ("failed", "gone"), ("passed", "well"), ("asked", "asked"), ("done", "freed"))
    for item, (status, outcome) in zip(await list_items(engine, OPERATION), became, strict=False):
        await note_item(engine, OPERATION, item.id, status, outcome, None)
    async with session_factory(engine)() as session, session.begin():
        await pause(session, "everything", By("Mina", "session"), "가격 오류")
        await pause(session, "channel:sms", By("Mina", "session"))
        gone = Fault(DEFINITION, {"code": "template_not_in_use", "template": "hello"})
        await pause(session, "step:lifecycle/welcome", SYSTEM, fault=gone)
        bounced = {"code": "bounces", "rate": "7.2%", "bound": "5%", "many": 36, "sent": 500}
        await pause(session, "journey:cart-recovery", SYSTEM, fault=Fault(BREAKER, bounced))
    async with engine.begin() as db:
        parked = "update runs set parked_at = now(), parked_for = 'everything' where problem is not null"
        await db.execute(text(parked))
        at_step = "update runs set parked_for = 'step:lifecycle/welcome' where problem like 'welcome:%'"
        await db.execute(text(at_step))
    await engine.dispose()


@pytest.fixture
async def console(console_settings: Settings) -> AsyncIterator[str]:
    """Where the console answers."""
    await fill(console_settings.database_url)
    async with served(create_app(console_settings)) as address:
        yield address


async def fits(page: Page) -> bool:
    """Whether the page is no wider than its window."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("locale", "scheme", "width"), some(LOOKS, 4))
async def test_the_pages_read_well(console: str, locale: str, scheme: Scheme, width: int) -> None:
    program = find_browser()
    if program is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        window = await browser.new_context(
            base_url=console,
            locale={"ko": "ko-KR", "en": "en-GB"}[locale],
            color_scheme=scheme,
            viewport={"width": width, "height": 800},
            bypass_csp=True,
        )
        page = await window.new_page()
        wrong: dict[str, object] = {}
        for name, path in PAGES.items():
            answer = await page.goto(path)
            assert answer is not None, path
            assert answer.ok, path
            if found := await serious(page):
                wrong[name] = found
            if not await fits(page):
                wrong[f"{name} is wider than the window"] = width
            await shot(page, f"{name}-{locale}-{scheme}-{width}")
        await browser.close()
    assert wrong == {}
