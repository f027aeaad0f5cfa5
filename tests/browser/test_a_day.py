"""A marketer's day, played: from nothing to a published journey, and how many clicks that takes."""

from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Locator, Page, TimeoutError, expect

from orchestrator.settings import DEV_WRITE_KEY, Settings
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.workspace import set_sender
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

FEW = 25
"""Clicks, drags and choices in a list that a cart reminder of five steps may take. Typing is none."""


class Hand:
    """One person at a page. What they do with the mouse counts; what they type does not."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    async def click(self, what: Locator) -> None:
        self.clicks += 1
        await what.click()

    async def choose(self, field: str, option: str) -> None:
        self.clicks += 1
        await self.page.get_by_label(field, exact=True).select_option(label=option)

    async def drag(self, what: Locator, to: Locator) -> None:
        self.clicks += 1
        await what.drag_to(to)

    async def hold(self, what: Locator) -> None:
        self.clicks += 1
        try:
            await what.hover(timeout=60_000)
        except TimeoutError:
            raise AssertionError(await self.page.locator("body").inner_text()) from None  # what it says instead
        await self.page.mouse.down()

    async def add(self, kind: str, after: str, port: str = "next") -> None:
        """A step behind a way out of another, by its “+”."""
        await self.click(self.page.locator(f'[data-step="{after}"] .stub[data-port="{port}"] .plus'))
        await self.click(self.page.locator(f'.picker [data-kind="{kind}"]'))

    async def write(self, words: dict[str, str]) -> None:
        """Over what a new message says, in the panel of its step."""
        for field, said in words.items():
            await self.click(self.page.get_by_role("textbox", name=field, exact=True))
            await self.page.keyboard.press("Control+a")
            await self.page.keyboard.type(said)


async def a_shop_that_sells(http: AsyncClient, settings: Settings) -> None:
    """It says who it is; and has a customer who may be written to, with what they did."""
    engine = create_engine(settings.database_url)
    async with session_factory(engine).begin() as session:
        await set_sender(session, {"sender_name": "오늘찻집"})
    await engine.dispose()
    traits = {"email": "jiwoo@example.com", "locale": "ko", "consents": {"email": True}}
    sent: list[tuple[str, dict[str, Any]]] = [("identify", {"traits": traits})]
    sent += [("track", {"event": event}) for event in ("Product Added", "Order Completed")]
    async with AsyncClient(base_url=http.base_url, auth=(DEV_WRITE_KEY, ""), trust_env=False, timeout=60) as shop:
        for call, body in sent:
            assert (await shop.post(f"/v1/{call}", json={"userId": "u-1", **body})).status_code == 200


async def test_a_korean_cart_reminder_of_five_steps_goes_live_in_few_clicks(
    http: AsyncClient, open_page: OpenPage, console_settings: Settings
) -> None:
    await a_shop_that_sells(http, console_settings)
    page = await open_page("/", locale="ko-KR", viewport={"width": 1280, "height": 800})
    hand = Hand(page)
    await hand.click(page.locator('nav a[href="/journeys"]').first)
    await hand.click(page.get_by_role("link", name="여정 만들기").or_(page.get_by_role("link", name="새 여정")).first)
    await page.get_by_label("이름", exact=True).fill("봄 장바구니")
    await hand.click(page.get_by_role("button", name="처음부터 그리기"))

    event = page.get_by_role("combobox", name="이벤트")
    await expect(event).to_be_focused()  # who enters is asked first
    await page.keyboard.type("Product Added")
    await hand.click(page.get_by_role("button", name="첫 단계 추가"))
    await hand.click(page.locator('.picker [data-kind="delay"]'))
    await hand.choose("생애주기 단계", "유지/확장")
    await hand.choose("대기 시간 단위", "시간")

    await hand.add("message", after="delay")
    await hand.write({"제목": "담아 두신 상품이 기다리고 있어요", "본문": "장바구니를 확인해 보세요."})
    await hand.add("wait_for_event", after="message")
    await hand.click(page.get_by_role("combobox", name="이벤트"))
    await page.keyboard.type("Order Completed")
    await hand.add("message", after="wait-for-event", port="timeout")
    await hand.write({"제목": "아직 고민 중이세요?", "본문": "담아 두신 상품이 곧 품절돼요."})
    await hand.add("exit", after="message-2")
    await hand.drag(
        page.locator('[data-step="wait-for-event"] .port[data-port="happened"]'), page.locator('[data-step="exit"]')
    )
    await expect(page.locator('[data-step="wait-for-event"] .stub[data-port="happened"]')).to_have_count(0)

    await hand.click(page.get_by_role("button", name="게시", exact=True))
    await hand.hold(page.locator("button.hold:enabled"))
    await expect(page.get_by_text("버전 1 게시 완료")).to_be_visible()
    await page.mouse.up()
    assert hand.clicks <= FEW, hand.clicks

    kept = (await http.get("/api/journeys/bom-jangbaguni")).json()
    assert kept["status"] == "live"
    steps = {step["id"]: step for step in kept["draft"]["steps"]}
    assert [step["stage"] for step in steps.values()] == ["retention"] * 5
    assert steps["delay"]["settings"]["duration"] in {"PT1H", "1h"}
    spoken = [set(steps[step]["settings"]["content"]) for step in ("message", "message-2")]
    assert spoken == [{"ko"}, {"ko"}]  # customers speak Korean, and so does who writes
    assert steps["message-2"]["label"]["ko"] == "메시지 2"
