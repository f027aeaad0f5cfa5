"""A Korean cart journey with an Alimtalk and a coupon, from nothing to the messages, in a browser, in both languages.

The clock is accelerated, as in a demo, so that "one hour" is some seconds.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from orchestrator.core.locale.catalogue import load
from orchestrator.core.text import Locale, Text
from tests.browser.canvas import Canvas
from tests.browser.pictures import shot
from tests.chromium import FLAGS, MISSING, find_browser
from tests.live.conftest import installed
from tests.live.installation import Installation
from tests.live.sender import name_the_sender
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(300)]
DAY = 360.0
"""Real seconds: an hour takes fifteen."""
KEY = "cart-reminder"
TRAITS = {
    "first_name": "하나",
    "phone": "+821012345678",
    "locale": "ko",
    "consents": {"sms": True, "sms:night": True},
}


class Said:
    """The words of the screen in a language, by what they are kept under."""

    def __init__(self, locale: Locale) -> None:
        self.locale: Locale = locale
        self._words = {context: load(locale).of_context(context) for context in ("canvas", "console")}

    def canvas(self, key: str) -> str:
        return self._words["canvas"][key][0]

    def console(self, key: str) -> str:
        return self._words["console"][key][0]

    def field(self, english: str) -> str:
        """A field of a form, by its English name."""
        return Text(english).to(self.locale)


@pytest.fixture
async def shop(tmp_path: Path, database_url: str, redis_url: str) -> AsyncIterator[Installation]:
    async with installed(tmp_path / "data", database_url, redis_url, day_seconds=DAY) as running:
        yield running


@pytest.fixture
async def canvas(shop: Installation, browser_locale: str) -> AsyncIterator[Canvas]:
    program = find_browser()
    if program is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        address = f"http://localhost:{shop.settings.port}"
        size: Any = {"width": 1440, "height": 900}
        window = await browser.new_context(base_url=address, locale=browser_locale, viewport=size)
        canvas = Canvas(await window.new_page(), KEY)
        yield canvas
        assert canvas.complaints == []
        await browser.close()


@pytest.mark.parametrize(("locale", "browser_locale"), [("ko", "ko-KR"), ("en", "en-GB")], ids=["ko", "en"])
async def test_a_cart_journey_with_an_alimtalk_and_a_coupon(
    shop: Installation, canvas: Canvas, locale: Locale, browser_locale: str
) -> None:
    said = Said(locale)
    await shop.call("identify", {"userId": "before", "messageId": "before-who", "traits": TRAITS})
    for user, event in (("before", "Product Added"), ("before", "Order Completed")):
        await shop.track(user, event, f"{user}-{event}", cart_id="c0", order_id="o0", revenue=1)
    await name_the_sender(canvas.page, locale)
    await _make_the_pool(canvas.page, said)
    await _make_the_template(canvas.page, said)
    await _draw(canvas, said)
    await _publish(canvas, said)

    for user in ("buyer", "leaver"):
        await shop.call("identify", {"userId": user, "messageId": f"{user}-who", "traits": TRAITS})
        await shop.track(user, "Product Added", f"{user}-added", cart_id=user)
    await until(lambda: _standing(shop, 2), "both wait")
    await shop.track("buyer", "Order Completed", "ordered", cart_id="buyer", order_id="A-100", revenue=29000)
    await until(lambda: _letters(shop, 2), "both messages are in the outbox")

    rows = await shop.rows(
        "select external_id, channel, content ->> 'body' as body from outbox o join customers c on c.id = o.customer_id"
    )
    letters = {row["external_id"]: row for row in rows}
    assert letters["buyer"]["channel"] == "alimtalk"
    assert "A-100" in letters["buyer"]["body"]
    assert "29,000" in letters["buyer"]["body"]
    assert letters["leaver"]["channel"] == "sms"
    code = await shop.one("select code from coupon_codes where taken_at is not null")
    assert code in letters["leaver"]["body"]
    assert letters["leaver"]["body"].startswith("(광고)")
    await canvas.page.goto("/outbox")
    await expect(canvas.page.locator(".message-card")).to_have_count(2)
    await shot(canvas.page, f"alimtalk-4-outbox-{locale}")


async def _standing(shop: Installation, count: int) -> bool:
    return bool(await shop.one("select count(*) from runs where waiting_until is not null") == count)


async def _letters(shop: Installation, count: int) -> bool:
    return bool(await shop.one("select count(*) from outbox") == count)


async def _make_the_pool(page: Page, said: Said) -> None:
    await page.goto("/coupons/new")
    given = {"name.ko": "장바구니", "name.en": "Cart", "worth.ko": "10% 할인", "worth.en": "10% off", "key": "cart-10"}
    for name, value in {**given, "percent": "10", "low_at": "1"}.items():
        await page.locator(f"[name='{name}']").fill(value)
    await page.get_by_role("button", name=said.console("coupons.save")).click()
    await page.locator("form[action$=generate] [name=number]").fill("20")
    await page.locator("form[action$=generate] button").click()
    await page.wait_for_url("**done=codes_made*")
    await shot(page, f"alimtalk-1-pool-{said.locale}")


async def _make_the_template(page: Page, said: Said) -> None:
    await page.goto("/templates/new")
    await page.locator("[name=name]").fill("Order")
    await page.locator("button[name=ready_made][value=order-confirmation]").click()
    await page.get_by_role("tab", name=said.field("Alimtalk")).click()
    await page.get_by_label("#{주문번호}", exact=True).fill("{{ event.order_id }}")
    await page.get_by_label("#{금액}", exact=True).fill("{{ event.revenue | won }}")
    await expect(page.locator(".te-phone .bubble")).to_contain_text("[order_id]")
    await page.locator('[data-save="saved"]').wait_for()
    await page.get_by_role("button", name=said.canvas("tpl.use")).click()
    await page.locator(".te-badge[data-tone=live]").wait_for()
    await shot(page, f"alimtalk-2-template-{said.locale}")


async def _draw(canvas: Canvas, said: Said) -> None:
    """Entry, a wait for the order: with it an Alimtalk, without it a coupon and a text message that tells its code."""
    page = canvas.page
    await page.goto("/journeys/new")
    await page.get_by_label(said.console("new.name"), exact=True).fill("Cart reminder")
    await page.get_by_role("button", name=said.console("new.begin_blank")).click()
    await canvas.node("entry").wait_for()
    panel, event = page.locator(".side-panel"), said.field("Event")
    await canvas.node("entry").click()
    await _choose(panel.get_by_role("combobox", name=event, exact=True), "Product Added")
    await page.get_by_role("button", name=said.canvas("board.add_first")).click()
    await canvas.pick("wait_for_event")
    await canvas.node("wait-for-event").click()
    await _choose(panel.get_by_role("combobox", name=event, exact=True), "Order Completed")
    await panel.get_by_label(said.field("For at most"), exact=True).fill("3")
    await (
        panel.locator("select")
        .filter(has=page.locator("option[value=hours], option[value=h]"))
        .first.select_option(index=1)
    )

    await canvas.plus_after("wait-for-event", "happened").click()
    await canvas.pick("message")
    await canvas.node("message").click()
    await panel.get_by_label(said.field("Channel"), exact=True).select_option("alimtalk")
    await panel.get_by_text(said.field("Informational"), exact=True).click()
    await panel.get_by_role("combobox", name=said.field("Template")).click()
    await page.get_by_role("option", name="Order").click()
    await canvas.plus_after("message", "next").click()
    await canvas.pick("exit")

    await canvas.plus_after("wait-for-event", "timeout").click()
    await canvas.pick("coupon")
    await canvas.node("coupon").click()
    await panel.get_by_role("combobox", name=said.field("Coupon pool")).click()
    await page.locator("[role=listbox] [role=option]").first.click()
    await canvas.plus_after("coupon", "next").click()
    await canvas.pick("message")
    await canvas.node("message-2").click()
    await panel.get_by_label(said.field("Channel"), exact=True).select_option("sms")
    for language in await panel.get_by_role("tab").all():
        await language.click()
        text = panel.locator("[role=textbox][aria-multiline=true]").first
        await text.fill("장바구니 10% 쿠폰: {{ var.coupon.code }}")
    await canvas.plus_after("message-2", "next").click()
    await canvas.pick("exit")
    await canvas.plus_after("coupon", "empty").click()
    await canvas.pick("exit")
    await canvas.saved()
    await shot(page, f"alimtalk-3-drawn-{said.locale}")


async def _publish(canvas: Canvas, said: Said) -> None:
    page = canvas.page
    await page.get_by_role("button", name=said.canvas("publish.publish"), exact=True).click()
    hold = page.get_by_role("button", name=said.canvas("publish.hold"))
    # The ready-made text links to an address that stands for the shop's own, and the checks say so.
    await page.get_by_role("checkbox").last.check()
    await shot(page, f"alimtalk-3-publish-{said.locale}")
    await hold.scroll_into_view_if_needed()
    await page.mouse.move(*await canvas.middle_of(hold))
    await page.mouse.down()
    await page.get_by_text(said.canvas("publish.done").format(version=1)).wait_for()
    await page.mouse.up()


async def _choose(field: Locator, value: str) -> None:
    await field.fill(value)
    await field.press("Escape")
    await expect(field).to_have_value(value)
