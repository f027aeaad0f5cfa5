"""Coupon pools over HTTP: made, filled, generated, looked into, redeemed."""

from typing import Any

import pytest
from httpx2 import AsyncClient

POOL = {"name": {"ko": "환영", "en": "Welcome"}, "worth": {"ko": "10% 할인", "en": "10% off"}, "percent": "10"}


@pytest.fixture
async def pool(admin: AsyncClient) -> AsyncClient:
    answer = await admin.post("/api/coupons", json={"key": "welcome", "pool": POOL})
    assert answer.status_code == 201, answer.text
    return admin


async def test_a_pool_is_made_changed_archived_and_used_again(pool: AsyncClient) -> None:
    [one] = (await pool.get("/api/coupons")).json()["items"]
    assert (one["key"], one["state"], one["pool"]["percent"]) == ("welcome", "empty", "10")
    changed = await pool.put("/api/coupons/welcome", json={**POOL, "valid_days": 7})
    assert changed.json()["pool"]["valid_days"] == 7
    assert (await pool.post("/api/coupons/welcome/archive")).json()["state"] == "archived"
    assert (await pool.post("/api/coupons/welcome/restore")).json()["state"] == "empty"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({**POOL, "percent": None, "amount": "3000"}, "currency"),
        ({**POOL, "amount": "3000", "currency": "KRW"}, "percent"),
        ({**POOL, "percent": 101}, "percent"),
        ({**POOL, "name": {"ko": " "}}, "name"),
        ({**POOL, "pattern": {"length": 4}}, "pattern.length"),
        ({**POOL, "pattern": {"prefix": "has space"}}, "pattern.prefix"),
        ({**POOL, "colour": "red"}, "colour"),
        ({"name": POOL["name"]}, "worth"),
    ],
)
async def test_what_is_wrong_with_a_pool_is_told_with_its_field(
    admin: AsyncClient, given: dict[str, Any], field: str
) -> None:
    answer = await admin.post("/api/coupons", json={"key": "p", "pool": given}, headers={"accept-language": "ko"})
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert answer.json()["problems"][0]["message"]


async def test_a_key_is_used_once_and_must_be_plain(pool: AsyncClient) -> None:
    again = await pool.post("/api/coupons", json={"key": "welcome", "pool": POOL})
    assert (again.status_code, again.json()["code"]) == (409, "pool_exists")
    assert (await pool.post("/api/coupons", json={"key": "Has Space", "pool": POOL})).json()["field"] == "key"


async def test_codes_are_uploaded_as_text_and_what_was_left_out_is_told_in_the_readers_language(
    pool: AsyncClient,
) -> None:
    body = "code\r\nA-1\r\nA-1\r\nA-2\r\nA-2\u00a0x\r\n".encode()
    told = (await pool.post("/api/coupons/welcome/codes", content=body, headers={"accept-language": "ko"})).json()
    assert (told["added"], told["left_out"]) == (2, 2)
    assert [(one["line"], one["problem"]) for one in told["lines"]] == [(3, "duplicate_in_file"), (5, "not_a_code")]
    assert told["lines"][0]["message"] == "같은 코드가 위에 또 있습니다."
    latin = (await pool.post("/api/coupons/welcome/codes", content="caf\xe9".encode("latin-1"))).json()
    assert latin["added"] == 1 or latin["lines"][0]["problem"] == "not_a_code"


async def test_codes_are_generated_and_not_so_many_that_they_could_be_guessed(pool: AsyncClient) -> None:
    made = await pool.post("/api/coupons/welcome/codes/generate", json={"number": 250})
    assert made.json()["stock"] == {"total": 250, "taken": 0, "free": 250, "redeemed": 0}
    page = (await pool.get("/api/coupons/welcome/codes", params={"state": "free"})).json()
    assert len(page["items"]) == 50
    rest = (await pool.get("/api/coupons/welcome/codes", params={"state": "free", "before": page["next"]})).json()
    assert not {one["code"] for one in page["items"]} & {one["code"] for one in rest["items"]}
    found = (await pool.get("/api/coupons/welcome/codes", params={"code": page["items"][0]["code"]})).json()
    assert len(found["items"]) == 1
    await pool.put("/api/coupons/welcome", json={**POOL, "pattern": {"length": 5}})
    refused = await pool.post("/api/coupons/welcome/codes/generate", json={"number": 1})
    assert (refused.status_code, refused.json()["field"]) == (400, "number")


async def test_a_code_is_redeemed_once_by_whoever_calls(pool: AsyncClient) -> None:
    await pool.post("/api/coupons/welcome/codes", content=b"A-1\nA-2")
    given = {"code": "a-1", "revenue": 12000, "currency": "KRW", "order": "o-1"}
    assert (await pool.post("/api/coupon-redemptions", json=given)).json() == {"outcome": "redeemed"}
    assert (await pool.post("/api/coupon-redemptions", json=given)).json() == {"outcome": "redeemed_before"}
    assert (await pool.post("/api/coupon-redemptions", json={"code": "Z"})).json()["code"] == "unknown_code"
    report = (await pool.get("/api/coupons/welcome/report")).json()
    assert report["stock"]["redeemed"] == 1
    assert report["journeys"] == [{"journey": None, "taken": 0, "redeemed": 1, "revenue": {"KRW": "12000.0000"}}]


async def test_pick_lists_know_pools_in_use(pool: AsyncClient) -> None:
    await pool.post("/api/coupons/welcome/codes", content=b"A-1\nA-2")
    [one] = (await pool.get("/api/names")).json()["coupons"]
    assert one == {"key": "welcome", "name": POOL["name"], "free": 2, "state": "low"}
    await pool.post("/api/coupons/welcome/archive")
    assert (await pool.get("/api/names")).json()["coupons"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PUT", ""), ("POST", "/archive"), ("POST", "/codes"), ("GET", "/codes"), ("GET", "/report")],
)
async def test_an_unknown_pool_is_told(admin: AsyncClient, method: str, path: str) -> None:
    answer = await admin.request(method, f"/api/coupons/none{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_pool")
