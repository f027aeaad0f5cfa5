"""Places kept for a draft that came without: no change of it, and never over what somebody put there."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.api.journeys.test_drawing import CART

PLACES = {step["id"]: {"x": 8 * n, "y": 100 * n} for n, step in enumerate(CART["steps"])}


async def placed(admin: AsyncClient, places: dict[str, Any], **headers: str) -> int:
    answer = await admin.put("/api/journeys/cart/layout", json={"positions": places}, headers=headers)
    return answer.status_code


async def test_a_draft_without_places_gets_them_and_stays_what_it_is(admin: AsyncClient) -> None:
    before = (await admin.post("/api/journeys", json={"document": CART})).json()
    assert await placed(admin, PLACES, **{"If-Match": '"1"'}) == 204
    after = (await admin.get("/api/journeys/cart")).json()
    assert after["draft"] == {**before["draft"], "layout": {"positions": PLACES}}
    assert {**after, "draft": None} == {**before, "draft": None}


async def test_what_has_a_place_keeps_it(admin: AsyncClient) -> None:
    first = CART["steps"][0]["id"]
    layout = {"positions": {first: {"x": 7, "y": 7}}, "notes": [{"id": "n", "x": 1, "y": 1, "text": "hm"}]}
    await admin.post("/api/journeys", json={"document": {**CART, "layout": layout}})
    assert await placed(admin, PLACES) == 204
    kept = (await admin.get("/api/journeys/cart")).json()["draft"]["layout"]
    assert kept == {**layout, "positions": {**PLACES, first: {"x": 7, "y": 7}}}


@pytest.mark.parametrize("layout", ["aside", {"positions": [1]}])
async def test_a_layout_that_is_none_is_left_to_its_author(admin: AsyncClient, layout: Any) -> None:
    await admin.put("/api/journeys/cart", json={**CART, "key": "cart", "layout": layout})
    assert await placed(admin, PLACES) == 204
    assert (await admin.get("/api/journeys/cart")).json()["draft"]["layout"] == layout


async def test_a_draft_that_changed_meanwhile_is_left_alone(admin: AsyncClient) -> None:
    await admin.post("/api/journeys", json={"document": CART})
    await admin.put("/api/journeys/cart", json={**CART, "name": "Other"})
    assert await placed(admin, PLACES, **{"If-Match": '"1"'}) == 204
    assert "layout" not in (await admin.get("/api/journeys/cart")).json()["draft"]


async def test_what_is_no_place_is_refused(admin: AsyncClient) -> None:
    await admin.post("/api/journeys", json={"document": CART})
    assert await placed(admin, {"a": {"x": 1e9, "y": 0}}) == 400
    assert await placed(admin, {"a": {"x": "left", "y": 0}}) == 400
    unknown = await admin.put("/api/journeys/none/layout", json={"positions": {}})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_journey")
