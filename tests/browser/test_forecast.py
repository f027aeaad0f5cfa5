"""The forecast in the publish panel: figures that narrow to exact ones, beside the live version's, and cancelled."""

from copy import deepcopy
from datetime import UTC, datetime

import pytest
from httpx2 import AsyncClient
from playwright.async_api import expect

from orchestrator.settings import Settings
from tests.api.backtests import shop
from tests.api.journeys.test_review import REMINDER
from tests.browser.conftest import Open
from tests.browser.journeys import new_journey
from tests.examples import some

pytestmark = pytest.mark.browser
PATIENCE = 60_000  # milliseconds


async def slower_draft(http: AsyncClient) -> str:
    """A journey that is live, and a draft that waits longer; its key."""
    key = await new_journey(http, document=REMINDER)
    assert (await http.post(f"/api/journeys/{key}/publish", json={"override": True})).status_code == 200
    draft = deepcopy({**REMINDER, "key": key})
    draft["steps"][0]["settings"]["duration"] = "2d"
    assert (await http.put(f"/api/journeys/{key}", json=draft)).status_code == 200
    return key


@pytest.mark.parametrize(
    ("locale", "exact"), some([("ko-KR", "고객 150명 전원 확인"), ("en-GB", "All 150 customers walked")], 2)
)
async def test_a_forecast_ends_with_exact_figures_beside_the_live_versions(
    http: AsyncClient, open_canvas: Open, console_settings: Settings, locale: str, exact: str
) -> None:
    shop.fill(console_settings.database_url, 150, datetime.now(UTC))
    canvas = await open_canvas(await slower_draft(http), locale=locale)
    await canvas.page.locator(".button.publish").click()
    forecast = canvas.page.locator("[data-panel=publish] [data-forecast]")
    await expect(forecast).to_have_attribute("data-forecast", "done", timeout=PATIENCE)
    await expect(forecast).to_contain_text(exact)
    sent = forecast.locator("[data-figure=sent] td")
    await expect(sent).to_have_count(2)
    assert int(await sent.nth(0).inner_text()) > 0
    assert int((await sent.nth(1).inner_text()).replace("−", "-")) < 0
    assert await forecast.locator(".fc-bars > div").count() in (30, 31)
    await forecast.locator("summary").click()
    await expect(forecast.locator("details caption").first).to_be_visible()


@pytest.mark.long
async def test_it_is_cancelled_and_started_again(
    http: AsyncClient, open_canvas: Open, console_settings: Settings
) -> None:
    shop.fill(console_settings.database_url, 2_000, datetime.now(UTC))
    canvas = await open_canvas(await slower_draft(http))
    await canvas.page.locator(".button.publish").click()
    forecast = canvas.page.locator("[data-panel=publish] [data-forecast]")
    await forecast.get_by_role("button", name="Cancel").click(timeout=PATIENCE)
    await expect(forecast).to_have_attribute("data-forecast", "cancelled", timeout=PATIENCE)
    await forecast.get_by_role("button", name="Start again").click()
    await expect(forecast.locator("[data-figure=sent] small").first).to_contain_text("±", timeout=PATIENCE)


async def test_without_customers_there_is_nothing_to_forecast(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=REMINDER))
    await canvas.page.locator(".button.publish").click()
    forecast = canvas.page.locator("[data-panel=publish] [data-forecast]")
    await expect(forecast).to_contain_text("There are no customers yet", timeout=PATIENCE)
