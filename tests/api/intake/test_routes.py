"""The front door over HTTP and a real database: what is accepted, what it becomes, what is refused and how."""

import gzip
from typing import Any

import orjson
import pytest
from httpx2 import AsyncClient, Response

TRACK = {"userId": "u1", "event": "Order Completed", "properties": {"total": 12900}, "messageId": "m1"}


def problem(response: Response) -> tuple[int, str, str | None]:
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail", "message", "code", "field", "parameters"}
    return response.status_code, body["code"], body["field"]


async def test_a_track_is_an_event_of_its_customer(client: AsyncClient, rows: Any) -> None:
    response = await client.post("/v1/track", json=TRACK)
    assert (response.status_code, response.json()) == (200, {"success": True})
    [event] = await rows("select events.*, external_id from events join customers on customers.id = customer_id")
    assert event["external_id"] == "u1"
    assert (event["kind"], event["name"], event["properties"]) == ("track", "Order Completed", {"total": 12900})
    assert event["occurred_at"] == event["received_at"]
    assert event["routed_at"] is None


async def test_the_same_message_twice_is_one_event(client: AsyncClient, rows: Any) -> None:
    for _ in range(2):
        assert (await client.post("/v1/track", json=TRACK)).status_code == 200
    twice = {"batch": [{**TRACK, "type": "track", "messageId": "m2"}] * 2}
    assert (await client.post("/v1/batch", json=twice)).json() == {"success": True}
    assert await rows("select message_id from events order by 1") == [{"message_id": "m1"}, {"message_id": "m2"}]


async def test_each_call_is_an_event_of_its_kind(client: AsyncClient, rows: Any) -> None:
    calls: list[dict[str, Any]] = [
        {"type": "page", "anonymousId": "a", "name": "Home", "properties": {"path": "/"}},
        {"type": "screen", "userId": "u", "name": "Cart"},
        {"type": "group", "userId": "u", "groupId": "acme", "traits": {"plan": "pro"}},
        {"type": "identify", "userId": "u", "traits": {"email": "mina@example.com", "plan": None}},
        {"type": "alias", "userId": "u", "previousId": "older"},
    ]
    assert (await client.post("/v1/batch", json={"batch": calls})).json() == {"success": True}
    events = await rows("select kind, name, properties from events order by seq")
    assert [tuple(event.values()) for event in events] == [
        ("page", "Page Viewed", {"name": "Home", "path": "/"}),
        ("screen", "Screen Viewed", {"name": "Cart"}),
        ("group", "Customer Updated", {"group_id": "acme", "traits": {"plan": "pro"}}),
        ("identify", "Customer Updated", {"email": "mina@example.com", "plan": None}),
        ("alias", "Identity Linked", {}),
    ]
    [customer] = await rows("select * from customers where external_id = 'u'")
    assert customer["attributes"] == {"group": {"acme": {"plan": "pro"}}}
    assert customer["email"] == "mina@example.com"


async def test_reserved_traits_reach_the_profile(client: AsyncClient, rows: Any) -> None:
    traits = {
        "email": " mina@example.com ",
        "phone": "010-1234-5678",
        "language": "ko_KR",
        "timezone": "Asia/Seoul",
        "consents": {"email": True, "sms": False, "email:night": True},
        "first_name": "미나",
    }
    response = await client.post("/v1/identify", json={"userId": "u", "traits": traits})
    assert response.json() == {"success": True}
    [customer] = await rows("select * from customers")
    assert customer["email"] == "mina@example.com"
    assert customer["phone"] == "+821012345678"
    assert customer["locale"] == "ko-KR"
    assert customer["time_zone"] == "Asia/Seoul"
    assert customer["consents"] == {"email": True, "sms": False, "email:night": True}
    assert customer["attributes"] == {"first_name": "미나"}


