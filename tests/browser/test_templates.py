"""The editor of message templates in a real browser: written, moved, seen, tried, put into use; in both languages."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from httpx2 import AsyncClient
from playwright.async_api import Page, expect

from orchestrator.message_gallery import find_ready_made
from tests.browser.conftest import Open as OpenCanvas
from tests.browser.conftest import OpenPage as Open
from tests.browser.journeys import new_journey, straight
from tests.browser.pictures import shot
from tests.examples import some
from tests.legible import serious
from tests.waiting import let_pass

pytestmark = pytest.mark.browser
LOOK = 20_000
BLOCKS: dict[str, Any] = {
    "subject": "{{ customer.first_name }}님, 봄맞이 소식",
    "preheader": "새로 들어온 상품을 모았어요",
    "blocks": [
        {"kind": "heading", "text": "{{ customer.first_name }}님, 안녕하세요"},
        {"kind": "text", "html": "<p>새로 들어온 상품을 모아 두었어요. 천천히 둘러보세요.</p>"},
        {"kind": "button", "label": "둘러보기", "url": "https://shop.example/new"},
        {"kind": "coupon", "title": "첫 구매 10% 할인", "code": "{{ var.coupon.code }}"},
    ],
}
MAIL: dict[str, Any] = {
    "name": {"ko": "봄 소식", "en": "Spring news"},
    "class": "advertising",
    "channels": {
        "email": {"ko": BLOCKS, "en": {**BLOCKS, "subject": "Spring news for {{ customer.first_name }}"}},
        "sms": {"ko": {"body": "{{ customer.first_name }}님, 봄맞이 소식"}, "en": {"body": "Spring news"}},
    },
}


async def made(http: AsyncClient, **given: Any) -> str:
    answer = await http.post("/api/message-templates", json=given)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


async def saved(page: Page, http: AsyncClient, key: str) -> dict[str, Any]:
    """The document as the server has it, once the page says that it is saved."""
    await expect(page.locator('[data-save="saved"]')).to_be_visible(timeout=LOOK)
    document: dict[str, Any] = (await http.get(f"/api/message-templates/{key}")).json()["document"]
    return document


def kinds(document: dict[str, Any], locale: str = "ko") -> list[str]:
    return [block["kind"] for block in document["channels"]["email"][locale]["blocks"]]


@pytest.mark.timeout(180)
async def test_blocks_are_added_moved_and_written_by_mouse_and_keyboard(http: AsyncClient, open_page: Open) -> None:
    key = await made(http, document=MAIL)
    page = await open_page(f"/templates/{key}", locale="ko-KR")
    rows = page.locator(".te-row")
    await expect(rows).to_have_count(4)
    await expect(page.frame_locator(".te-mail iframe").get_by_text("지우님, 안녕하세요").first).to_be_visible()
    await shot(page, "template-editor-ko")
    await page.locator('[data-block="divider"]').click()
    await expect(rows).to_have_count(5)
    await page.locator('[data-block="image"]').drag_to(rows.nth(1))
    await expect(rows).to_have_count(6)
    assert kinds(await saved(page, http, key)) == ["heading", "image", "text", "button", "coupon", "divider"]
    await rows.nth(5).locator(".te-row-head").drag_to(rows.nth(2))
    assert kinds(await saved(page, http, key)) == ["heading", "image", "divider", "text", "button", "coupon"]
    await rows.nth(5).locator(".te-open").focus()
    await page.keyboard.press("Alt+ArrowUp")
    await expect(rows.nth(4)).to_have_attribute("data-kind", "coupon")
    await rows.nth(1).locator(".te-open").focus()
    await page.keyboard.press("Delete")
    assert kinds(await saved(page, http, key)) == ["heading", "divider", "text", "coupon", "button"]
    await page.get_by_role("button", name="실행 취소").click()
    await page.get_by_role("button", name="실행 취소").click()
    assert kinds(await saved(page, http, key)) == ["heading", "image", "divider", "text", "button", "coupon"]
    await page.get_by_role("button", name="다시 실행").click()
    await expect(rows.nth(4)).to_have_attribute("data-kind", "coupon")
    await rows.nth(0).locator(".te-open").click()
    await rows.nth(0).get_by_label("문구", exact=True).fill("봄이 왔어요")
    await expect(page.frame_locator(".te-mail iframe").get_by_text("봄이 왔어요").first).to_be_visible()
    document = await saved(page, http, key)
    assert document["channels"]["email"]["ko"]["blocks"][0]["text"] == "봄이 왔어요"
    assert document["channels"]["email"]["en"] == MAIL["channels"]["email"]["en"]


@pytest.mark.long
@pytest.mark.timeout(180)
async def test_an_sms_that_grows_too_long_for_one_says_so_while_it_is_written(
    http: AsyncClient, open_page: Open
) -> None:
    key = await made(http, document=MAIL)
    page = await open_page(f"/templates/{key}", locale="ko-KR")
    await page.get_by_role("tab", name="문자").click()
    meter = page.locator(".te-meter")
    await expect(meter).to_contain_text("SMS")
    await expect(page.locator(".te-phone .bubble")).to_contain_text("(광고)")
    body = page.get_by_label("본문", exact=True)
    await body.fill("봄맞이 소식을 전해 드립니다. " * 5)
    await expect(meter).to_contain_text("LMS")
    await expect(meter).to_contain_text("비용")
    await shot(page, "template-sms-ko")
    await body.fill("반갑습니다 🎉")
    await expect(meter.locator("li").first).to_contain_text("🎉")
    await expect(page.locator(".problem-count")).to_be_visible()
    await page.get_by_role("tab", name="영어").click()
    await expect(page.locator(".te-phone .bubble")).to_contain_text("Spring news")


@pytest.mark.timeout(180)
async def test_an_approved_text_is_locked_and_its_variables_are_given_values(
    http: AsyncClient, open_page: Open
) -> None:
    key = await made(http, ready_made="order-confirmation")
    page = await open_page(f"/templates/{key}")
    await page.get_by_role("tab", name="Alimtalk").click()
    await expect(page.locator(".te-approved pre")).to_contain_text("#{주문번호}")
    await expect(page.get_by_label("Approved text", exact=True)).to_have_count(0)
    await page.get_by_label("#{주문번호}", exact=True).fill("{{ entry.order_no }}")
    bubble = page.locator(".te-phone .bubble")
    await expect(bubble).to_contain_text("[order_no]")
    await expect(bubble.locator(".ph-buttons span")).to_have_count(2)
    await shot(page, "template-alimtalk-en")
    document = await saved(page, http, key)
    assert document["channels"]["alimtalk"]["ko"]["variables"]["주문번호"] == "{{ entry.order_no }}"
    await page.get_by_role("button", name="Enter another approved text").click()
    await page.get_by_label("Approved text", exact=True).fill("#{새변수} 안내")
    await expect(page.get_by_label("#{새변수}", exact=True)).to_be_visible()


@pytest.mark.timeout(180)
async def test_it_is_seen_as_a_real_customer_tried_and_put_into_use(http: AsyncClient, open_page: Open) -> None:
    await http.post(
        "/v1/identify",
        json={"userId": "u-1", "traits": {"first_name": "서연", "name": "박서연"}, "writeKey": "dev-write-key"},
    )
    key = await made(http, document=MAIL)
    page = await open_page(f"/templates/{key}")
    await page.get_by_role("tab", name="SMS").click()
    await page.get_by_role("tab", name="Korean").click()
    bubble = page.locator(".te-phone .bubble")
    await expect(bubble).to_contain_text("지우님")
    picker = page.locator(".te-preview-head").get_by_role("combobox")
    await picker.click()
    await picker.fill("박서연")
    await page.get_by_role("option", name="박서연").first.click()
    await expect(bubble).to_contain_text("서연님")
    await page.get_by_role("button", name="Test send").click()
    await page.get_by_label("To", exact=True).fill("+821012345678")
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_text("Sent to +821012345678 (outbox).").first).to_be_visible()
    await page.get_by_role("button", name="Publish").click()
    await expect(page.locator(".te-badge").first).to_contain_text("Published")
    found = (await http.get(f"/api/message-templates/{key}")).json()
    assert (found["live_revision"], found["has_changes"]) == (1, False)
    await page.get_by_label("Text", exact=True).fill("{{ customer.first_name")
    await expect(page.locator(".problem-count")).to_contain_text("Errors: 1")
    await page.get_by_role("button", name="Publish changes").click()
    await expect(page.get_by_text("The template has 1 error.").first).to_be_visible()
    assert (await http.get(f"/api/message-templates/{key}")).json()["live_revision"] == 1


async def test_what_stops_a_template_that_live_journeys_send_is_said_and_asked_about(
    http: AsyncClient, open_page: Open
) -> None:
    words = {"ko": {"body": "주문하신 상품이 출발했습니다."}}
    document = {"name": {"en": "Parcel"}, "class": "informational", "channels": {"sms": words}}
    template = await made(http, document=document)
    assert (await http.post(f"/api/message-templates/{template}/use")).status_code == 200
    journey = straight("message", "exit")
    journey["steps"][0]["settings"] = {"channel": "sms", "class": "informational", "template": template}
    key = await new_journey(http, document=journey)
    published = await http.post(f"/api/journeys/{key}/publish", json={"override": True})
    assert published.status_code == 200, published.text
    page = await open_page(f"/templates/{template}")
    await page.get_by_label("Text", exact=True).fill("TODO")
    asked: list[str] = []

    def answer(yes: bool) -> Callable[[Any], Awaitable[None]]:
        async def given(dialog: Any) -> None:
            asked.append(dialog.message)
            await (dialog.accept() if yes else dialog.dismiss())

        return given

    page.once("dialog", answer(yes=False))
    await page.get_by_role("button", name="Publish changes").click()
    await expect(page.get_by_text("These checks advise against publishing: Text.").first).to_be_visible()
    assert "placeholder" in asked[0]
    assert (await http.get(f"/api/message-templates/{template}")).json()["live_revision"] == 1
    page.once("dialog", answer(yes=True))
    await page.get_by_role("button", name="Publish changes").click()
    await expect(page.get_by_role("button", name="Publish changes")).to_be_disabled()
    assert len(asked) == 2
    assert (await http.get(f"/api/message-templates/{template}")).json()["has_changes"] is False


@pytest.mark.timeout(180)
async def test_a_message_of_a_journey_says_what_a_template_says(http: AsyncClient, open_canvas: OpenCanvas) -> None:
    template = await made(http, document=MAIL)
    assert (await http.post(f"/api/message-templates/{template}/use")).status_code == 200
    key = await new_journey(http, document=straight("message", "exit"))
    canvas = await open_canvas(key, locale="ko-KR")
    page = canvas.page
    await canvas.node("message").click()
    await page.get_by_role("button", name="템플릿 사용").click()
    picker = page.get_by_role("combobox", name="템플릿", exact=True)
    await picker.click()
    await page.get_by_role("option", name="봄 소식").click()
    await expect(page.frame_locator(".in-mail iframe").get_by_text("지우님, 안녕하세요").first).to_be_visible()
    await expect(page.get_by_role("link", name="템플릿 편집")).to_have_attribute("href", f"/templates/{template}")
    await shot(page, "message-template-ko")
    settings = (await canvas.draft())["steps"][0]["settings"]
    assert (settings["template"], "content" in settings) == (template, False)
    await page.get_by_role("button", name="직접 쓰기").click()
    await page.get_by_role("button", name="템플릿으로 저장").click()
    await expect(page.get_by_role("button", name="템플릿 사용")).to_have_attribute("aria-pressed", "true")
    settings = (await canvas.draft())["steps"][0]["settings"]
    assert settings["template"] != template
    found = (await http.get(f"/api/message-templates/{settings['template']}")).json()
    assert (found["live_revision"], [one["key"] for one in found["used_by"]]) == (1, [key])


@pytest.mark.timeout(120)
async def test_somebody_elses_work_is_not_written_over(http: AsyncClient, open_page: Open) -> None:
    key = await made(http, document=MAIL)
    page = await open_page(f"/templates/{key}")
    await page.locator(".te-row").first.wait_for()
    await http.put(f"/api/message-templates/{key}", json={**MAIL, "tags": ["theirs"]})
    await page.get_by_label("Name of the template").fill("Mine")
    await expect(page.locator(".te-conflict")).to_be_visible()
    await page.get_by_role("button", name="Keep mine").click()
    assert (await saved(page, http, key))["name"]["en"] == "Mine"


@pytest.mark.long
@pytest.mark.timeout(120)
async def test_the_list_and_the_gallery(http: AsyncClient, open_page: Open) -> None:
    page = await open_page("/templates", locale="ko-KR")
    await expect(page.get_by_text("템플릿이 아직 없습니다")).to_be_visible()
    await page.get_by_role("link", name="첫 템플릿 만들기").click()
    await shot(page, "template-gallery-ko")
    await page.get_by_role("button", name="이 템플릿으로 시작 가입 환영").click()
    await expect(page.get_by_label("템플릿 이름")).to_have_value("가입 환영")
    await page.goto("/templates")
    await expect(page.get_by_role("link", name="가입 환영")).to_be_visible()
    await expect(page.get_by_role("row").nth(1)).to_contain_text("적용 전")
    await shot(page, "templates-ko")
    assert find_ready_made("welcome") is not None


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scheme", some(["light", "dark"], 2))
async def test_axe_finds_nothing_serious_in_the_editor(http: AsyncClient, open_page: Open, scheme: str) -> None:
    key = await made(http, document=MAIL)
    page = await open_page(f"/templates/{key}", color_scheme=scheme, bypass_csp=True)
    await page.locator(".te-row").first.wait_for()
    found: dict[str, object] = {}

    async def look(name: str) -> None:
        await let_pass(0.6, "a preview has begun, if there is one")
        await page.locator("[data-pending]").wait_for(state="detached")
        if wrong := await serious(page):
            found[name] = wrong

    await page.locator(".te-open").nth(1).click()
    await look("blocks")
    await page.get_by_text("Theme (colours, font, logo)").click()
    await page.get_by_text("Variables without a value").click()
    await page.get_by_text("Name, type and tags").click()
    await look("folds")
    await shot(page, f"template-editor-en-{scheme}")
    await page.get_by_role("button", name="Test send").click()
    await look("test")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Dark").click()
    await page.get_by_role("button", name="Source").click()
    await look("source")
    await page.get_by_role("tab", name="SMS").click()
    await look("sms")
    assert found == {}


async def test_a_template_is_checked_before_it_is_put_into_use(http: AsyncClient, open_page: Open) -> None:
    words = {"subject": "안녕", "body": "TODO https://example.com/"}
    document = {"name": {"ko": "환영"}, "class": "informational", "channels": {"email": {"ko": words}}}
    made = await http.post("/api/message-templates", json={"key": "to-check", "document": document})
    assert made.status_code == 201, made.text
    page = await open_page("/templates/to-check")
    await page.get_by_role("button", name="Checks").click()
    await expect(page.locator(".te-checks .check")).to_have_count(3)
    text = page.locator(".check[data-check=text]")
    await expect(text).to_have_attribute("data-verdict", "stop")
    await expect(text.locator("[data-code=placeholder]")).to_contain_text("TODO")
