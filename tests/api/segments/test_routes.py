"""Segments over HTTP: made, changed under a revision, asked about, explained, put away."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from httpx2 import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.segments.ready import READY
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from orchestrator.store.segments.build import build_some
from tests.api.conftest import Rows

BUYERS = {
    "name": {"en": "Buyers", "ko": "구매 고객"},
    "condition": {"kind": "history", "event": "Order Completed"},
}
VIP = {"name": {"en": "VIP"}, "condition": {"kind": "tag", "tag": "vip"}}


@pytest.fixture
async def engine(api_settings: Settings) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(api_settings.database_url)
    yield engine
    await engine.dispose()


async def build(engine: AsyncEngine) -> None:
    while await build_some(engine, datetime.now(UTC)):
        pass


@pytest.fixture
async def buyers(admin: AsyncClient, client: AsyncClient, engine: AsyncEngine) -> AsyncClient:
    """Two customers, one of whom has ordered; and the segment of those who have, built."""
    for user, event in (("mina", "Order Completed"), ("juno", "Signed Up")):
        answer = await client.post("/v1/track", json={"userId": user, "event": event})
        assert answer.status_code == 200
    answer = await admin.post("/api/segments", json={"key": "buyers", "segment": BUYERS})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["state"], answer.json()["size"]) == ("building", None)
    await build(engine)
    return admin


async def test_a_segment_is_built_and_told_with_its_size(buyers: AsyncClient) -> None:
    found = (await buyers.get("/api/segments/buyers")).json()
    assert (found["state"], found["size"], found["version"], found["live_version"]) == ("ready", 1, 1, 1)
    assert found["text"] == {"en": "*Order Completed* at least once", "ko": "*Order Completed* 1회 이상"}
    [listed] = (await buyers.get("/api/segments")).json()["items"]
    assert listed == found
    [member] = (await buyers.get("/api/segments/buyers/members")).json()["items"]
    assert member["called"] == "mina"
    assert [one["size"] for one in (await buyers.get("/api/segments/buyers/sizes")).json()["items"]] == [1]
    assert (await buyers.get("/api/segments/buyers/changes")).json()["items"] == [], "nobody came in: one began to look"


async def test_why_somebody_is_in_it_or_not_is_told(buyers: AsyncClient) -> None:
    asked = {who: (await buyers.get(f"/api/segments/buyers/explain?customer={who}")).json() for who in ("mina", "juno")}
    assert [(one["member"], one["truth"]) for one in asked.values()] == [(True, True), (False, False)]
    assert asked["juno"]["text"]["en"] == "*Order Completed* at least once (found: 0)"
    assert asked["mina"]["since"] is not None


async def test_a_change_goes_by_its_revision_and_the_old_members_stand_until_it_is_built(
    buyers: AsyncClient, engine: AsyncEngine
) -> None:
    twice = {**BUYERS, "condition": {**BUYERS["condition"], "value": 2}}
    changed = await buyers.put("/api/segments/buyers", json=twice, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (changed.json()["state"], changed.json()["size"], changed.json()["version"]) == ("changing", 1, 2)
    late = await buyers.put("/api/segments/buyers", json=BUYERS, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"], late.json()["current"]["revision"]) == (412, "draft_changed", 2)
    await build(engine)
    found = (await buyers.get("/api/segments/buyers")).json()
    assert (found["state"], found["size"], found["live_version"]) == ("ready", 0, 2)
    [left] = (await buyers.get("/api/segments/buyers/changes")).json()["items"]
    assert (left["called"], left["change"], left["cause"]) == ("mina", "left", "definition")


async def test_another_name_builds_nothing(buyers: AsyncClient) -> None:
    renamed = await buyers.put("/api/segments/buyers", json={**BUYERS, "name": {"en": "Those who bought"}})
    assert (renamed.json()["state"], renamed.json()["version"], renamed.json()["revision"]) == ("ready", 1, 2)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"kind": "all", "of": []}, "empty_condition"),
        ({"kind": "property", "name": "sku", "value": 1}, "asks_about_event"),
        ({"kind": "attribute", "name": "tier", "value": {"ref": "entry.tier"}}, "refers_to_a_run"),
        ({"kind": "history", "event": "Viewed", "since_entry": True}, "refers_to_a_run"),
        ({"kind": "segment", "segment": "nowhere"}, "unknown_segment"),
        ({"kind": "segment", "segment": "buyers"}, "segments_in_a_circle"),
        (
            {"kind": "all", "of": [{"kind": "tag", "tag": "a"}, {"kind": "tag", "tag": "a", "has": False}]},
            "never_matches",
        ),
        ({"kind": "moon phase"}, "union_tag_invalid"),
    ],
)
async def test_a_condition_that_no_segment_can_have_is_refused(
    buyers: AsyncClient, condition: dict[str, Any], code: str
) -> None:
    refused = await buyers.put("/api/segments/buyers", json={**BUYERS, "condition": condition})
    assert refused.status_code == 400
    [problem, *_] = refused.json()["problems"]
    assert problem["code"] == code
    korean = await buyers.put(
        "/api/segments/buyers", json={**BUYERS, "condition": condition}, headers={"Accept-Language": "ko"}
    )
    assert korean.json()["problems"][0]["message"] != problem["message"]


async def test_what_is_written_is_estimated(buyers: AsyncClient) -> None:
    asked = {"condition": BUYERS["condition"]}
    found = (await buyers.post("/api/segments/estimate", json=asked)).json()
    assert (found["customers"], found["of"], found["problems"]) == (1, 2, [])
    assert [one["called"] for one in found["sample"]] == ["mina"]
    upon = {"condition": {"kind": "segment", "segment": "buyers"}}
    assert (await buyers.post("/api/segments/estimate", json=upon)).json()["customers"] == 1
    itself = (await buyers.post("/api/segments/estimate", json={**upon, "key": "buyers"})).json()
    assert (itself["customers"], itself["problems"][0]["code"]) == (None, "segments_in_a_circle")


async def test_what_is_used_is_not_put_away(buyers: AsyncClient) -> None:
    upon = {"name": {"en": "Upon"}, "condition": {"kind": "segment", "segment": "buyers"}}
    assert (await buyers.post("/api/segments", json={"segment": upon})).json()["key"] == "upon"
    [use] = (await buyers.get("/api/segments/buyers/uses")).json()["items"]
    assert (use["kind"], use["key"], use["live"]) == ("segment", "upon", True)
    refused = await buyers.post("/api/segments/buyers/archive")
    assert (refused.status_code, refused.json()["code"]) == (409, "segment_in_use")
    assert (await buyers.post("/api/segments/upon/archive")).json()["state"] == "archived"
    archived = (await buyers.post("/api/segments/buyers/archive")).json()
    assert (archived["state"], archived["size"]) == ("archived", None)
    assert (await buyers.post("/api/segments/buyers/restore")).json()["state"] == "building"


async def test_a_journey_that_names_it_is_told_among_its_uses(buyers: AsyncClient) -> None:
    draft = {
        "key": "hello",
        "name": "Hello",
        "entry": {"triggers": [{"kind": "segment", "segment": "buyers"}]},
        "steps": [{"id": "end", "kind": "exit", "stage": "intake"}],
        "edges": [{"from": "entry", "to": "end"}],
    }
    made = await buyers.post("/api/journeys", json={"document": draft})
    assert made.status_code == 201, made.text
    [use] = (await buyers.get("/api/segments/buyers/uses")).json()["items"]
    assert (use["kind"], use["key"], use["live"]) == ("journey", "hello", False)


async def test_ready_ones_can_be_made_as_they_are(admin: AsyncClient, rows: Rows) -> None:
    listed = (await admin.get("/api/segments/ready")).json()["items"]
    assert [one["key"] for one in listed] == list(READY)
    for one in listed:
        made = await admin.post("/api/segments", json={"key": one["key"], "segment": one["segment"]})
        assert made.status_code == 201, made.text
    assert len(await rows("select key from segments where build is not null")) == len(READY)


async def test_keys_are_checked_and_taken_once(buyers: AsyncClient) -> None:
    for key in ("Buyers!", "new", "estimate"):
        refused = await buyers.post("/api/segments", json={"key": key, "segment": VIP})
        assert (refused.status_code, refused.json()["field"]) == (400, "key")
    twice = await buyers.post("/api/segments", json={"key": "buyers", "segment": VIP})
    assert (twice.status_code, twice.json()["code"]) == (409, "segment_exists")
    assert (await buyers.get("/api/segments/nowhere")).json()["code"] == "unknown_segment"
