"""A broadcast over HTTP: who is meant, whose turn it is, what became of each; paused, recalled, made up for."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from temporalio.testing import ActivityEnvironment

from activities.operations.broadcast import BroadcastActivities
from orchestrator.store.segments.build import build_some
from tests.api.conftest import Rows
from tests.api.journeys.routing import router_of
from tests.api.journeys.test_drawing import CART
from tests.api.journeys.test_entering import BY_REQUEST, people, publish

VIP = {"kind": "attribute", "name": "vip", "op": "eq", "value": True}
SENT = """
insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, inputs,
    content, attempts, created_at, tags)
select gen_random_uuid(), r.id, r.journey_key, 'hello', 1, r.customer_id, 'advertising', %s, '', '{}', '{}', 0, now(),
    '[]'
from runs r join customers c on c.id = r.customer_id where c.external_id = any(%s)
"""


class Temporal:
    """Remembers what was begun."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, float]] = []
        self.ended: list[str] = []

    async def __call__(self) -> "Temporal":
        return self

    async def start_broadcast(self, operation: Any, per_second: float) -> None:
        self.begun.append((str(operation), per_second))

    async def start_operation(self, operation: Any, per_second: float) -> None:
        self.ended.append(str(operation))


@pytest.fixture
def temporal(app: FastAPI) -> Temporal:
    found = app.state.runs_connection = Temporal()
    return found


