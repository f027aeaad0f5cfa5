"""Versions: their history, what changed between two, restoring, files."""

import json
from typing import Any

import pytest
from httpx2 import AsyncClient

from orchestrator.files.yaml_text import load_yaml
from tests.api.journeys.test_drawing import CART

POSITIONS = {"positions": {"wait": {"x": 10, "y": 20}}, "notes": [{"id": "n", "x": 0, "y": 0, "text": "Hi"}]}


def waiting(duration: str, **fields: Any) -> dict[str, Any]:
    step = {**CART["steps"][0], "settings": {"mode": "duration", "duration": duration}}
    return {**CART, "steps": [step, CART["steps"][1]], **fields}


async def publish(admin: AsyncClient, document: dict[str, Any]) -> None:
    await admin.put("/api/journeys/cart", json=document)
    (await admin.post("/api/journeys/cart/publish")).raise_for_status()


async def test_versions_are_kept_as_they_were_drawn(admin: AsyncClient, rows: Any) -> None:
    await publish(admin, waiting("1h", layout=POSITIONS))
    await publish(admin, waiting("2h"))
    await rows(
        "insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, status, entered_at)"
        " values (gen_random_uuid(), 'w', 'cart', 1, 'h', gen_random_uuid(), 'running', now())"
    )
    items = (await admin.get("/api/journeys/cart/versions")).json()["items"]
    assert [(one["version"], one["live"], one["under_way"]) for one in items] == [(2, True, 0), (1, False, 1)]
    assert {one["published_by"] for one in items} == {"SOJOURN_ADMIN_TOKEN"}
    first = (await admin.get("/api/journeys/cart/versions/1")).json()
    assert first["document"] == waiting("1h", layout=POSITIONS)
    assert first["plan_hash"] == items[1]["plan_hash"]


async def test_a_version_from_before_documents_were_kept_is_told_from_its_plan(admin: AsyncClient, rows: Any) -> None:
    await publish(admin, waiting("1h", layout=POSITIONS))
    await rows("update journey_versions set document = null, published_by = null")
    document = (await admin.get("/api/journeys/cart/versions/1")).json()["document"]
    assert [step["id"] for step in document["steps"]] == ["wait", "done"]
    same = (await admin.get("/api/journeys/cart/difference?from=1&to=draft")).json()
    assert same == {"summary": {"added": 0, "removed": 0, "changed": 0}, "steps": {}, "edges": [], "journey": []}
    assert not (await admin.get("/api/journeys/cart")).json()["has_changes"]


async def test_a_version_becomes_the_draft_unless_somebody_changed_it(admin: AsyncClient) -> None:
    await publish(admin, waiting("1h", layout=POSITIONS))
    await publish(admin, waiting("2h"))
    stale = await admin.post("/api/journeys/cart/versions/1/restore", headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "draft_changed")
    restored = await admin.post("/api/journeys/cart/versions/1/restore", headers={"If-Match": '"2"'})
    body = restored.json()
    assert (restored.status_code, body["revision"], restored.headers["etag"]) == (200, 3, '"3"')
    assert (body["draft"], body["version"], body["has_changes"]) == (waiting("1h", layout=POSITIONS), 2, True)
    await publish(admin, body["draft"])
    assert (await admin.get("/api/journeys/cart")).json()["version"] == 3


async def test_what_changed_is_told_in_words(admin: AsyncClient) -> None:
    await publish(admin, waiting("1h"))
    extra = {"id": "later", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "3d"}}
    changed = waiting("2h", name={"ko": "새 이름", "en": "Cart"})
    changed["steps"] = [*changed["steps"], extra]
    changed["edges"] = [
        {"from": "entry", "to": "wait"},
        {"from": "wait", "to": "later"},
        {"from": "later", "to": "done"},
    ]
    await admin.put("/api/journeys/cart", json=changed)
    told = (await admin.get("/api/journeys/cart/difference")).json()
    assert told["summary"] == {"added": 1, "removed": 0, "changed": 1}
    assert told["steps"]["wait"]["fields"] == [
        {
            "field": "settings.duration",
            "label": {"en": "How long", "ko": "대기 시간"},
            "before": {"en": "1 hour", "ko": "1시간"},
            "after": {"en": "2 hours", "ko": "2시간"},
        }
    ]
    assert told["steps"]["later"] == {
        "change": "added",
        "title": {"en": "Wait 3 days", "ko": "3일 대기"},
        "fields": [],
    }
    assert {(edge["from"], edge["to"], edge["change"]) for edge in told["edges"]} == {
        ("wait", "done", "removed"),
        ("wait", "later", "added"),
        ("later", "done", "added"),
    }
    assert [(one["field"], one["after"]["ko"]) for one in told["journey"]] == [("name.ko", "새 이름")]
    backwards = (await admin.get("/api/journeys/cart/difference?from=draft&to=live")).json()
    assert backwards["summary"] == {"added": 0, "removed": 1, "changed": 1}


async def test_a_journey_goes_out_as_a_file_and_comes_back_as_it_was(admin: AsyncClient) -> None:
    await publish(admin, waiting("1h", layout=POSITIONS))
    await admin.put("/api/journeys/cart", json=waiting("2h"))
    file = await admin.get("/api/journeys/cart/file?version=live")
    assert file.headers["content-disposition"] == 'attachment; filename="cart-live.yaml"'
    assert file.headers["content-type"].startswith("application/yaml")
    assert load_yaml(file.text) == waiting("1h", layout=POSITIONS)
    assert file.text.startswith("key: cart\nname: {")
    as_json = await admin.get("/api/journeys/cart/file?format=json")
    assert json.loads(as_json.text) == waiting("2h")
    back = await admin.put(
        "/api/journeys/cart", content=file.text.encode(), headers={"Content-Type": "application/yaml"}
    )
    assert (back.status_code, back.json()["has_changes"]) == (200, False)
    copy = await admin.post("/api/journeys", content=file.text.encode(), headers={"Content-Type": "application/yaml"})
    assert copy.json()["key"] == "cart-2"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "none/versions", 404, "unknown_journey"),
        ("GET", "none/versions/1", 404, "unknown_journey"),
        ("GET", "none/difference", 404, "unknown_journey"),
        ("GET", "none/file", 404, "unknown_journey"),
        ("POST", "none/versions/1/restore", 404, "unknown_journey"),
        ("GET", "cart/versions/7", 404, "unknown_version"),
        ("POST", "cart/versions/7/restore", 404, "unknown_version"),
        ("GET", "cart/difference", 404, "unknown_version"),
        ("GET", "cart/difference?from=draft&to=9", 404, "unknown_version"),
        ("GET", "cart/file?version=live", 404, "unknown_version"),
        ("GET", "cart/versions/0", 400, "invalid_parameter"),
        ("GET", "cart/versions/99999999999999999999", 400, "invalid_parameter"),
        ("GET", "cart/difference?from=yesterday", 400, "invalid_parameter"),
        ("GET", "cart/file?format=xml", 400, "invalid_parameter"),
    ],
)
async def test_what_is_not_there_is_said(admin: AsyncClient, method: str, path: str, status: int, code: str) -> None:
    await admin.put("/api/journeys/cart", json=CART)
    answer = await admin.request(method, f"/api/journeys/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
