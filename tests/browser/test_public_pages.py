"""The pages behind links in messages, in a browser: accessible, readable on a telephone, usable without scripts."""

from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from playwright.async_api import Browser, Page

from orchestrator.links import Links
from orchestrator.settings import Settings
from orchestrator.store.database import plain_dsn
from tests.legible import serious

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def links(console_settings: Settings, address: str) -> Links:
    return Links(console_settings.secret_key.get_secret_value(), address)


@pytest.fixture
async def customer(console_settings: Settings, address: str) -> tuple[str, str]:
    """A customer and an advertisement that they got."""
    customer, send = uuid4(), uuid4()
    async with await psycopg.AsyncConnection.connect(
        plain_dsn(console_settings.database_url), autocommit=True
    ) as connection:
        await connection.execute(
            "insert into workspace (id, time_zone, locale, settings) values (1, 'Asia/Seoul', 'ko',"
            """ '{"sender_name": "달빛상점", "sender_contact": "02-123-4567"}') on conflict (id) do update"""
            " set settings = excluded.settings"
        )
        await connection.execute(
            "insert into customers (id, email, phone, consents, consented_at, created_at, updated_at) values (%s,"
            """ 'kim@example.com', '+821012345678', '{"email": true, "sms": true}',"""
            """ '{"email": "2026-01-05T00:00:00+00:00"}', now(), now())""",
            [customer],
        )
        await connection.execute(
            "insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason,"
            " attempts, channel, content, created_at) values (%s, %s, 'cart', 'mail', 1, %s, 'advertising', 'sent', '',"
            """ 1, 'email', '{"to": "kim@example.com", "links": ["https://shop.example/"]}', now())""",
            [send, uuid4(), customer],
        )
    return str(customer), str(send)


async def opened(browser: Browser, url: str, scheme: str, locale: str, **more: object) -> Page:
    context = await browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=locale,
        bypass_csp=True,
        **more,  # type: ignore[arg-type]
    )
    page = await context.new_page()
    await page.goto(url)
    return page


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("scheme", "locale"), [("light", "ko-KR"), ("dark", "en-GB")])
async def test_axe_finds_nothing_serious_on_the_pages_for_customers(
    chromium: Browser, links: Links, customer: tuple[str, str], tmp_path: Path, scheme: str, locale: str
) -> None:
    owner, send = (UUID(one) for one in customer)
    found: dict[str, object] = {}
    places = {
        "unsubscribe": links.unsubscribe(send, "email"),
        "preferences": links.preferences(owner),
        "nowhere": links.public_url + "/u/nonsense",
    }

    async def look(name: str, page: Page) -> None:
        if wrong := await serious(page):
            found[name] = wrong
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{name} does not fit on a telephone"
        await page.screenshot(path=tmp_path / f"{name}-{scheme}.png", full_page=True)

    for name, url in places.items():
        page = await opened(chromium, url, scheme, locale)
        await look(name, page)
        if name == "unsubscribe":
            await page.locator("button.main").click()
            await page.locator("[role=status]").wait_for()
            await look("unsubscribed", page)
        if name == "preferences":
            await page.locator("button.main").click()
            await page.locator("p.done").wait_for()
            await look("saved", page)
    assert found == {}


@pytest.mark.timeout(120)
async def test_opting_out_and_back_needs_no_script(chromium: Browser, links: Links, customer: tuple[str, str]) -> None:
    url = links.unsubscribe(UUID(customer[1]), "email")
    page = await opened(chromium, url, "light", "ko-KR", java_script_enabled=False)
    await page.get_by_role("button", name="수신거부").click()
    assert "수신거부가 완료되었습니다" in await page.inner_text("h1")
    await page.get_by_role("button", name="수신거부 취소").click()
    assert "다시 수신합니다" in await page.inner_text("h1")
    await page.get_by_role("link", name="수신 설정 전체 보기").click()
    assert await page.get_by_role("checkbox", name="이메일").is_checked()
    await page.get_by_role("link", name="English").click()
    assert "What you want to receive" in await page.inner_text("h1")
    await page.get_by_role("button", name="No advertising at all").click()
    assert not await page.get_by_role("checkbox", name="E-mail").is_checked()
