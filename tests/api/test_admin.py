"""The admin API over a real database: who may ask, journeys from draft to version, customers, lists in pages."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from httpx2 import AsyncClient

from orchestrator.store.database import plain_dsn

EXAMPLES = Path(__file__).parents[2] / "examples"

NUDGE = """
key: nudge
name: {ko: 장바구니, en: Cart}
entry:
  triggers: [{kind: event, event: Cart Updated}]
steps:
  - {id: wait, kind: delay, stage: intake, settings: {mode: duration, duration: 1h}}
  - {id: done, kind: exit, stage: intake, settings: {reason: told}}
edges:
  - {from: entry, to: wait}
  - {from: wait, to: done}
"""
YAML = {"Content-Type": "application/yaml"}


async def everything(admin: AsyncClient, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All items of a list, read in small pages."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(50):
        given = {"limit": 2, **parameters, **({} if cursor is None else {"cursor": cursor})}
        page = (await admin.get(path, params=given)).raise_for_status().json()
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items
    raise AssertionError("pages without end")


@pytest.mark.parametrize("path", ["/api/journeys", "/api/customers", "/api/events", "/api/schema/journey"])
async def test_only_the_admin_may_ask(admin: AsyncClient, path: str) -> None:
    del admin.headers["Authorization"]
    for token, code in ((None, "missing_token"), ("Bearer dev-write-key", "wrong_token"), ("Bearer é", "wrong_token")):
        response = await admin.get(path, headers=[] if token is None else [(b"Authorization", token.encode("latin-1"))])
        assert (response.status_code, response.json()["code"]) == (401, code)
        assert response.headers["www-authenticate"] == "Bearer"


async def test_a_journey_goes_from_draft_to_version(admin: AsyncClient, rows: Any) -> None:
    saved = await admin.put("/api/journeys/nudge", content=NUDGE, headers=YAML)
    assert saved.status_code == 200, saved.text
    assert (saved.json()["status"], saved.json()["version"]) == ("draft", None)
    checked = (await admin.post("/api/journeys/nudge/check")).json()
    assert [(problem["code"], problem["severity"]) for problem in checked["problems"]] == [("unknown_event", "warning")]
    first = (await admin.post("/api/journeys/nudge/publish")).json()
    assert (first["key"], first["version"], first["plan_hash"]) == ("nudge", 1, checked["plan_hash"])
    again = (await admin.post("/api/journeys/nudge/publish")).json()
    assert again == first  # nothing changed, so nothing new is published
    changed = NUDGE.replace("1h", "2h")
    await admin.put("/api/journeys/nudge", content=changed, headers=YAML)
    assert (await admin.post("/api/journeys/nudge/publish")).json()["version"] == 2
    journey = (await admin.get("/api/journeys/nudge")).json()
    assert (journey["status"], journey["version"]) == ("live", 2)
    assert journey["draft"]["name"] == {"ko": "장바구니", "en": "Cart"}
    assert await rows("select version from journey_versions order by 1") == [{"version": 1}, {"version": 2}]
    assert len(await rows("select 1 from plans")) == 2


async def test_a_draft_may_be_unfinished_and_is_not_published(admin: AsyncClient, rows: Any) -> None:
    assert (await admin.put("/api/journeys/half", json={"name": "Half"})).status_code == 200
    refused = await admin.post("/api/journeys/half/publish", headers={"Accept-Language": "ko"})
    body = refused.json()
    assert (refused.status_code, body["code"]) == (409, "journey_has_errors")
    assert body["parameters"]["count"] == len([p for p in body["problems"] if p["severity"] == "error"]) > 0
    assert await rows("select status, live_version from journeys") == [{"status": "draft", "live_version": None}]


async def test_pausing_survives_a_publication(admin: AsyncClient, rows: Any) -> None:
    await admin.put("/api/journeys/nudge", content=NUDGE, headers=YAML)
    await admin.post("/api/journeys/nudge/publish")
    await rows("update journeys set status = 'paused'")
    await admin.put("/api/journeys/nudge", content=NUDGE.replace("1h", "2h"), headers=YAML)
    assert (await admin.post("/api/journeys/nudge/publish")).json()["version"] == 2
    assert (await admin.get("/api/journeys/nudge")).json()["status"] == "paused"


async def test_the_router_hears_of_a_publication(admin: AsyncClient, database_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as listener:
        await listener.execute("listen sojourn_journeys")
        await admin.put("/api/journeys/nudge", content=NUDGE, headers=YAML)
        await admin.post("/api/journeys/nudge/publish")
        heard = [one.payload async for one in listener.notifies(timeout=5, stop_after=1)]
    assert heard == ["nudge"]


@pytest.mark.parametrize("key", ["birthday", "lifecycle", "cart-recovery"])
async def test_the_examples_can_be_published_into_an_empty_workspace(admin: AsyncClient, key: str) -> None:
    content = (EXAMPLES / f"{key}.yaml").read_text(encoding="utf-8")
    assert (await admin.put(f"/api/journeys/{key}", content=content, headers=YAML)).status_code == 200
    stopped = await admin.post(f"/api/journeys/{key}/publish")  # links to example.com, and nobody says who sends them
    assert stopped.json().get("code", "checks_stop") == "checks_stop"
    published = await admin.post(f"/api/journeys/{key}/publish", json={"override": True})
    assert published.status_code == 200, published.text


@pytest.mark.parametrize(
    ("path", "content", "code"),
    [
        ("nudge", "key: other", "key_differs"),
        ("nudge", "- a list", "not_a_journey"),
        ("nudge", "a: [", "invalid_yaml"),
        ("nudge", "a: \x01", "invalid_yaml"),
        ("nudge", "a: !!timestamp 2026-99-99", "invalid_yaml"),
        ("nudge", "a: &a [x, x]\nb: &b [*a, *a]\n" + "".join(f"c{n}: &c{n} [*b, *b]\n" for n in range(3)), None),
        ("nudge", "l0: &l0 [x]\n" + "".join(f"l{n}: &l{n} [*l{n - 1}, *l{n - 1}]\n" for n in range(1, 40)), "too_deep"),
        ("nudge", "a: &a [*a]", "too_deep"),
        ("Not-A-Key", "{}", "invalid_parameter"),
    ],
)
async def test_what_is_no_journey_is_refused(admin: AsyncClient, path: str, content: str, code: str | None) -> None:
    response = await admin.put(f"/api/journeys/{path}", content=content, headers=YAML)
    assert response.json().get("code") == code, response.text
    assert response.status_code == (200 if code is None else 400)


async def test_what_is_not_there_is_said(admin: AsyncClient) -> None:
    for method, path, code in (
        ("GET", "/api/journeys/none", "unknown_journey"),
        ("POST", "/api/journeys/none/check", "unknown_journey"),
        ("POST", "/api/journeys/none/publish", "unknown_journey"),
        ("GET", "/api/customers/none", "unknown_customer"),
        ("GET", "/api/customers/none/timeline", "unknown_customer"),
        ("GET", "/api/events?customer=none", "unknown_customer"),
        ("GET", "/api/nowhere", "not_found"),
    ):
        response = await admin.request(method, path)
        assert (response.status_code, response.json()["code"]) == (404, code), path
    assert (await admin.delete("/api/journeys")).json()["code"] == "method_not_allowed"


async def test_a_cursor_of_ones_own_making_is_refused(admin: AsyncClient) -> None:
    for path in ("journeys", "customers", "events", "runs", "messages", "entries"):
        for cursor in ("!", "AAAA", "gibberish", "4pyT"):
            response = await admin.get(f"/api/{path}", params={"cursor": cursor})
            assert (response.status_code, response.json()["code"]) == (400, "invalid_cursor"), (path, cursor)
    for limit in (0, 201, "many"):
        assert (await admin.get("/api/runs", params={"limit": limit})).json()["code"] == "invalid_parameter"


async def test_journeys_come_in_pages(admin: AsyncClient) -> None:
    for key in ("b", "a", "c"):
        await admin.put(f"/api/journeys/{key}", json={"name": key.upper()})
    items = await everything(admin, "/api/journeys")
    assert [item["key"] for item in items] == ["b", "a", "c"]
    assert items[0]["name"] == {"en": "B", "ko": "B"}
    assert (items[0]["live"], items[0]["entered"], items[0]["finished"]) == (0, 0, 0)


async def test_customers_events_and_the_line_of_time(client: AsyncClient, admin: AsyncClient, rows: Any) -> None:
    for number in range(5):
        call = {"userId": "mina", "event": f"Event {number}", "timestamp": f"2026-03-01T00:0{number}:00Z"}
        await client.post("/v1/track", json=call)
    traits = {"name": "Jun", "email": "jun@x.kr"}
    await client.post("/v1/identify", json={"userId": "jun", "anonymousId": "a", "traits": traits})
    people = await everything(admin, "/api/customers")
    assert [person["external_id"] for person in people] == ["jun", "mina"]
    for query, found in (("jun@", ["jun"]), ("Jun", ["jun"]), ("mina", ["mina"]), ("100%", [])):
        listed = await everything(admin, "/api/customers", query=query)
        assert [person["external_id"] for person in listed] == found
    jun = (await admin.get("/api/customers/jun")).json()
    assert jun["email"] == "jun@x.kr"
    assert jun["identities"] == [{"kind": "user", "value": "jun"}, {"kind": "anonymous", "value": "a"}]
    assert (await admin.get(f"/api/customers/{jun['id']}")).json() == jun
    events = await everything(admin, "/api/events", customer="mina")
    assert [event["name"] for event in events] == [f"Event {number}" for number in (4, 3, 2, 1, 0)]
    assert len(await everything(admin, "/api/events")) == 6
    assert [event["name"] for event in await everything(admin, "/api/events", name="Event 2")] == ["Event 2"]
    line = await everything(admin, "/api/customers/mina/timeline")
    assert [(item["source"], item["name"]) for item in line] == [("event", f"Event {n}") for n in (4, 3, 2, 1, 0)]


async def test_runs_messages_entries_and_their_place_in_the_line_of_time(
    client: AsyncClient, admin: AsyncClient, rows: Any
) -> None:
    await client.post("/v1/track", json={"userId": "mina", "event": "Cart Updated", "messageId": "m"})
    customer = (await rows("select id from customers"))[0]["id"]
    await rows(
        "insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, status, entered_at)"
        " select gen_random_uuid(), 'w' || n, 'nudge', 1, 'h', %s, case when n = 1 then 'running' else 'finished' end,"
        " now() + n * interval '1 minute' from generate_series(1, 3) n",
        customer,
    )
    await rows(
        "insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)"
        " select id, 1, 'nudge', customer_id, entered_at, 'entered', 'wait', 1, '', '{}' from runs"
    )
    await rows(
        "insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason,"
        " attempts, created_at) select gen_random_uuid(), id, 'nudge', 's', 1, customer_id, 'advertising', 'skipped',"
        " 'consent', 1, entered_at from runs"
    )
    await rows(
        "insert into entry_decisions select gen_random_uuid(), 'nudge', 1, customer_id, 'm', entered_at,"
        " status = 'running', 'already_in', '{}', id from runs"
    )
    assert len(await everything(admin, "/api/runs", customer="mina", journey="nudge")) == 3
    assert len(await everything(admin, "/api/runs", status="live")) == 1
    assert await everything(admin, "/api/runs", journey="other") == []
    assert {item["reason"] for item in await everything(admin, "/api/messages", customer="mina")} == {"consent"}
    assert await everything(admin, "/api/messages", status="sent") == []
    assert len(await everything(admin, "/api/entries", customer="mina", reason="refused")) == 2
    assert (await everything(admin, "/api/entries", journey="nudge"))[0]["event"] == "Cart Updated"
    line = await everything(admin, "/api/customers/mina/timeline")
    assert sorted(item["source"] for item in line) == ["entry"] * 3 + ["event"] + ["send"] * 3 + ["step"] * 3
    assert [item["at"] for item in line] == sorted((item["at"] for item in line), reverse=True)
    await admin.put("/api/journeys/nudge", content=NUDGE, headers=YAML)
    [journey] = await everything(admin, "/api/journeys")
    assert (journey["live"], journey["entered"], journey["finished"]) == (1, 3, 2)


async def test_a_merged_customer_is_answered_as_who_they_became(
    client: AsyncClient, admin: AsyncClient, rows: Any
) -> None:
    await client.post("/v1/track", json={"anonymousId": "a", "event": "Viewed"})
    visitor = (await rows("select id from customers"))[0]["id"]
    await client.post("/v1/track", json={"userId": "mina", "event": "Viewed"})
    await client.post("/v1/identify", json={"userId": "mina", "anonymousId": "a"})
    assert (await admin.get(f"/api/customers/{visitor}")).json()["external_id"] == "mina"
    assert len(await everything(admin, f"/api/customers/{visitor}/timeline")) == 3


async def test_the_description_of_the_api_is_complete(admin: AsyncClient) -> None:
    description = (await admin.get("/openapi.json")).json()
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), f"{method} {path} says nothing about itself"
            assert operation.get("summary"), path
            if path.startswith("/api/"):
                assert operation["security"] == [{"token": []}], path
    for call in ("track", "identify", "page", "screen", "group", "alias", "batch"):
        body = description["paths"][f"/v1/{call}"]["post"]["requestBody"]["content"]["application/json"]
        assert body["example"]
    assert (await admin.get("/docs")).status_code == 200
