"""The coupon pages: empty, a pool from its form to its codes, and who may change it."""

import re

import pytest
from httpx2 import AsyncClient

from orchestrator.settings import DEV_ADMIN_TOKEN
from tests.web.people import csrf_of

GIVEN = {
    "key": "welcome-10",
    "name.ko": "환영 쿠폰",
    "name.en": "Welcome",
    "worth.ko": "10% 할인",
    "worth.en": "10% off",
    "percent": "10",
    "amount": "",
    "currency": "KRW",
    "valid_until": "",
    "valid_days": "7",
    "low_at": "5",
    "pattern.prefix": "WELCOME",
    "pattern.length": "8",
    "pattern.group": "4",
}


async def post(browser: AsyncClient, path: str, **data: str) -> tuple[int, str]:
    answer = await browser.post(path, data={"csrf": await csrf_of(browser), **data})
    return answer.status_code, answer.headers.get("location", "") or answer.text


@pytest.fixture
async def pool(browser: AsyncClient) -> AsyncClient:
    assert await post(browser, "/coupons/new", **GIVEN) == (303, "/coupons/welcome-10?done=pool_made")
    return browser


async def test_an_empty_page_says_what_a_pool_is(browser: AsyncClient) -> None:
    page = (await browser.get("/coupons")).text
    assert "아직 쿠폰 풀이 없습니다" in page
    assert 'href="/coupons/new"' in page


async def test_a_pool_goes_from_its_form_to_its_codes(pool: AsyncClient) -> None:
    page = (await pool.get("/coupons/welcome-10")).text
    assert "지금 발급하면" in page
    assert "WELCOME-XXXXXXXX" in page
    assert await post(pool, "/coupons/welcome-10/generate", number="3") == (
        303,
        "/coupons/welcome-10?state=free&done=codes_made",
    )
    page = (await pool.get("/coupons/welcome-10?state=free&done=codes_made")).text
    codes = re.findall(r"<code>(WELCOME-\w{4}-\w{4})</code>", page)
    assert len(codes) == 3
    assert codes[0] in (await pool.get("/coupons/welcome-10", params={"code": codes[0]})).text
    listed = (await pool.get("/coupons", headers={"accept-language": "en"})).text
    assert "“Welcome” has 3 codes left." in listed
    assert "3 of 3" in listed


async def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(browser: AsyncClient) -> None:
    status, page = await post(browser, "/coupons/new", **{**GIVEN, "key": "Not plain", "percent": "101"})
    assert status == 400
    assert page.count('aria-invalid="true"') == 2
    assert 'value="환영 쿠폰"' in page


async def test_a_pool_is_changed_archived_and_used_again(pool: AsyncClient) -> None:
    form = (await pool.get("/coupons/welcome-10/edit")).text
    assert 'value="10% 할인"' in form
    changed = {**GIVEN, "valid_days": "14"}
    changed.pop("key")
    assert (await post(pool, "/coupons/welcome-10/edit", **changed))[0] == 303
    assert 'value="14"' in (await pool.get("/coupons/welcome-10/edit")).text
    assert "보관할까요?" in (await pool.get("/coupons/welcome-10")).text
    await post(pool, "/coupons/welcome-10/archive")
    page = (await pool.get("/coupons/welcome-10")).text
    assert "/coupons/welcome-10/generate" not in page
    await post(pool, "/coupons/welcome-10/restore")
    assert "/coupons/welcome-10/generate" in (await pool.get("/coupons/welcome-10")).text


async def test_a_number_that_is_none_is_said_at_its_field(pool: AsyncClient) -> None:
    status, page = await post(pool, "/coupons/welcome-10/generate", number="many")
    assert status == 400
    assert "1부터 100,000까지" in page


async def test_there_is_no_such_pool(browser: AsyncClient) -> None:
    assert (await browser.get("/coupons/nothing")).status_code == 404


async def test_who_lists_own_domains_and_properties_is_taken_at_their_word(browser: AsyncClient, filled: None) -> None:
    given = {"link_domains": "https://www.Shop.kr/path, m.shop.kr, nonsense", "coupon_properties": "coupon, voucher"}
    assert (await post(browser, "/settings/workspace/lists", **given))[0] == 303
    page = (await browser.get("/settings/workspace")).text
    assert 'value="shop.kr, m.shop.kr"' in page
    assert 'value="coupon, voucher"' in page
    assert "오늘찻집" in page, "what is set elsewhere stays"


async def test_a_live_journey_that_takes_from_a_low_pool_bears_a_badge(pool: AsyncClient) -> None:
    document = {
        "key": "gift",
        "name": {"ko": "선물", "en": "Gift"},
        "entry": {"triggers": [{"kind": "event", "event": "Signed Up"}]},
        "steps": [
            {"id": "code", "kind": "coupon", "stage": "intake", "settings": {"pool": "welcome-10"}},
            {"id": "end", "kind": "exit", "stage": "intake"},
        ],
        "edges": [
            {"from": "entry", "to": "code"},
            {"from": "code", "to": "end"},
            {"from": "code", "port": "empty", "to": "end"},
        ],
    }
    headers = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
    assert (await pool.put("/api/journeys/gift", json=document, headers=headers)).status_code in (200, 201)
    assert (await pool.post("/api/journeys/gift/publish", headers=headers, json={"override": True})).status_code == 200
    assert "코드 부족: 환영 쿠폰" in (await pool.get("/journeys")).text
    await post(pool, "/coupons/welcome-10/generate", number="10")
    assert "코드 부족" not in (await pool.get("/journeys")).text
