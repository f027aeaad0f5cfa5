"""What became of messages, on the live canvas: on the card, in the panel, by keyboard, in both languages."""

from typing import Any
from uuid import UUID, uuid5

import psycopg
import pytest
from httpx2 import AsyncClient

from orchestrator.settings import Settings
from orchestrator.store.database import plain_dsn
from tests.browser.conftest import Open
from tests.browser.journeys import new_journey, straight
from tests.examples import some
from tests.legible import serious

pytestmark = pytest.mark.browser
_SENT = """
insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, attempts,
    channel, created_at, sent_at, opened_at)
values (%s, %s, %s, 'message', 1, %s, 'informational', 'sent', '', 1,
    'email', now(), now(), case when %s then now() end)
"""


async def watched(http: AsyncClient, settings: Settings, *kinds: str) -> str:
    """A live journey whose message went out to four, of whom one opened it."""
    document = straight(*kinds)
    if "experiment" in kinds:
        to = document["edges"][1]["to"]
        document["edges"][1:2] = [{"from": "experiment", "port": port, "to": to} for port in "ab"]
    key = await new_journey(http, document=document)
    assert (await http.post(f"/api/journeys/{key}/publish", json={"override": True})).status_code == 200
    async with await psycopg.AsyncConnection.connect(plain_dsn(settings.database_url)) as db:
        for n in range(4):
            ids = [uuid5(UUID(int=7), f"{key} {what} {n}") for what in ("send", "run", "customer")]
            await db.execute(_SENT, (ids[0], ids[1], key, ids[2], n == 0))
    return key


async def performance_of(page: Any, live: str, performance: str) -> None:
    await page.get_by_role("button", name=live, exact=True).click()
    await page.get_by_role("button", name=performance, exact=True).click()


async def test_a_card_tells_what_became_of_its_message(
    http: AsyncClient, open_canvas: Open, console_settings: Settings
) -> None:
    key = await watched(http, console_settings, "delay", "message", "exit")
    canvas = await open_canvas(key)
    page = canvas.page
    await performance_of(page, "Live", "Performance")
    card = canvas.node("message").locator(".r-card")
    await card.wait_for()
    told = await card.get_attribute("title") or ""
    assert "Sent: 4 customers" in told
    assert "Opened: 1 of 4 reached (25%)" in told
    assert "Converted: No goal in this journey" in told
    assert "0.0%" not in await card.inner_text()
    await card.click()
    panel = page.locator("[data-panel=results]")
    await panel.get_by_text("1 of 4 reached").wait_for()
    assert await panel.get_by_text("Not reported by the provider").count() == 1
    # A step that sends nothing still tells who is there.
    assert "Entered" in await canvas.node("delay").inner_text()
    assert canvas.complaints == []


async def test_the_period_is_chosen_and_kept_by_keyboard(
    http: AsyncClient, open_canvas: Open, console_settings: Settings
) -> None:
    key = await watched(http, console_settings, "message", "goal", "exit")
    canvas = await open_canvas(key)
    page = canvas.page
    await performance_of(page, "Live", "Performance")
    await page.locator(".r-choice").get_by_role("button", name="30 days").focus()
    await page.keyboard.press("Enter")
    await page.locator(".r-choice [aria-pressed=true]", has_text="30 days").wait_for()
    await canvas.node("message").locator(".r-card").focus()
    await page.keyboard.press("Enter")
    await page.locator("[data-panel=results] table").wait_for()
    assert "0 of 4 sent" in await page.locator("[data-panel=results]").inner_text()
    await page.reload()
    await page.get_by_role("button", name="Live", exact=True).click()
    await page.locator(".r-choice [aria-pressed=true]", has_text="30 days").wait_for()


@pytest.mark.parametrize("scheme", some(["light", "dark"], 2))
async def test_axe_finds_nothing_serious_in_performance(
    http: AsyncClient, open_canvas: Open, console_settings: Settings, scheme: str
) -> None:
    key = await watched(http, console_settings, "experiment", "message", "exit")
    canvas = await open_canvas(key, color_scheme=scheme, locale="ko-KR", bypass_csp=True)
    page = canvas.page
    await performance_of(page, "실시간", "메시지 성과")
    await canvas.node("message").locator(".r-card").wait_for()
    await page.get_by_role("button", name="자세히").click()
    await page.locator("[data-panel=results] details").click()
    assert await serious(page) == []
