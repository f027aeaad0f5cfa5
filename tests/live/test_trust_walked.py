"""What a customer said holds, and what is stuck is freed: walked in a browser, on real processes, in both languages."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from playwright.async_api import Page, async_playwright, expect

from api.pages.words import Words
from orchestrator.stack.ports import reserve_port
from tests.browser.pictures import shot
from tests.chromium import FLAGS, MISSING, find_browser
from tests.live.installation import Installation
from tests.live.sender import name_the_sender
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(300)]
SHOWN = 60_000
"""Milliseconds for something to go through all processes and to be seen, on a machine that is busy."""
LINK = re.compile(r"http://localhost:\d+/u/[\w.-]+")
LANGUAGES = [("ko", "ko-KR"), ("en", "en-GB")]
languages = pytest.mark.parametrize(("locale", "browser_locale"), LANGUAGES, ids=[locale for locale, _ in LANGUAGES])


@pytest.fixture
async def page(installation: Installation, browser_locale: str) -> AsyncIterator[Page]:
    """A window on the console; what it complains of fails the test."""
    program = find_browser()
    if program is None:
        pytest.skip(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        window = await browser.new_context(
            base_url=f"http://localhost:{installation.settings.port}",
            locale=browser_locale,
            viewport={"width": 1440, "height": 900},
        )
        page = await window.new_page()
        page.set_default_timeout(SHOWN)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        assert complaints == []
        await browser.close()


def journey(key: str, **message: Any) -> dict[str, Any]:
    """An e-mail to whoever visits, each time."""
    content = {
        "ko": {"subject": "새 소식", "body": "봄 상품이 왔습니다."},
        "en": {"subject": "News", "body": "Spring is here."},
    }
    settings = {"channel": "email", "content": content, **message}
    return {
        "key": key,
        "name": {"ko": "소식", "en": "News"},
        "entry": {"triggers": [{"kind": "event", "event": "Visited"}]},
        "reentry": {"mode": "after_end"},
        "steps": [
            {"id": "news", "kind": "message", "stage": "retention", "settings": settings},
            {"id": "end", "kind": "exit", "stage": "retention", "settings": {"reason": "completed"}},
        ],
        "edges": [{"from": "entry", "to": "news"}, {"from": "news", "to": "end"}],
    }


async def customer_of(installation: Installation, user: str) -> str:
    return str(await installation.one("select id from customers where external_id = %s", [user]))


async def _settled(installation: Installation) -> bool:
    return bool(await installation.one("select count(*) from sends where status not in ('claimed', 'sending')"))


async def _bodies(installation: Installation) -> list[str]:
    rows = await installation.rows("select content ->> 'body' as body from outbox order by at")
    return [row["body"] for row in rows]


@languages
async def test_an_opt_out_outlives_a_repeated_import(
    installation: Installation, page: Page, locale: str, browser_locale: str
) -> None:
    t = Words(locale, "Asia/Seoul")
    await name_the_sender(page, locale)
    await installation.publish(journey("news", **{"class": "advertising"}))
    known = {
        "userId": "hana",
        "traits": {"email": "hana@example.com", "locale": locale, "consents": {"email": True}},
    }
    assert (await installation.call("identify", {**known, "messageId": "who-1"})).status_code == 200
    await installation.track("hana", "Visited", "visit-1")
    await until(lambda: _settled(installation), "the advertisement is settled")

    rows = await installation.rows("select status, reason from sends")
    assert rows == [{"status": "sent", "reason": ""}]
    await page.goto("/outbox")
    await expect(page.locator(".message-card")).to_have_count(1)
    await shot(page, f"opt-out-1-outbox-{locale}")
    [body] = await _bodies(installation)
    link = LINK.search(body)
    assert link is not None, body
    await page.goto(link[0])
    await page.get_by_role("button", name=t("public.unsubscribe")).click()
    await expect(page.get_by_role("heading", name=t("public.out"))).to_be_visible()
    await shot(page, f"opt-out-2-said-{locale}")

    customer = await customer_of(installation, "hana")
    await page.goto(f"/customers/{customer}")
    consents = page.locator(".consents")
    await expect(consents.locator(".no", has_text=t("consent.no")).first).to_be_visible()
    assert (await installation.call("identify", {**known, "messageId": "who-2"})).status_code == 200
    await until(lambda: _log_length(installation, customer, 3), "the repetition is in the log")
    await page.reload()
    await page.get_by_text(t("consents.log")).click()
    await expect(page.locator(".consent-log li").filter(has_text=t("consents.only_recorded"))).to_have_count(1)
    await expect(consents.locator(".yes", has_text=t("consent.yes"))).to_have_count(0)

    await shot(page, f"opt-out-3-repeated-{locale}")

    await installation.track("hana", "Visited", "visit-2")
    await page.goto(f"/customers/{customer}/messages")
    await expect(page.locator(".decisions .badge.skipped")).to_have_count(1, timeout=SHOWN)
    await page.locator(".decisions summary").first.click()
    await shot(page, f"opt-out-4-not-sent-{locale}")
    assert len(await _bodies(installation)) == 1


async def _log_length(installation: Installation, customer: str, wanted: int) -> bool:
    count = await installation.one("select count(*) from consent_log where customer_id = %s", [customer])
    return int(count) >= wanted


async def _send_by_smtp(page: Page, t: Words, port: int) -> None:
    await page.goto("/channels/smtp")
    await page.locator("[name=host]").fill("127.0.0.1")
    await page.locator("[name=sender]").fill("shop@example.com")
    await page.get_by_text(t("channels.advanced")).click()
    await page.locator("[name=port]").fill(str(port))
    await page.locator("[name=starttls]").uncheck()
    await page.get_by_role("button", name=t("settings.save")).click()
    await expect(page.get_by_role("status").first).to_be_visible()
    await page.goto("/channels")
    carrier = page.locator("form:has(input[name=channel][value=email]) select")
    await carrier.select_option("smtp")
    await page.wait_for_url("**/channels?*")
    await expect(carrier).to_have_value("smtp")


class _Letters:
    """An SMTP server that keeps what it is given."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.kept.append(envelope.content)
        return "250 OK"


