"""Drafts: made, saved, deleted; two people on one draft notice each other; pausing."""

import asyncio
from typing import Any

import psycopg
import pytest
from httpx2 import AsyncClient

from orchestrator.store.database import plain_dsn
from tests.api.journeys.test_drawing import CART


async def test_a_journey_is_made_from_its_name_alone(admin: AsyncClient) -> None:
    made = await admin.post("/api/journeys", json={"name": {"en": "Win back!", "ko": "다시 오세요"}})
    body = made.json()
    assert made.status_code == 201, made.text
    assert (body["key"], body["revision"], body["status"], body["version"]) == ("win-back", 1, "draft", None)
    assert made.headers["etag"] == '"1"'
    assert made.headers["location"] == "/api/journeys/win-back"
    assert (body["edited_by"], body["has_changes"]) == ("SOJOURN_ADMIN_TOKEN", True)
    again = (await admin.post("/api/journeys", json={"name": "Win back"})).json()
    assert again["key"] == "win-back-2"
    drawn = await admin.post("/api/journeys/describe", json={"document": body["draft"]})
    assert drawn.status_code == 200
    assert {problem["code"] for problem in drawn.json()["problems"]} == {"empty_value", "no_entry_edge"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("다시 오세요", "dasi-oseyo"),
        ("ようこそ", "journey"),
        ("2026 Sale", "journey-2026-sale"),
        ("Café — été", "cafe-ete"),
        ("x" * 300, "x" * 50),
    ],
)
async def test_a_key_is_made_of_what_a_key_may_hold(admin: AsyncClient, name: str, key: str) -> None:
    assert (await admin.post("/api/journeys", json={"name": name})).json()["key"] == key


async def test_a_journey_is_made_from_a_file(admin: AsyncClient) -> None:
    first = (await admin.post("/api/journeys", json={"document": CART})).json()
    assert (first["key"], first["draft"]["steps"]) == ("cart", CART["steps"])
    copy = (await admin.post("/api/journeys", json={"document": CART, "name": "Copy"})).json()
    assert (copy["key"], copy["draft"]["key"], copy["draft"]["name"]) == ("cart-2", "cart-2", "Copy")
    yaml = await admin.post(
        "/api/journeys", content="name: Hi\nsteps: []", headers={"Content-Type": "application/yaml"}
    )
    assert (yaml.status_code, yaml.json()["key"]) == (201, "hi")


async def test_a_journey_is_made_from_a_template(admin: AsyncClient) -> None:
    made = (await admin.post("/api/journeys", json={"template": "birthday"})).json()
    assert made["key"] == "birthday"
    own = (await admin.post("/api/journeys", json={"template": "birthday", "name": "Mine", "key": "mine"})).json()
    assert (own["key"], own["draft"]["name"], own["draft"]["steps"]) == ("mine", "Mine", made["draft"]["steps"])
    unknown = await admin.post("/api/journeys", json={"template": "none"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_template")


async def test_a_key_that_is_asked_for_is_given_or_refused(admin: AsyncClient) -> None:
    assert (await admin.post("/api/journeys", json={"name": "A", "key": "mine"})).json()["key"] == "mine"
    refused = await admin.post("/api/journeys", json={"name": "B", "key": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (409, "journey_exists")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "wrong_type"),
        ({}, "missing_field"),
        ({"name": 3}, "wrong_type"),
        ({"name": ""}, "wrong_type"),
        ({"name": "a", "key": "Not A Key"}, "invalid_parameter"),
        ({"name": "a", "key": 3}, "invalid_parameter"),
        ({"document": [1]}, "wrong_type"),
        ({"name": "a" * 100_001}, "journey_too_large"),
        ({"document": {"name": "a", "steps": [{}] * 2_001}}, "journey_too_large"),
    ],
)
async def test_what_makes_no_journey_is_refused(admin: AsyncClient, body: Any, code: str) -> None:
    answer = await admin.post("/api/journeys", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409 if code == "journey_exists" else 400, code)


async def test_the_later_save_does_not_overwrite_the_earlier(admin: AsyncClient) -> None:
    first = await admin.put("/api/journeys/cart", json=CART)
    assert (first.headers["etag"], first.json()["revision"]) == ('"1"', 1)
    mine = await admin.put("/api/journeys/cart", json={**CART, "name": "Mine"}, headers={"If-Match": '"1"'})
    assert (mine.status_code, mine.headers["etag"]) == (200, '"2"')
    late = await admin.put("/api/journeys/cart", json={**CART, "name": "Late"}, headers={"If-Match": '"1"'})
    body = late.json()
    assert (late.status_code, body["code"], late.headers["etag"]) == (412, "draft_changed", '"2"')
    assert (body["current"]["revision"], body["current"]["draft"]["name"]) == (2, "Mine")
    assert "SOJOURN_ADMIN_TOKEN" in body["detail"]
    assert (await admin.get("/api/journeys/cart")).json()["draft"]["name"] == "Mine"
    for match in (None, "*", 'W/"2"'):
        saved = await admin.put("/api/journeys/cart", json=CART, headers={} if match is None else {"If-Match": match})
        assert saved.status_code == (200 if match in (None, "*") else 412)
    wrong = await admin.put("/api/journeys/cart", json=CART, headers={"If-Match": "yesterday's"})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "If-Match")
    nowhere = await admin.put("/api/journeys/none", json={}, headers={"If-Match": '"1"'})
    assert nowhere.json()["code"] == "unknown_journey"