async def test_a_trait_that_cannot_be_used_is_kept_and_reported(client: AsyncClient, rows: Any) -> None:
    traits = {
        "phone": "call me",
        "email": 7,
        "timezone": "Mars",
        "locale": "?",
        "consents": {"email": "yes", "sms": True},
    }
    response = await client.post("/v1/identify", json={"userId": "u", "traits": traits})
    assert response.status_code == 200
    warnings = {(warning["code"], warning["field"]) for warning in response.json()["warnings"]}
    assert warnings == {
        ("invalid_phone", "traits.phone"),
        ("invalid_email", "traits.email"),
        ("invalid_time_zone", "traits.timezone"),
        ("invalid_locale", "traits.locale"),
        ("invalid_consent", "traits.consents.email"),
    }
    [customer] = await rows("select * from customers")
    assert (customer["phone"], customer["email"]) == (None, None)
    assert customer["attributes"] == {"phone": "call me", "email": 7, "timezone": "Mars", "locale": "?"}
    assert customer["consents"] == {"sms": True}


async def test_a_replayed_or_late_identify_does_not_undo_a_newer_one(client: AsyncClient, rows: Any) -> None:
    def said(message: str, plan: str, day: int, **more: str) -> dict[str, Any]:
        at = f"2026-03-0{day}T00:00:00Z"
        return {"userId": "u", "messageId": message, "timestamp": at, "traits": {"plan": plan, **more}}

    old, new = said("m1", "free", 1), said("m2", "pro", 3)
    late = said("m3", "basic", 2, city="Seoul")
    for call in (old, new, old, late):
        await client.post("/v1/identify", json=call)
    [customer] = await rows("select attributes from customers")
    assert customer["attributes"] == {"plan": "pro", "city": "Seoul"}


async def test_traits_in_passing_are_an_identify_and_told_once(client: AsyncClient, rows: Any) -> None:
    for number in range(3):
        call = {**TRACK, "messageId": f"m{number}", "context": {"traits": {"email": "mina@example.com"}}}
        assert (await client.post("/v1/track", json=call)).json() == {"success": True}
    events = await rows("select message_id, name from events order by seq")
    assert [event["message_id"] for event in events] == ["m0", "m0/traits", "m1", "m2"]
    assert events[1]["name"] == "Customer Updated"
    assert await rows("select email from customers") == [{"email": "mina@example.com"}]


async def test_a_batch_with_bad_items_stores_the_good_and_names_the_bad(client: AsyncClient, rows: Any) -> None:
    good = {**TRACK, "type": "track"}
    batch: list[Any] = [
        good,
        {**good, "event": None},
        "nonsense",
        {**good, "messageId": "m2", "type": "trak"},
        {**good, "messageId": "m3"},
    ]
    response = await client.post("/v1/batch", json={"batch": batch})
    assert response.status_code == 200
    body = response.json()
    assert body["success"] is True
    assert [(bad["index"], bad["code"], bad["field"]) for bad in body["rejected"]] == [
        (1, "missing_field", "event"),
        (2, "wrong_type", None),
        (3, "unknown_type", "type"),
    ]
    assert [row["message_id"] for row in await rows("select message_id from events order by 1")] == ["m1", "m3"]


async def test_context_of_the_batch_holds_for_its_items(client: AsyncClient, rows: Any) -> None:
    own = {**TRACK, "type": "track", "context": {"ip": "10.0.0.1"}}
    await client.post("/v1/batch", json={"batch": [own], "context": {"ip": "10.0.0.2", "library": {"name": "x"}}})
    [event] = await rows("select context from events")
    assert event["context"] == {"ip": "10.0.0.1", "library": {"name": "x"}}