@languages
async def test_runs_that_are_stuck_are_seen_and_freed(
    installation: Installation, page: Page, locale: str, browser_locale: str
) -> None:
    t = Words(locale, "Asia/Seoul")
    port = reserve_port()
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await _send_by_smtp(page, t, port)
    await until(lambda: "another provider" in installation.log("worker"), "the worker has noticed")
    await installation.publish(journey("news", **{"class": "informational"}))
    for user in ("again", "skipped", "ended"):
        traits = {"email": f"{user}@example.com", "locale": locale}
        await installation.call("identify", {"userId": user, "messageId": f"{user}-who", "traits": traits})
        await installation.track(user, "Visited", f"{user}-visit")

    def row(user: str) -> Any:
        return page.locator("tbody tr").filter(has_text=f"{user}")

    async def problems() -> bool:
        await page.goto("/runs?status=problem")
        return await page.locator(".badge.trouble").count() == 3

    await until(problems, "three runs show that they are stuck", seconds=90)
    await shot(page, f"stuck-1-seen-{locale}")
    await row("skipped").get_by_role("button", name=t("runs.skip")).click()
    await page.goto("/runs?status=problem")
    await row("ended").get_by_role("button", name=t("runs.end")).click()

    letters = _Letters()
    server = Controller(letters, hostname="127.0.0.1", port=port)
    server.start()
    try:
        await page.goto("/runs?status=problem")
        await row("again").get_by_role("button", name=t("runs.retry")).click()

        async def free() -> bool:
            left = await installation.one("select count(*) from runs where status <> 'finished'")
            return int(left) == 0

        await until(free, "all three runs are over", seconds=90)
    finally:
        await asyncio.to_thread(server.stop)
    assert [b"again@example.com" in letter for letter in letters.kept] == [True]
    await page.goto("/runs")
    await expect(page.locator(".badge.trouble")).to_have_count(0)
    await shot(page, f"stuck-2-freed-{locale}")
