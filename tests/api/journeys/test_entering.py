"""Customers enter by request: an answer for each, once for each key."""

from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from tests.api.conftest import Rows
from tests.api.journeys.routing import routing
from tests.api.journeys.test_drawing import CART

BY_REQUEST = {**CART, "entry": {"triggers": [{"kind": "request"}]}, "reentry": {"mode": "after_end"}}


async def publish(admin: AsyncClient, **entry: Any) -> None:
    await admin.put("/api/journeys/cart", json={**BY_REQUEST, "entry": {**BY_REQUEST["entry"], **entry}})
    (await admin.post("/api/journeys/cart/publish")).raise_for_status()


async def people(client: AsyncClient, *ids: str) -> None:
    for one in ids:
        answer = await client.post("/v1/identify", json={"userId": one, "traits": {"vip": one.startswith("v")}})
        answer.raise_for_status()


async def enter(admin: AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await admin.post("/api/journeys/cart/enter", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_each_customer_is_answered_for_and_enters_once(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows
) -> None:
    await publish(admin, filter={"kind": "attribute", "name": "vip", "op": "eq", "value": True})
    await people(client, "v1", "v2", "plain")
    asked = {
        "customers": [{"customer": one} for one in ("v1", "plain", "nobody", "v2")],
        "properties": {"offer": 3},
        "idempotency_key": "march",
    }
    async with routing(app.state.resources.engine):
        told = await enter(admin, **asked)
        again = await enter(admin, **asked)
    outcomes = [(one["customer"], one["outcome"], one["reason"]) for one in told["customers"]]
    assert outcomes == [
        ("v1", "entered", None),
        ("plain", "refused", "filter"),
        ("nobody", "unknown", None),
        ("v2", "entered", None),
    ]
    assert (told["entered"], told["refused"], told["unknown"], told["pending"]) == (2, 1, 1, 0)
    assert again == told
    runs = await rows("select id from runs")
    assert {UUID(one["run"]) for one in told["customers"] if one["run"]} == {row["id"] for row in runs}
    requests = await rows("select properties from events where name = 'Journey Requested'")
    assert [row["properties"] for row in requests] == [{"offer": 3, "journey": "cart"}] * 3


async def test_another_key_asks_again_and_the_rules_hold(app: FastAPI, client: AsyncClient, admin: AsyncClient) -> None:
    await publish(admin)
    await people(client, "a")
    async with routing(app.state.resources.engine):
        first = await enter(admin, customer="a")
        second = await enter(admin, customer="a")
        korean = await admin.post("/api/journeys/cart/enter", json={"customer": "a"}, headers={"Accept-Language": "ko"})
    assert first["idempotency_key"] != second["idempotency_key"]
    assert second["customers"][0]["reason"] == "already_in"
    assert "이미" in korean.json()["customers"][0]["words"]


async def test_a_header_is_a_key_and_an_id_tells_entries_of_one_customer_apart(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows
) -> None:
    await publish(admin, key="cart_id")
    await people(client, "a")
    carts = [{"customer": "a", "id": one, "properties": {"cart_id": one}} for one in ("c1", "c2")]
    async with routing(app.state.resources.engine):
        for _ in range(2):
            answer = await admin.post(
                "/api/journeys/cart/enter", json={"customers": carts}, headers={"Idempotency-Key": "k"}
            )
            assert [one["outcome"] for one in answer.json()["customers"]] == ["entered", "entered"]
    assert len(await rows("select id from runs")) == 2


async def test_without_a_router_the_request_is_stored_and_pending(
    app: FastAPI, client: AsyncClient, admin: AsyncClient
) -> None:
    await publish(admin)
    await people(client, "a")
    asked = {"customer": "a", "idempotency_key": "k", "wait": 0}
    assert (await enter(admin, **asked))["pending"] == 1
    async with routing(app.state.resources.engine):
        assert (await enter(admin, **{**asked, "wait": 5}))["entered"] == 1


async def test_whom_nobody_can_let_in_is_said(client: AsyncClient, admin: AsyncClient) -> None:
    async def code(key: str = "cart", **body: Any) -> tuple[int, str]:
        answer = await admin.post(f"/api/journeys/{key}/enter", json=body)
        return answer.status_code, answer.json()["code"]

    assert await code("none", customer="a") == (404, "unknown_journey")
    await admin.put("/api/journeys/cart", json=BY_REQUEST)
    assert await code(customer="a") == (409, "journey_not_open")
    await admin.put("/api/journeys/cart", json=CART)
    (await admin.post("/api/journeys/cart/publish")).raise_for_status()
    assert await code(customer="a") == (409, "no_request_trigger")
    assert await code() == (400, "who_enters")
    assert await code(customer="a", customers=[{"customer": "b"}]) == (400, "who_enters")
    assert await code(customers=[{"customer": str(n)} for n in range(1001)]) == (400, "invalid_parameter")


async def test_a_paused_journey_refuses_with_the_reason(app: FastAPI, client: AsyncClient, admin: AsyncClient) -> None:
    await publish(admin)
    await people(client, "a")
    (await admin.post("/api/pauses", json={"what": "journey:cart", "why": "look"})).raise_for_status()
    async with routing(app.state.resources.engine):
        assert (await enter(admin, customer="a"))["customers"][0]["reason"] == "paused"


@pytest.mark.parametrize("given", ["{id}", "{id_upper}", " a "])
async def test_ids_are_found_as_everywhere(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows, given: str
) -> None:
    await publish(admin)
    await people(client, "a")
    [row] = await rows("select id from customers")
    asked = given.format(id=row["id"], id_upper=str(row["id"]).upper())
    async with routing(app.state.resources.engine):
        assert (await enter(admin, customer=asked))["entered"] == 1
