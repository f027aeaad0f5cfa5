"""The demo shop under a real browser: what the snippet tracks, shows and asks for, under a strict content policy."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect
from psycopg.rows import dict_row

from activities.channels.contract import Button, Services
from activities.channels.providers.in_app import Config, InApp
from activities.channels.providers.web_push import Config as PushConfig
from activities.channels.providers.web_push import build
from orchestrator.settings import Settings
from orchestrator.store.channels.providers import choose_provider
from orchestrator.store.database import create_engine, plain_dsn
from tests import waiting
from tests.activities.channels.providers.provider_suite import message_for
from tests.protocol_servers.web_push import PushService
from tests.rfc8291 import encoded

pytestmark = pytest.mark.browser
Rows = Callable[..., Awaitable[list[dict[str, Any]]]]
Open = Callable[..., Awaitable[Page]]
ADD = "담기: 제주 세작 녹차"


@pytest_asyncio.fixture(loop_scope="session")
async def rows(database_url: str) -> AsyncIterator[Rows]:
    """Asks the database; ``until``: as often as it takes for so many rows."""

    async def ask(query: str, *parameters: Any, until: int = 0) -> list[dict[str, Any]]:
        async def found() -> list[dict[str, Any]]:
            async with await psycopg.AsyncConnection.connect(
                plain_dsn(database_url), autocommit=True, row_factory=dict_row
            ) as connection:
                cursor = await connection.execute(query, parameters)
                return await cursor.fetchall() if cursor.description else []

        if not until:
            return await found()

        async def enough() -> list[dict[str, Any]]:
            rows = await found()
            return rows if len(rows) >= until else []

        rows: list[dict[str, Any]] = await waiting.until(enough, f"{until} rows: {query}", pause=0.05)
        return rows

    yield ask


@pytest_asyncio.fixture(loop_scope="session")
async def open_shop(chromium: Browser, address: str) -> AsyncIterator[Open]:
    """Opens the shop in a window of its own; a page that complained fails the test."""
    complaints: list[str] = []

    async def open_one(locale: str = "ko-KR", expected: bool = False, **context: Any) -> Page:
        window = await chromium.new_context(base_url=address, locale=locale, **context)
        page = await window.new_page()
        if not expected:
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        await page.goto("/shop")
        await page.wait_for_function("window.sojourn && !Array.isArray(window.sojourn)")
        return page

    yield open_one
    assert complaints == []


async def visitor_of(page: Page, rows: Rows) -> UUID:
    """The customer behind the page, once its first call is stored."""
    anonymous = await page.evaluate("sojourn.anonymousId()")
    [found] = await rows("select customer_id from identities where value = %s", anonymous, until=1)
    customer: UUID = found["customer_id"]
    return customer


async def leave_message(settings: Settings, rows: Rows, customer: UUID, **changes: Any) -> UUID:
    """An on-site message for a customer, as a journey's step leaves it: in the ledger and on the shop's pages."""
    key, engine = uuid4(), create_engine(settings.database_url)
    provider = InApp(Config(days=7), engine)
    now = datetime.now(UTC) - timedelta(seconds=5)
    await provider.send(message_for(provider, recipient=str(customer), at=now, **changes), key)
    await engine.dispose()
    await rows(
        """insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, channel,
             reason, inputs, content, attempts, created_at, tags)
           values (%s, %s, 'cart', 'nudge', 1, %s, 'advertising', 'sent', 'in_app', '', '{}', '{}', 1, %s, '[]')""",
        key,
        uuid4(),
        customer,
        now,
    )
    return key


async def test_a_visit_becomes_events(open_shop: Open, rows: Rows) -> None:
    page = await open_shop()
    await page.get_by_role("button", name=ADD).click()
    await page.get_by_role("button", name=ADD).click()
    await expect(page.locator("#count")).to_have_text("2")
    await expect(page.locator("#total")).to_contain_text("₩36,000")
    await page.get_by_role("button", name="주문하기").click()
    await expect(page.locator("#nothing")).to_be_visible()
    customer = await visitor_of(page, rows)
    events = await rows(
        "select name, properties, context from events where customer_id = %s order by seq", customer, until=6
    )
    assert [event["name"] for event in events] == [
        "Page Viewed",
        "Product Viewed",
        "Product Added",
        "Product Added",
        "Checkout Started",
        "Order Completed",
    ]
    order = events[-1]["properties"]
    assert (order["revenue"], order["currency"], order["products"][0]["quantity"]) == (36_000, "KRW", 2)
    assert order["cart_id"] == events[2]["properties"]["cart_id"]
    assert events[0]["context"]["page"]["path"] == "/shop"


async def test_signing_up_makes_a_visitor_known_and_signing_out_somebody_else(open_shop: Open, rows: Rows) -> None:
    page = await open_shop(locale="en-GB")
    before = await visitor_of(page, rows)
    await page.get_by_label("First name").fill("Mina")
    await page.get_by_label("E-mail", exact=True).fill("mina@example.com")
    await page.get_by_label("Show me offers by push").check()
    await page.get_by_role("button", name="Sign up").click()
    await expect(page.get_by_text("Hello, Mina.")).to_be_visible()
    [customer] = await rows(
        "select id, consents, locale, attributes from customers where email = 'mina@example.com'", until=1
    )
    assert customer["id"] == before
    assert customer["consents"] == {"email": False, "push": True, "web_push": True, "in_app": True}
    assert customer["attributes"]["first_name"] == "Mina"
    first = await page.evaluate("sojourn.anonymousId()")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_text("You are not signed in.")).to_be_visible()
    assert await page.evaluate("sojourn.anonymousId()") != first


async def test_what_could_not_be_told_is_told_later_and_once(open_shop: Open, rows: Rows) -> None:
    page = await open_shop(expected=True)
    customer = await visitor_of(page, rows)
    refused = asyncio.Event()

    async def refuse(route: Route) -> None:
        await route.abort()
        refused.set()

    await page.route("**/v1/batch", refuse)
    await page.get_by_role("button", name=ADD).click()
    await refused.wait()
    await page.unroute("**/v1/batch")
    await page.reload()  # nothing is lost with the page, and what was sent on leaving is stored once
    await rows("select 1 from events where customer_id = %s and name = 'Page Viewed'", customer, until=2)
    added = await rows("select 1 from events where customer_id = %s and name = 'Product Added'", customer, until=1)
    await waiting.let_pass(0.5, "a second one would have come by now")
    assert (
        len(await rows("select 1 from events where customer_id = %s and name = 'Product Added'", customer))
        == len(added)
        == 1
    )


async def test_a_busy_server_is_left_alone_for_a_while(open_shop: Open, rows: Rows) -> None:
    page = await open_shop(expected=True)
    customer = await visitor_of(page, rows)
    calls: list[float] = []

    async def busy(route: Any) -> None:
        calls.append(asyncio.get_running_loop().time())
        if len(calls) < 3:
            await route.fulfill(status=429, headers={"retry-after": "0.3"}, body="{}")
        else:
            await route.continue_()

    await page.route("**/v1/batch", busy)
    await page.get_by_role("button", name=ADD).click()
    await rows("select 1 from events where customer_id = %s and name = 'Product Added'", customer, until=1)
    assert len(calls) == 3
    assert calls[1] - calls[0] >= 0.29


class TestOnSiteMessages:
    async def test_a_banner_is_shown_closed_and_reported(
        self, open_shop: Open, rows: Rows, console_settings: Settings
    ) -> None:
        page = await open_shop()
        customer = await visitor_of(page, rows)
        words = {"subject": "봄 소식", "body": "<b>세작</b> 10% 할인"}
        key = await leave_message(console_settings, rows, customer, **words)
        await page.evaluate("sojourn.messages()")
        banner = page.get_by_role("region", name="봄 소식")
        await expect(banner).to_be_visible()
        await expect(banner).to_contain_text("<b>세작</b> 10% 할인")  # text, not markup
        await rows("select 1 from events where name = 'Message Seen' and customer_id = %s", customer, until=1)
        await banner.get_by_role("button", name="닫기").click()
        await expect(banner).to_have_count(0)
        [closed] = await rows("select properties from events where name = 'Message Closed'", until=1)
        assert (closed["properties"]["message"], closed["properties"]["channel"]) == (str(key), "in_app")
        await page.reload()
        await page.wait_for_function("window.sojourn && !Array.isArray(window.sojourn)")
        await page.evaluate("sojourn.messages()")
        await waiting.let_pass(0.3, "a message would have been shown by now")
        await expect(page.locator("[data-sojourn-message]")).to_have_count(0)

    async def test_a_modal_is_a_dialog_that_keeps_the_focus_and_gives_it_back(
        self, open_shop: Open, rows: Rows, console_settings: Settings
    ) -> None:
        page = await open_shop(locale="en-GB")
        customer = await visitor_of(page, rows)
        await page.get_by_label("First name").focus()
        await leave_message(
            console_settings,
            rows,
            customer,
            locale="en",
            subject="A gift",
            body="For your next order",
            data={"layout": "modal"},
            buttons=(Button("See it", url="https://shop.example/gift"), Button("Later", url="javascript:alert(1)")),
        )
        await page.evaluate("sojourn.messages()")
        dialog = page.get_by_role("dialog", name="A gift")
        await expect(dialog).to_be_visible()
        await expect(dialog.get_by_role("button", name="Close")).to_be_focused()
        assert await dialog.get_by_role("link").count() == 1  # a link that is code is none
        for _ in range(2):
            await page.keyboard.press("Tab")
        await expect(dialog.get_by_role("button", name="Close")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(page.get_by_label("First name")).to_be_focused()
        await rows("select 1 from events where name = 'Message Closed' and customer_id = %s", customer, until=1)

    async def test_a_click_is_reported_and_leads_there(
        self, open_shop: Open, rows: Rows, console_settings: Settings
    ) -> None:
        page = await open_shop()
        customer = await visitor_of(page, rows)
        key = await leave_message(
            console_settings, rows, customer, subject="", body="보러 가기", link="http://127.0.0.1:9/spring"
        )
        await page.evaluate("sojourn.messages()")
        await page.route("http://127.0.0.1:9/**", lambda route: route.fulfill(body="there"))
        await page.get_by_role("link", name="자세히 보기").click()
        await page.wait_for_url("http://127.0.0.1:9/spring")
        [clicked] = await rows("select properties from events where name = 'Message Clicked'", until=1)
        assert (clicked["properties"]["message"], clicked["properties"]["url"]) == (
            str(key),
            "http://127.0.0.1:9/spring",
        )
        [row] = await rows("select clicked_at, closed_at from in_app_messages where id = %s", key)
        assert row["clicked_at"] == row["closed_at"] is not None

    async def test_of_somebody_else_are_not_shown(
        self, open_shop: Open, rows: Rows, console_settings: Settings
    ) -> None:
        one, other = await open_shop(), await open_shop()
        await leave_message(console_settings, rows, await visitor_of(one, rows))
        await visitor_of(other, rows)
        await other.evaluate("sojourn.messages()")
        await waiting.let_pass(0.3, "a message would have been shown by now")
        await expect(other.locator("[data-sojourn-message]")).to_have_count(0)


class TestWebPush:
    async def test_a_message_that_was_encrypted_is_shown_by_the_service_worker(
        self, open_shop: Open, chromium: Browser, address: str, console_settings: Settings
    ) -> None:
        """Encrypted by the product, decrypted by an implementation of our own, shown by the browser.

        What no test can do is the part in between: the browser's own push service is on the Internet.
        """
        service, engine = PushService(), create_engine(console_settings.database_url)
        await service.start()
        provider = build(
            PushConfig(contact="mailto:push@shop.example"),
            Services(Settings(outgoing_allow=("127.0.0.1",), secret_key=console_settings.secret_key), engine),
        )
        key = uuid4()
        message = message_for(provider, recipient=service.subscribe("browser"), link=f"{address}/shop#cart")
        await provider.send(message, key)
        await provider.close()
        await service.stop()
        await engine.dispose()
        [delivered] = service.delivered

        page = await open_shop(permissions=["notifications"])
        cdp = await page.context.new_cdp_session(page)
        registered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def seen(event: dict[str, Any]) -> None:
            for one in event["registrations"]:
                if one["scopeURL"].startswith(address) and not registered.done():
                    registered.set_result(one["registrationId"])

        cdp.on("ServiceWorker.workerRegistrationUpdated", seen)
        await cdp.send("ServiceWorker.enable")
        await page.evaluate(
            "navigator.serviceWorker.register('/sojourn-sw.js').then(() => navigator.serviceWorker.ready)"
        )
        registration = await asyncio.wait_for(registered, 20)
        await cdp.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": address, "registrationId": registration, "data": delivered.text.decode()},
        )
        shown = await page.evaluate(
            """async () => {
                const worker = await navigator.serviceWorker.ready;
                for (let n = 0; n < 1200; n++) {  // a minute: a guard, and no measure
                    const found = await worker.getNotifications();
                    const told = ({ title, body, tag, lang, data }) => ({ title, body, tag, lang, data });
                    if (found.length) return found.map(told);
                    await new Promise((done) => setTimeout(done, 50));
                }
                return [];
            }"""
        )
        [notification] = shown
        assert (notification["title"], notification["body"]) == (message.subject, message.body)
        assert (notification["tag"], notification["lang"]) == (str(key), "ko")
        assert notification["data"]["url"] == f"{address}/shop#cart"

    async def test_a_browser_that_subscribes_gets_what_is_sent_to_it(
        self, open_shop: Open, rows: Rows, chromium: Browser, address: str, console_settings: Settings
    ) -> None:
        """From the click to the device's row and the message; the push service is ours instead of the browser's."""
        engine, service = create_engine(console_settings.database_url), PushService()
        async with engine.begin() as db:
            await choose_provider(db, "web_push", "web_push")
        await service.start()
        subscription = service.subscribe("browser")
        window = await chromium.new_context(base_url=address, locale="ko-KR", permissions=["notifications"])
        await window.add_init_script(f"""
            PushManager.prototype.getSubscription = async () => null;
            PushManager.prototype.subscribe = async (asked) => {{
                window.askedKey = asked.applicationServerKey;
                return {{ toJSON: () => ({subscription}), options: asked }};
            }};
        """)
        page = await window.new_page()
        await page.goto("/shop")
        await page.wait_for_function("window.sojourn && !Array.isArray(window.sojourn)")
        customer = await visitor_of(page, rows)
        await page.get_by_role("button", name="알림 받기").click()
        await expect(page.locator("#push-said")).to_have_text("알림을 켰습니다.")
        [device] = await rows("select * from devices", until=1)
        assert (device["customer_id"], device["kind"]) == (customer, "web_push")
        settings = Settings(outgoing_allow=("127.0.0.1",), secret_key=console_settings.secret_key)
        provider = build(PushConfig(contact="mailto:push@shop.example"), Services(settings, engine))
        await provider.send(message_for(provider, recipient=device["address"]), uuid4())
        await provider.close()
        await service.stop()
        await engine.dispose()
        [delivered] = service.delivered
        assert delivered.json["lang"] == "ko"
        asked = bytes(await page.evaluate("Array.from(window.askedKey)"))
        assert encoded(asked) == service.subscriptions["browser"].key  # the key that it was signed with

    async def test_a_browser_without_a_push_service_says_so(self, open_shop: Open, rows: Rows) -> None:
        page = await open_shop(expected=True, permissions=["notifications"])
        await visitor_of(page, rows)
        await page.get_by_role("button", name="알림 받기").click()
        await expect(page.locator("#push-said")).not_to_be_empty()
        said = await page.locator("#push-said").inner_text()
        assert "설정되지 않았습니다" in said, json.dumps(said, ensure_ascii=False)