async def test_gzip_is_unpacked_and_a_bomb_is_not(client: AsyncClient, rows: Any) -> None:
    def send(body: bytes) -> Any:
        return client.post("/v1/track", content=body, headers={"Content-Encoding": "gzip"})

    assert (await send(gzip.compress(orjson.dumps(TRACK)))).status_code == 200
    assert problem(await send(gzip.compress(b" " * 50_000_000))) == (400, "body_too_large", None)
    assert problem(await send(b"not gzip")) == (400, "invalid_gzip", None)
    assert problem(await send(gzip.compress(orjson.dumps(TRACK))[:-9])) == (400, "invalid_gzip", None)
    other = await client.post("/v1/track", content=b"x", headers={"Content-Encoding": "br"})
    assert problem(other) == (400, "unsupported_encoding", "Content-Encoding")
    assert len(await rows("select 1 from events")) == 1


async def test_sizes_are_bounded(client: AsyncClient, rows: Any) -> None:
    large = {**TRACK, "properties": {"text": "x" * 33_000}}
    response = await client.post("/v1/track", json=large)
    assert problem(response) == (400, "event_too_large", None)
    assert response.json()["parameters"]["limit"] == 32 * 1024
    batch = {
        "batch": [{**TRACK, "type": "track", "messageId": str(n), "properties": {"t": "x" * 900}} for n in range(600)]
    }
    assert problem(await client.post("/v1/batch", json=batch)) == (400, "body_too_large", None)
    assert problem(await client.post("/v1/batch", json={"batch": [{}] * 2_501})) == (400, "too_many_events", "batch")
    assert await rows("select 1 from events") == []
    within = {
        "batch": [{**TRACK, "type": "track", "messageId": str(n), "properties": {"t": "x" * 700}} for n in range(550)]
    }
    assert (await client.post("/v1/batch", json=within)).json() == {"success": True}
    assert len(await rows("select 1 from events")) == 550


@pytest.mark.parametrize(
    ("auth", "body", "expected"),
    [
        (("dev-write-key", ""), {}, None),
        (None, {"writeKey": "dev-write-key"}, None),
        (("other", ""), {"writeKey": "dev-write-key"}, (401, "unknown_write_key", "Authorization")),
        (None, {"writeKey": "other"}, (401, "unknown_write_key", "writeKey")),
        (None, {"writeKey": 7}, (401, "unknown_write_key", "writeKey")),
        (None, {}, (401, "missing_write_key", "writeKey")),
    ],
)
async def test_the_write_key(client: AsyncClient, auth: Any, body: Any, expected: Any) -> None:
    client.auth = auth
    response = await client.post("/v1/track", json={**TRACK, **body})
    assert (response.status_code == 200) if expected is None else (problem(response) == expected)


def nested(levels: int) -> bytes:
    return b'{"userId": "u", "event": "x", "properties": {"a": %s1%s}}' % (b"[" * levels, b"]" * levels)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", (400, "invalid_json", None)),
        (b"{", (400, "invalid_json", None)),
        (b"\xff\xfe", (400, "invalid_json", None)),
        (b"[]", (400, "wrong_type", None)),
        (b'{"event": "x"}', (400, "missing_identity", "userId")),
        (b'{"event": "x", "userId": " "}', (400, "missing_identity", "userId")),
        (b'{"event": "x", "userId": ["u"]}', (400, "wrong_type", "userId")),
        (b'{"event": "x", "userId": true}', (400, "wrong_type", "userId")),
        (b'{"event": "x", "userId": "%s"}' % (b"x" * 256), (400, "too_long", "userId")),
        (b'{"userId": "u"}', (400, "missing_field", "event")),
        (b'{"userId": "u", "event": 7}', (400, "wrong_type", "event")),
        (b'{"userId": "u", "event": "%s"}' % (b"x" * 201), (400, "too_long", "event")),
        (b'{"userId": "u", "event": "x", "properties": []}', (400, "wrong_type", "properties")),
        (b'{"userId": "u", "event": "x", "context": "c"}', (400, "wrong_type", "context")),
        (b'{"userId": "u", "event": "x", "timestamp": "soon"}', (400, "invalid_timestamp", "timestamp")),
        (b'{"userId": "u", "event": "x", "timestamp": 1700000000}', (400, "invalid_timestamp", "timestamp")),
        (b'{"userId": "u", "event": "x", "timestamp": "0001-01-01"}', (400, "invalid_timestamp", "timestamp")),
        (nested(300), (400, "too_deep", "properties")),
        (nested(5_000), (400, "too_deep", None)),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named(client: AsyncClient, body: bytes, expected: Any) -> None:
    assert problem(await client.post("/v1/track", content=body)) == expected


