"""What is computed is told and changed over HTTP, and bad settings are refused with the field."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from tests.api.conftest import Rows


async def begin(rows: Rows) -> None:
    await rows(
        "insert into workspace (id, time_zone, locale, settings) values (1, 'Asia/Seoul', 'en', '{}') "
        "on conflict do nothing"
    )


async def test_nothing_is_computed_until_somebody_says_so(admin: AsyncClient, rows: Rows) -> None:
    await begin(rows)
    assert (await admin.get("/api/traits")).json() == {"settings": None, "names": {}, "models": []}
    own = {
        "key": "seen",
        "event": "Product Viewed",
        "within": "P30D",
        "measure": "most_frequent",
        "property": "category",
    }
    answer = await admin.put("/api/traits", json={"orders": {"event": "Purchased"}, "traits": [own]})
    assert answer.status_code == 200, answer.text
    told = (await admin.get("/api/traits")).json()
    assert told["settings"]["orders"]["event"] == "Purchased"
    assert told["settings"]["traits"][0]["within"] == "P30D"
    assert told["names"]["computed.orders"] == "number"
    assert "computed.seen" in told["names"]
    names = (await admin.get("/api/names")).json()
    assert "computed.seen" in [one["name"] for one in names["attributes"]]
    await admin.delete("/api/traits")
    assert (await admin.get("/api/traits")).json()["settings"] is None


@pytest.mark.parametrize(
    ("trait", "field", "words"),
    [
        ({"key": "orders", "event": "A"}, "traits.0", "choose another key"),
        ({"key": "a", "event": "A", "measure": "sum"}, "traits.0", "needs a property"),
        ({"key": "A b", "event": "A"}, "traits.0.key", "form"),
        ({"key": "a", "event": ""}, "traits.0.event", "at least 1"),
    ],
)
async def test_bad_settings_are_refused(
    admin: AsyncClient, rows: Rows, trait: dict[str, Any], field: str, words: str
) -> None:
    await begin(rows)
    answer = await admin.put("/api/traits", json={"traits": [trait]})
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert words in answer.json()["detail"]
    korean = await admin.put("/api/traits", json={"traits": [trait]}, headers={"Accept-Language": "ko"})
    assert korean.json()["detail"] != answer.json()["detail"]


async def test_a_shop_cannot_set_what_is_computed(client: AsyncClient, admin: AsyncClient, rows: Rows) -> None:
    body = {"userId": "u1", "traits": {"computed": {"orders": 99}, "computed.orders": 99, "city": "Seoul"}}
    answer = await client.post("/v1/identify", json=body)
    assert answer.status_code == 200
    assert [one["code"] for one in answer.json()["warnings"]] == ["computed_attribute", "computed_attribute"]
    [customer] = await rows("select attributes from customers")
    assert customer["attributes"] == {"city": "Seoul"}


async def test_refreshing_without_temporal_is_told(admin: AsyncClient) -> None:
    answer = await admin.post("/api/traits/refresh")
    assert answer.status_code == 503