async def launch(admin: AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await admin.post("/api/broadcasts", json={"journey": "cart", **body})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def get(admin: AsyncClient, broadcast: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = (await admin.get(f"/api/broadcasts/{broadcast['id']}")).json()
    return told


async def act(admin: AsyncClient, broadcast: dict[str, Any], what: str, **body: Any) -> Any:
    return await admin.post(f"/api/broadcasts/{broadcast['id']}/{what}", json=body)


async def turn(app: FastAPI, broadcast: dict[str, Any], most: int = 10) -> dict[str, Any]:
    """As the workflow asks for it."""
    many: Any = BroadcastActivities(app.state.resources.engine)
    given = {"operation": broadcast["id"], "most": most}
    found: dict[str, Any] = await ActivityEnvironment().run(many.carry_out_broadcast, given)
    return found


async def route(app: FastAPI) -> None:
    router = router_of(app.state.resources.engine)
    await router.refresh()
    while await router.route_batch():
        pass


async def build(app: FastAPI) -> None:
    while await build_some(app.state.resources.engine, datetime.now(UTC)):
        pass


async def became(admin: AsyncClient, broadcast: dict[str, Any], **query: Any) -> dict[str, str]:
    rows = (await admin.get(f"/api/broadcasts/{broadcast['id']}/customers", params=query)).json()
    return {row["external_id"]: row["became"] for row in rows}


async def test_everybody_of_a_segment_enters_once(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows, temporal: Temporal
) -> None:
    await publish(admin)
    await people(client, "v1", "v2", "v3", "plain")
    segment = {"name": {"en": "VIP"}, "condition": VIP}
    (await admin.post("/api/segments", json={"key": "vip", "segment": segment})).raise_for_status()
    early = await admin.post("/api/broadcasts", json={"journey": "cart", "segment": "vip"})
    assert (early.status_code, early.json()["code"]) == (409, "segment_not_ready")
    await build(app)
    seen = (await admin.post("/api/broadcasts/preview", json={"journey": "cart", "segment": "vip"})).json()
    assert (seen["customers"], seen["reachable"], seen["anyhow"], len(seen["sample"])) == (3, {}, None, 3)
    made = await launch(admin, segment="vip", per_minute=120, why="spring", properties={"offer": 3})
    assert (made["total"], made["prepared"], made["status"]) == (0, False, "running")
    assert temporal.begun == [(made["id"], 2.0)]
    # Who is meant is settled when it starts: v4 comes before, v5 after.
    for late in ("v4", "v5"):
        await people(client, late)
        (await admin.post("/api/segments/vip/rebuild")).raise_for_status()
        await build(app)
        if late == "v4":
            assert (await turn(app, made))["done"] == 0
    assert (await turn(app, made, 3))["done"] == 3
    assert (await turn(app, made, 3))["done"] == 1
    assert (await get(admin, made))["outcomes"] == {"asked": 4}
    assert await turn(app, made) == {"done": 0, "wait": 1, "over": False}
    await route(app)
    assert (await turn(app, made))["over"]
    told = await get(admin, made)
    assert (told["status"], told["total"], told["outcomes"]) == ("done", 4, {"under_way": 4})
    events = await rows("select properties from events where name = 'Journey Requested'")
    assert [row["properties"] for row in events] == [{"offer": 3, "journey": "cart"}] * 4
    entered = await rows("select c.external_id from runs r join customers c on c.id = r.customer_id order by 1")
    assert [row["external_id"] for row in entered] == ["v1", "v2", "v3", "v4"]
    [entry] = await rows("select why from audit_log where what = 'broadcast.started'")
    assert entry["why"] == "spring"


async def test_who_can_be_reached_is_counted_by_channel(
    client: AsyncClient, admin: AsyncClient, rows: Rows, temporal: Temporal
) -> None:
    text = {"subject": "Spring", "body": "Spring is here."}
    message: dict[str, Any] = {"channel": "email", "fallback": ["sms"], "content": {"en": text, "ko": text}}
    hello = {"id": "hello", "kind": "message", "stage": "intake", "settings": message}
    edges = [{"from": "entry", "to": "hello"}, {"from": "hello", "to": "done"}]
    written = {**BY_REQUEST, "steps": [hello, CART["steps"][1]], "edges": edges}
    sender = '{"sender_name": "Shop", "sender_contact": "02-123-4567", "opt_out_number": "0801234567"}'
    await rows("update workspace set settings = settings || %s::jsonb", sender)
    await admin.put("/api/journeys/cart", json=written)
    published = await admin.post("/api/journeys/cart/publish", json={"override": True})
    assert published.status_code == 200, published.text
    await people(client, "mail", "both", "nothing", "silent")
    known = "update customers set email = %s, phone = %s, consents = %s where external_id = %s"
    await rows(known, "a@example.com", None, '{"email": true}', "mail")
    await rows(known, "b@example.com", "+821012345678", '{"email": true, "sms": true}', "both")
    await rows(known, "c@example.com", "+821012345679", "{}", "silent")
    asked = {"journey": "cart", "customers": ["mail", "both", "nothing", "silent", "nobody"]}
    seen = (await admin.post("/api/broadcasts/preview", json=asked)).json()
    assert (seen["customers"], seen["reachable"], seen["anyhow"]) == (4, {"email": 2, "sms": 1}, 2)
    assert (seen["unknown"], seen["unknown_ids"]) == (1, ["nobody"])


async def test_what_is_done_twice_is_one_entry(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows, temporal: Temporal
) -> None:
    await publish(admin)
    await people(client, "a", "b")
    made = await launch(admin, everybody=True)
    for _ in range(2):
        await turn(app, made)
    await route(app)
    await rows("update operation_items set status = 'waiting', given = null")
    await turn(app, made)
    await route(app)
    assert (await turn(app, made))["over"]
    assert len(await rows("select 1 from runs")) == len(await rows("select 1 from entry_decisions")) == 2
    assert (await get(admin, made))["outcomes"] == {"under_way": 2}


async def test_paused_it_goes_no_further_and_resumed_it_does_the_rest(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, temporal: Temporal
) -> None:
    await publish(admin)
    await people(client, "a", "b", "c")
    made = await launch(admin, customers=["a", "b", "c", "nobody"])
    await turn(app, made)
    await turn(app, made, 1)
    assert (await act(admin, made, "pause")).json()["status"] == "cancelled"
    assert (await turn(app, made))["over"]
    assert (await get(admin, made))["outcomes"] == {"waiting": 2, "asked": 1}
    assert (await act(admin, made, "pause")).json()["code"] == "broadcast_not_running"
    assert (await act(admin, made, "resume")).json()["status"] == "running"
    assert len(temporal.begun) == 2
    assert (await turn(app, made))["done"] == 2
    # As any other operation, it does the same.
    same = f"/api/operations/{made['id']}"
    assert (await admin.post(f"{same}/cancel")).json()["status"] == "cancelled"
    assert (await admin.post(f"{same}/resume")).json()["status"] == "running"
    assert (len(temporal.begun), temporal.ended) == (3, [])


async def test_each_at_their_hour(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows, temporal: Temporal
) -> None:
    await publish(admin)
    await people(client, "seoul", "lisbon", "odd")
    for who, zone in (("seoul", "Asia/Seoul"), ("lisbon", "Europe/Lisbon"), ("odd", "Mars/Olympus")):
        await rows("update customers set time_zone = %s where external_id = %s", zone, who)
    now = datetime.now(UTC)
    # An hour from now in Lisbon, which is past, or not yet, in Seoul; at midnight another day there.
    hour = (now.astimezone(ZoneInfo("Europe/Lisbon")) + timedelta(hours=1)).time().replace(second=0, microsecond=0)
    made = await launch(admin, everybody=True, time_of_day=f"{hour:%H:%M}", late="tomorrow")
    await turn(app, made)
    found = await turn(app, made)
    assert (found["done"], found["over"]) == (0, False)
    assert found["wait"] > 0
    listed = (await admin.get(f"/api/broadcasts/{made['id']}/customers")).json()
    due = {row["external_id"]: datetime.fromisoformat(row["due"]) for row in listed}
    for who, zone in (("seoul", "Asia/Seoul"), ("lisbon", "Europe/Lisbon"), ("odd", "Asia/Seoul")):
        assert due[who].astimezone(ZoneInfo(zone)).time() == hour
        assert now < due[who] <= now + timedelta(days=1, minutes=1)
    assert [row["due"] for row in listed] == sorted(row["due"] for row in listed)
    other = await launch(admin, everybody=True, time_of_day=f"{now.astimezone(ZoneInfo('Asia/Seoul')):%H:%M}")
    await turn(app, other)
    assert (await turn(app, other))["done"] >= 2  # past for those in Seoul, who go at once


async def test_it_starts_at_its_hour(app: FastAPI, client: AsyncClient, admin: AsyncClient, temporal: Temporal) -> None:
    await publish(admin)
    await people(client, "a")
    made = await launch(admin, everybody=True, start_at=(datetime.now(UTC) + timedelta(seconds=90)).isoformat())
    found = await turn(app, made)
    assert 80 < found["wait"] <= 90
    assert not (await get(admin, made))["prepared"]


async def test_a_share_goes_first(app: FastAPI, client: AsyncClient, admin: AsyncClient, temporal: Temporal) -> None:
    await publish(admin)
    await people(client, *(f"p{n}" for n in range(10)))
    made = await launch(admin, everybody=True, share=25)
    await turn(app, made)
    assert (await get(admin, made))["first"] == 3
    assert (await act(admin, made, "rest")).json()["code"] == "broadcast_share_not_done"
    assert (await turn(app, made))["done"] == 3
    await route(app)
    assert (await turn(app, made))["over"]
    told = await get(admin, made)
    assert (told["status"], told["outcomes"]) == ("cancelled", {"waiting": 7, "under_way": 3})
    assert (await act(admin, made, "rest")).json()["status"] == "running"
    assert (await turn(app, made))["done"] == 7
    await route(app)
    await turn(app, made)
    assert (await get(admin, made))["outcomes"] == {"under_way": 10}


async def test_recalled_and_made_up_for(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows, temporal: Temporal
) -> None:
    await publish(admin)
    await people(client, "reached", "perhaps", "held", "still")
    made = await launch(admin, customers=["reached", "perhaps", "held", "still"])
    await turn(app, made)
    await turn(app, made)
    await route(app)
    await people(client, "late", "later")
    await rows(SENT, "sent", ["reached"])
    await rows(SENT, "unknown", ["perhaps"])
    await rows(SENT, "held", ["held"])
    # As if two more were of the list, one of them asked and not decided yet.
    await rows("update operations set status = 'running' where id = %s", made["id"])
    for who in ("late", "later"):
        await rows(
            "insert into operation_items (operation_id, subject, position, status) "
            "select %s, id, 10 + (select count(*) from operation_items), 'waiting' from customers where external_id=%s",
            made["id"],
            who,
        )
    await turn(app, made, 1)
    running = await act(admin, made, "compensate", journey="cart")
    assert (running.status_code, running.json()["code"]) == (409, "broadcast_still_running")
    told = (await act(admin, made, "recall", why="wrong price")).json()
    assert (told["runs"], told["dropped"], told["refused"]) == (2, 1, 1)
    assert told["broadcast"]["status"] == "recalled"
    assert temporal.ended == [told["ending"]]
    await route(app)
    assert (await turn(app, made))["over"]
    assert await became(admin, made) == {
        "reached": "reached", "perhaps": "reached", "held": "under_way", "still": "under_way",
        "late": "not_entered", "later": "not_entered",
    }  # fmt: skip
    assert await rows("select reason from sends where status = 'skipped'") == [{"reason": "recalled"}]
    assert len(await rows("select 1 from runs")) == 4
    # As the operation does it.
    listed = await rows("select subject from operation_items where operation_id = %s", told["ending"])
    await rows(
        "update runs set finished_at = now(), status = 'finished', reason = 'recalled' where id = any(%s)",
        [row["subject"] for row in listed],
    )
    assert (await get(admin, made))["outcomes"] == {"reached": 2, "recalled": 2, "not_entered": 2}
    for what in ("recall", "resume", "pause"):
        assert (await act(admin, made, what)).status_code == 409

    await rows("update runs set finished_at = now(), status = 'finished' where finished_at is null")
    sorry = (await act(admin, made, "compensate", journey="cart", why="sorry")).json()
    assert sorry["reached_by"] == made["id"]
    await turn(app, sorry)
    assert (await turn(app, sorry))["done"] == 2
    assert set(await became(admin, sorry)) == {"reached", "perhaps"}
    again = await act(admin, made, "compensate", journey="cart")
    assert (again.status_code, again.json()["code"]) == (409, "broadcast_reached_nobody")
    assert (await get(admin, made))["compensations"] == [sorry["id"]]


async def test_the_table_has_everybody(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, temporal: Temporal
) -> None:
    await publish(admin, filter=VIP)
    await people(client, "v1", "plain")
    made = await launch(admin, everybody=True)
    await turn(app, made)
    await turn(app, made)
    await route(app)
    answer = await admin.get(f"/api/broadcasts/{made['id']}/export")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {(row["external_id"], row["outcome"], row["reason"]) for row in table} == {
        ("v1", "under_way", ""),
        ("plain", "refused", "filter"),
    }
    assert (await get(admin, made))["refused"] == {"filter": 1}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "broadcast_audience"),
        ({"everybody": True, "segment": "vip"}, "broadcast_audience"),
        ({"segment": "nobody"}, "unknown_segment"),
        ({"everybody": True, "without": "nobody"}, "unknown_segment"),
        ({"everybody": True, "journey": "nothing"}, "unknown_journey"),
        ({"everybody": True, "start_at": "2026-01-01T09:00:00"}, "start_without_zone"),
        ({"condition": {"kind": "all", "of": []}}, "invalid_parameter"),
    ],
)
async def test_what_cannot_be_broadcast_is_told(
    admin: AsyncClient, temporal: Temporal, body: dict[str, Any], code: str
) -> None:
    await publish(admin)
    answer = await admin.post("/api/broadcasts", json={"journey": "cart", **body})
    assert (answer.status_code // 100, answer.json()["code"]) == (4, code), answer.text
    assert temporal.begun == []


async def test_a_journey_without_the_trigger_takes_no_broadcast(admin: AsyncClient, temporal: Temporal) -> None:
    await admin.put("/api/journeys/cart", json=CART)
    (await admin.post("/api/journeys/cart/publish")).raise_for_status()
    answer = await admin.post("/api/broadcasts", json={"journey": "cart", "everybody": True})
    assert answer.json()["code"] == "no_request_trigger"


async def test_two_who_turn_out_to_be_one_enter_once(
    app: FastAPI, client: AsyncClient, admin: AsyncClient, rows: Rows, temporal: Temporal
) -> None:
    await publish(admin)
    await people(client, "a", "b", "c")
    made = await launch(admin, everybody=True)
    await turn(app, made)
    await turn(app, made, 1)
    await rows(
        "update customers set merged_into = (select subject from operation_items where status = 'asked') "
        "where id = (select subject from operation_items where status = 'waiting' order by position limit 1)"
    )
    await turn(app, made)
    await route(app)
    assert len(await rows("select 1 from runs")) == 2
    assert (await get(admin, made))["refused"] == {"merged": 1}