async def test_of_two_who_save_at_once_one_is_told(admin: AsyncClient) -> None:
    await admin.put("/api/journeys/cart", json=CART)
    saves = [
        admin.put("/api/journeys/cart", json={**CART, "name": f"N{n}"}, headers={"If-Match": '"1"'}) for n in range(8)
    ]
    answers = await asyncio.gather(*saves)
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    [winner] = [answer.json() for answer in answers if answer.status_code == 200]
    assert all(one.json()["current"]["draft"] == winner["draft"] for one in answers if one.status_code == 412)


async def test_a_draft_has_changes_when_it_means_something_else_than_what_is_live(admin: AsyncClient) -> None:
    async def saved(**fields: Any) -> bool:
        return bool((await admin.put("/api/journeys/cart", json={**CART, **fields})).json()["has_changes"])

    assert await saved()
    await admin.post("/api/journeys/cart/publish")
    assert not (await admin.get("/api/journeys/cart")).json()["has_changes"]
    assert not await saved(layout={"positions": {"wait": {"x": 1, "y": 2}}})
    spelt = {**CART["steps"][0], "settings": {"mode": "duration", "duration": "PT60M"}}
    assert not await saved(steps=[spelt, CART["steps"][1]])
    assert await saved(name="Other")
    assert await saved(steps=[])
    assert not await saved(layout={"positions": 3})


async def test_what_is_published_is_what_was_looked_at(admin: AsyncClient) -> None:
    await admin.put("/api/journeys/cart", json=CART)
    await admin.put("/api/journeys/cart", json={**CART, "name": "Changed"})
    stale = await admin.post("/api/journeys/cart/publish", headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["revision"]) == (412, 2)
    assert (await admin.post("/api/journeys/cart/publish", headers={"If-Match": '"2"'})).json()["version"] == 1
    live = (await admin.get("/api/journeys/cart")).json()
    assert (live["status"], live["version"], live["revision"], live["has_changes"]) == ("live", 1, 2, False)


async def test_only_what_was_never_published_can_be_deleted(admin: AsyncClient) -> None:
    await admin.put("/api/journeys/cart", json=CART)
    assert (await admin.delete("/api/journeys/cart")).status_code == 204
    assert (await admin.get("/api/journeys/cart")).status_code == 404
    assert (await admin.delete("/api/journeys/cart")).json()["code"] == "unknown_journey"
    await admin.put("/api/journeys/cart", json=CART)
    await admin.post("/api/journeys/cart/publish")
    refused = await admin.delete("/api/journeys/cart")
    assert (refused.status_code, refused.json()["code"]) == (409, "journey_published")


async def test_a_journey_is_paused_and_resumed_and_the_router_hears_of_it(
    admin: AsyncClient, database_url: str
) -> None:
    await admin.put("/api/journeys/cart", json=CART)
    early = await admin.post("/api/journeys/cart/status", json={"status": "paused"})
    assert (early.status_code, early.json()["code"]) == (409, "journey_not_published")
    await admin.post("/api/journeys/cart/publish")
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as listener:
        await listener.execute("listen sojourn_journeys")
        for status in ("paused", "paused", "live"):
            answer = await admin.post("/api/journeys/cart/status", json={"status": status})
            assert (answer.status_code, answer.json()["status"]) == (200, status)
        heard = [one.payload async for one in listener.notifies(timeout=5, stop_after=2)]
    assert heard == ["cart", "cart"]
    wrongs: list[Any] = [{}, [], {"status": "stopped"}, {"status": None}]
    for wrong in wrongs:
        assert (await admin.post("/api/journeys/cart/status", json=wrong)).status_code == 400
    assert (await admin.post("/api/journeys/none/status", json={"status": "live"})).status_code == 404


async def test_a_name_in_lists_is_short_whatever_the_draft_says(admin: AsyncClient) -> None:
    for n, name in enumerate(("x" * 90_000, {"en": 3}, {str(n): "x" for n in range(500)}, [], "")):
        await admin.put(f"/api/journeys/j{n}", json={"name": name})
    items = (await admin.get("/api/journeys")).json()["items"]
    assert len(items) == 5
    assert all(0 < len(words) <= 200 for item in items for words in item["name"].values())
    assert all(len(item["name"]) <= 20 for item in items)
