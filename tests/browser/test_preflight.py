"""The checks in the publish panel: six rows, open to what was found, which leads to its step; overridden by name."""

import pytest
from httpx2 import AsyncClient
from playwright.async_api import expect

from orchestrator.settings import DEV_WRITE_KEY
from tests.browser.conftest import Open
from tests.browser.journeys import Document, new_journey, straight

pytestmark = pytest.mark.browser

SIX = ["condition", "time", "audience", "text", "link", "coupon"]


def greeting(body: str) -> Document:
    document = straight("message", "exit")
    content = {"ko": {"subject": "소식", "body": body}}
    document["steps"][0]["settings"] = {"channel": "email", "class": "informational", "content": content}
    return document


async def somebody(http: AsyncClient) -> None:
    async with AsyncClient(base_url=http.base_url, auth=(DEV_WRITE_KEY, ""), trust_env=False, timeout=60) as shop:
        known = {"userId": "rae", "traits": {"email": "rae@example.com"}}
        assert (await shop.post("/v1/identify", json=known)).status_code == 200
        assert (await shop.post("/v1/track", json={"userId": "rae", "event": "Signed Up"})).status_code == 200


@pytest.mark.parametrize(("locale", "text"), [("en-GB", "Text"), ("ko-KR", "문구")])
async def test_the_six_checks_are_shown_and_what_they_found_leads_to_its_step(
    http: AsyncClient, open_canvas: Open, locale: str, text: str
) -> None:
    await somebody(http)
    body = "TODO https://example.com/sale"
    canvas = await open_canvas(await new_journey(http, document=greeting(body)), locale=locale)
    await canvas.page.locator(".button.publish").click()
    rows = canvas.page.locator("[data-panel=publish] .check")
    await expect(rows).to_have_count(6)
    assert await rows.evaluate_all("all => all.map(one => one.dataset.check)") == SIX
    row = canvas.page.locator(".check[data-check=text]")
    await expect(row).to_have_attribute("data-verdict", "stop")
    await expect(row).to_contain_text(text)
    await expect(canvas.page.locator(".check[data-check=link]")).to_have_attribute("data-verdict", "stop")
    found = row.locator("[data-code=placeholder]").get_by_role("button")
    await expect(found).to_contain_text("TODO")
    await found.click()
    await expect(canvas.page.locator(".step.chosen")).to_have_attribute("data-step", "message")


async def test_a_check_opens_to_its_figures(http: AsyncClient, open_canvas: Open) -> None:
    await somebody(http)
    canvas = await open_canvas(await new_journey(http, document=greeting("안녕하세요")))
    await canvas.page.locator(".button.publish").click()
    row = canvas.page.locator(".check[data-check=condition]")
    await expect(row).to_have_attribute("data-verdict", "ok")
    await row.get_by_role("button").first.click()
    await expect(row.locator("dl")).to_contain_text("Would have entered, last 30 days")
    await expect(canvas.page.locator(".hold")).to_be_enabled()


async def test_a_stop_is_published_over_by_name_and_the_version_keeps_it(http: AsyncClient, open_canvas: Open) -> None:
    canvas = await open_canvas(await new_journey(http, document=greeting("TODO")))
    page = canvas.page
    await page.locator(".button.publish").click()
    hold = page.locator(".hold")
    await expect(page.locator(".check[data-check=text]")).to_have_attribute("data-verdict", "stop")
    await expect(hold).to_be_disabled()
    await page.get_by_role("checkbox", name="Publish although these checks advise against it: Text.").check()
    await page.mouse.move(*await canvas.middle_of(hold))
    await page.mouse.down()
    await expect(page.locator("[data-panel=publish]")).to_contain_text("Version 1 is live")
    await page.mouse.up()
    [version] = (await http.get(f"/api/journeys/{canvas.key}/versions")).json()["items"]
    assert version["checks"]["overridden"] == ["text"]


async def test_a_message_after_a_coupon_step_offers_its_code_and_pools_are_picked_with_their_stock(
    http: AsyncClient, open_canvas: Open
) -> None:
    pool = {"name": {"ko": "환영", "en": "Welcome"}, "worth": "10%"}
    assert (await http.post("/api/coupons", json={"key": "welcome", "pool": pool})).status_code == 201
    assert (await http.post("/api/coupons/welcome/codes", content=b"A-1\nA-2")).status_code == 200
    document = straight("coupon", "message", "exit")
    document["steps"][1]["settings"] = {**document["steps"][1]["settings"], "channel": "sms"}
    document["edges"].append({"from": "coupon", "port": "empty", "to": "message"})
    canvas = await open_canvas(await new_journey(http, document=document))
    page = canvas.page
    await canvas.node("coupon").click()
    picker = page.locator(".inspector").get_by_role("combobox", name="Coupon pool")
    await picker.click()
    await page.get_by_role("option", name="Welcome 2 left").click()
    await canvas.saved()
    assert (await canvas.draft())["steps"][0]["settings"]["pool"] == "welcome"
    await canvas.node("message").click()
    await page.get_by_role("button", name="Insert a variable: Text").first.click()
    await page.get_by_role("option", name="Coupon code").click()
    await canvas.saved()
    content = (await canvas.draft())["steps"][1]["settings"]["content"]
    assert any("{{ var.coupon.code }}" in one["body"] for one in content.values())