async def test_what_libraries_get_wrong_is_mended(client: AsyncClient, rows: Any) -> None:
    body = (
        b'{"userId": 1001, "event": "x", "properties": {"nan": NaN, "inf": 1e999, "half": "\\ud83d!", "nul\\u0000": '
        b'"a\\u0000b", "huge": 123456789012345678901234567890, "deep": [{"whole": "\\ud83d\\ude00"}]}}'
    )
    assert (await client.post("/v1/track", content=body)).json() == {"success": True}
    [event] = await rows("select properties, external_id from events join customers on customers.id = customer_id")
    assert event["external_id"] == "1001"
    assert event["properties"] == {
        "nan": None,
        "inf": None,
        "half": "\ufffd!",
        "nul": "ab",
        "huge": 123456789012345680000000000000,
        "deep": [{"whole": "😀"}],
    }


async def test_the_caller_is_answered_in_their_language(client: AsyncClient) -> None:
    async def message(accept: str) -> str:
        return str((await client.post("/v1/track", json={}, headers={"Accept-Language": accept})).json()["detail"])

    assert "“userId”" in await message("en")
    assert "누구의 이벤트인지" in await message("ko-KR,ko;q=0.9,en;q=0.8")
    assert "belongs to nobody" in await message("fr, en;q=0.5, ko;q=0.1, x;q=z")


async def test_browsers_of_any_origin_may_send_and_only_that(client: AsyncClient) -> None:
    asks = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    allowed = await client.options("/v1/t", headers={**asks, "Access-Control-Request-Headers": "content-type"})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == "*"
    sent = await client.post("/v1/t", json=TRACK, headers={"Origin": "https://shop.example"})
    assert sent.headers["access-control-allow-origin"] == "*"
    refused = await client.options("/api/journeys", headers=asks)
    assert "access-control-allow-origin" not in refused.headers


async def test_names_are_remembered_for_the_compiler(client: AsyncClient, rows: Any) -> None:
    await client.post("/v1/track", json={**TRACK, "properties": {"total": 1, "sku": "A", "gift": None}})
    await client.post("/v1/identify", json={"userId": "u1", "traits": {"plan": "pro", "email": "a@b.c"}})
    names = await rows(
        "select kind, event, name, type from seen_names where event <> 'Customer Updated' order by 1, 2, 3"
    )
    assert [tuple(name.values()) for name in names] == [
        ("attribute", "", "plan", "string"),
        ("event", "", "Customer Updated", ""),
        ("event", "", "Order Completed", ""),
        ("property", "Order Completed", "gift", ""),
        ("property", "Order Completed", "sku", "string"),
        ("property", "Order Completed", "total", "number"),
    ]


async def test_metrics_count_what_became_of_events(client: AsyncClient) -> None:
    await client.post("/v1/track", json=TRACK)
    await client.post("/v1/track", json=TRACK)
    text = (await client.get("/metrics")).text
    for sample in (
        'sojourn_intake_events_total{outcome="stored"}',
        'outcome="duplicate"',
        "sojourn_intake_flush_seconds",
    ):
        assert sample in text


async def test_health(client: AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    ready = await client.get("/readyz")
    told = {"routers": 0, "workers": 0, "lag_seconds": 0.0, "unreadable_journeys": []}
    troubles = ["no_router", "no_worker"]
    told |= {"intake_stalled_seconds": 0.0}
    expected = {"status": "unavailable", "unreachable": ["temporal"], **told, "troubles": troubles}
    assert (ready.status_code, ready.json()) == (503, expected)
