"""People on one journey: comments with mentions by keyboard, who is here, and approval."""

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Browser, Page

from api.accounts.passwords import hash_password
from orchestrator.settings import Settings
from orchestrator.store.accounts.people import create_account, create_first_admin
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.workspace import change_settings
from tests.browser.journeys import new_journey, straight
from tests.examples import some
from tests.legible import serious

pytestmark = pytest.mark.browser
PASSWORD = "a teapot is no spoon"


async def make_people(settings: Settings) -> None:
    """Mina, an admin, and Jun, a marketer; the workspace wants leave before anything is published."""
    engine = create_engine(settings.database_url)
    password = await hash_password(PASSWORD)
    await create_first_admin(engine, email="mina@example.com", name="Mina Park", password=password)
    await create_account(engine, email="jun@example.com", name="준호", role="marketer", password=password)
    async with session_factory(engine).begin() as session:
        await change_settings(session, {"publishing": {"approval": True}})
    await engine.dispose()


async def sign_in(chromium: Browser, address: str, email: str, **more: object) -> Page:
    context = await chromium.new_context(base_url=address, bypass_csp=True, **more)  # type: ignore[arg-type] # Playwright types each of its options by itself
    page = await context.new_page()
    await page.goto("/sign-in")
    await page.fill("[name=email]", email)
    await page.fill("[name=password]", PASSWORD)
    await page.press("[name=password]", "Enter")
    await page.wait_for_url(f"{address}/")
    return page


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scheme", some(["light", "dark"], 2))
async def test_two_people_talk_and_one_approves_what_the_other_publishes(
    http: AsyncClient, address: str, chromium: Browser, console_settings: Settings, scheme: str
) -> None:
    await make_people(console_settings)
    key = await new_journey(http, document=straight("delay", "exit"))
    jun = await sign_in(chromium, address, "jun@example.com", locale="en-US", color_scheme=scheme)
    await jun.goto(f"/journeys/{key}")
    await jun.locator("[data-step=delay]").click()
    await jun.get_by_role("button", name="Comments").press("Enter")
    field = jun.locator("[data-panel=comments] .t-new textarea")
    await field.press_sequentially("Is this long enough, @mi")
    await jun.get_by_role("option", name="Mina Park").wait_for()
    await field.press("Enter")
    await field.press("Control+Enter")
    await jun.locator(".t-thread .t-named", has_text="@Mina Park").wait_for()
    await jun.locator("[data-step=delay] .t-badge", has_text="1").wait_for()
    assert await serious(jun) == []

    mina = await sign_in(chromium, address, "mina@example.com", locale="ko-KR")
    await mina.get_by_role("link", name="준호").click()
    await mina.locator("[data-panel=comments] .t-thread", has_text="@Mina Park").wait_for()
    await mina.locator(".t-here", has_text="준호").wait_for()
    await mina.get_by_role("button", name="해결", exact=True).click()
    await mina.get_by_text("열린 댓글이 없습니다").wait_for()

    await jun.locator(".button.publish").click()
    await jun.get_by_role("button", name="Ask for approval").click()
    await jun.get_by_text("준호 asks for approval").wait_for()
    assert await jun.locator(".pub-foot").get_by_role("button", name="Hold").count() == 0
    await mina.locator(".button.publish").click()
    await mina.get_by_role("button", name="승인", exact=True).click()
    await mina.get_by_text("Mina Park 님이 승인함").wait_for()
    await jun.get_by_text("Approved by Mina Park").wait_for()
    assert await serious(jun) == []
