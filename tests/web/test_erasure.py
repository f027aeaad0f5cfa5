"""A person is erased: none of their identifiers is left in any table, in Redis, in Temporal or in what was logged;
what is counted stays; the receipt does not say who it was."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog
from fastapi import FastAPI
from httpx2 import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY, Settings
from orchestrator.store.sending.frequency import _keys
from orchestrator.store.tables import METADATA, tables_of_customers
from tests.waiting import until
from tests.web.people import csrf_of
from workflows.shown import CUSTOMER

TOKEN = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
NOW = datetime(2026, 5, 1, tzinfo=UTC)
NEEDLES = (
    "erna-4711",
    "erna.muster",
    "+821077778888",
    "10-7777-8888",
    "Erna Muster",
    "zz-visitor-9",
    "zz-device-token",
)
TRAITS: dict[str, Any] = {
    "email": "erna.muster@example.com",
    "phone": "010-7777-8888",
    "name": "Erna Muster",
    "consents": {"email": True},
    "push_token": "zz-device-token-" + "x" * 140,
}
_RUN = text("""
insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, entry_message_id, status,
    entered_at)
values (:id, :workflow, 'welcome', 1, 'h', :customer, 'erna-4711', 'm', :status, :at)
""")
_LINE = text("""
insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)
values (:run, :seq, 'welcome', :customer, :at, :what, 's', 1, 'bought', cast(:note as jsonb))
""")
_SEND = text("""
insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, channel,
    content, attempts, inputs, created_at, sent_at, opened_at, provider_message_id)
values (:id, :run, 'welcome', 's', 1, :customer, 'marketing', 'sent', '', 'email', '{"body": "Dear Erna Muster"}',
    1, '{"to": "erna.muster@example.com"}', :at, :at, :at, 'erna.muster@example.com')
""")
_OUTBOX = text("""
insert into outbox (id, customer_id, journey_key, channel, recipient, locale, content, at)
values (:id, :customer, 'welcome', 'email', 'erna.muster@example.com', 'ko', '{}', :at)
""")
_DECISION = text("""
insert into entry_decisions (id, journey_key, version, customer_id, message_id, at, admitted, reason, detail)
values (:id, 'welcome', 1, :customer, 'erna-4711', :at, true, 'admitted', '{}')
""")
_LISTED = text("""
insert into operation_items (operation_id, subject, position, status, given)
values (gen_random_uuid(), :id, 1, 'waiting', cast(:given as jsonb))
""")
_HELD = text("""
insert into held_merges (id, source_id, target_id, reason, detail, held_at)
values (:id, :customer, :other, 'emails', '{"emails": ["erna.muster@example.com"]}', :at)
""")


@pytest.fixture
def console_settings(settings: Settings) -> Settings:
    return settings


async def ask(app: FastAPI, query: str, **given: Any) -> list[Any]:
    async with app.state.resources.engine.begin() as db:
        found = await db.execute(text(query), given)
        return list(found.all()) if found.returns_rows else []


async def a_person(app: FastAPI, browser: AsyncClient) -> UUID:
    """Who came as a visitor, signed up, bought, was written to, complained, and stands in a file and in a journey."""
    for path, call in (
        ("track", {"anonymousId": "zz-visitor-9", "event": "Viewed", "properties": {"who": "Erna Muster"}}),
        ("identify", {"userId": "erna-4711", "anonymousId": "zz-visitor-9", "traits": TRAITS}),
        ("track", {"userId": "erna-4711", "event": "Order Completed", "properties": {"total": 5}}),
    ):
        assert (await browser.post(f"/v1/{path}", json=call, auth=(DEV_WRITE_KEY, ""))).status_code == 200
    customer = UUID((await browser.get("/api/customers/erna-4711", headers=TOKEN)).json()["id"])
    path = "/api/customers/erna-4711"
    await browser.post(f"{path}/notes", json={"body": "Erna Muster likes tea"}, headers=TOKEN)
    await browser.post(f"{path}/complaints", json={"reference": "t-1", "reason": "Erna Muster"}, headers=TOKEN)
    file = b"user_id,email\n,erna.muster@example.com\nerna-4711\n"
    kept = (await browser.post("/api/imports?name=a.csv", content=file, headers=TOKEN)).json()["id"]
    begun = (await browser.post("/api/imports?name=b.csv", content=file, headers=TOKEN)).json()["id"]
    await browser.post(f"/api/imports/{begun}/start", json={"fields": ["user_id", "email"]}, headers=TOKEN)

    async def refused() -> bool:
        return [tuple(row) for row in await ask(app, "select refused from customer_imports where refused = 2")] != []

    await until(refused)
    assert kept != begun
    return customer


async def things_of(app: FastAPI, customer: UUID, workflow: str) -> None:
    run, send = uuid4(), uuid4()
    given = {"customer": customer, "at": NOW, "run": run}
    async with app.state.resources.engine.begin() as db:
        await db.execute(_RUN, {**given, "id": run, "workflow": workflow, "status": "running"})
        goal = '{"value": 5, "currency": "KRW", "event": "Erna Muster"}'
        await db.execute(_LINE, {**given, "seq": 1, "what": "goal", "note": goal})
        await db.execute(_SEND, {**given, "id": send})
        for statement in (_OUTBOX, _DECISION):
            await db.execute(statement, {**given, "id": send})
        listed = {"customer": str(customer), "message": "m", "properties": {"who": "Erna Muster"}, "journey": "welcome"}
        await db.execute(_LISTED, {"id": uuid4(), "given": json.dumps(listed)})
        await db.execute(_HELD, {**given, "id": uuid4(), "other": uuid4()})
    redis: Redis = app.state.resources.redis
    await redis.hset(_keys(customer)[0], "s:1", "erna")


async def start_workflow(temporal_client: Client, customer: UUID) -> str:
    workflow = f"welcome/{customer}/erna-4711"
    await temporal_client.start_workflow(
        "welcome",
        {"email": "erna.muster@example.com"},
        id=workflow,
        task_queue=f"nobody-{uuid4()}",
        search_attributes=TypedSearchAttributes([SearchAttributePair(CUSTOMER, str(customer))]),
    )
    return workflow


async def found_in_tables(app: FastAPI, needle: str) -> set[str]:
    found: set[str] = set()
    for table in METADATA.tables:
        like = f"select 1 from {table} t where t::text ilike '%' || :needle || '%' limit 1"
        if await ask(app, like, needle=needle):
            found.add(table)
    return found


async def found_in_redis(redis: Redis, needle: str) -> list[Any]:
    found = []
    async for key in redis.scan_iter("*"):
        if needle.encode() in key + (await redis.dump(key) or b""):
            found.append(key)
    return found


@pytest.mark.slow  # Temporal deletes histories some twenty seconds later
async def test_nothing_of_them_is_left_and_what_is_counted_stays(
    app: FastAPI, browser: AsyncClient, temporal_client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    customer = await a_person(app, browser)
    workflow = await start_workflow(temporal_client, customer)
    await things_of(app, customer, workflow)
    for needle in NEEDLES[:1]:
        assert {"customers", "identities", "runs", "refused_rows"} <= await found_in_tables(app, needle)
    page = (await browser.get(f"/customers/{customer}/erase")).text
    [(events,)] = await ask(app, "select count(*) from events")
    assert (f"이벤트 {events}개" in page, events >= 3) == (True, True)
    form = {"csrf": await csrf_of(browser), "typed": "지워", "why": "asked by letter"}
    wrong = await browser.post(f"/customers/{customer}/erase", data=form)
    assert (wrong.status_code, "아무것도 삭제하지 않았습니다" in wrong.text) == (422, True)
    with structlog.testing.capture_logs() as logged:
        done = await browser.post(f"/customers/{customer}/erase", data={**form, "typed": "삭제"}, follow_redirects=True)
    assert done.status_code == 200, done.text
    assert "asked by letter" in done.text
    receipt = done.url.path
    app.state.erasing._follow_up._pause = 0.2

    async def finished() -> bool:
        return "완료" in (await browser.get(receipt)).text

    await until(finished, seconds=90)

    for needle in NEEDLES:
        assert await found_in_tables(app, needle) == set(), needle
        assert await found_in_redis(app.state.resources.redis, needle) == []
        assert needle not in str(logged) + "".join(capfd.readouterr()) + done.text
    own = tables_of_customers(set())
    for table in own:
        assert await ask(app, f"select 1 from {table} where customer_id = :customer", customer=customer) == []
    assert await found_in_redis(app.state.resources.redis, str(customer)) == []
    assert await found_in_tables(app, str(customer)) <= {"audit_log"}
    executions = [one async for one in temporal_client.list_workflows(f'SojournCustomer = "{customer}"')]
    assert executions == []

    [(status, note)] = await ask(app, "select r.status, t.note from runs r join transitions t on t.run_id = r.id")
    assert (status, note) == ("finished", {"value": 5, "currency": "KRW"})
    assert [tuple(row) for row in await ask(app, "select status, opened_at from sends")] == [("sent", NOW)]
    listed = await ask(app, "select status, outcome, given from operation_items")
    assert [tuple(row) for row in listed] == [("passed", "unknown", {"journey": "welcome"})]
    [(nobody, count)] = await ask(app, "select customer_id, count(*) from sends group by 1")
    assert (nobody != customer, count) == (True, 1)
    assert (await browser.get("/api/customers/erna-4711", headers=TOKEN)).status_code == 404
    again = {"userId": "erna-4711", "traits": {"name": "Erna Muster"}}
    assert (await browser.post("/v1/identify", json=again, auth=(DEV_WRITE_KEY, ""))).status_code == 200
    new = (await browser.get("/api/customers/erna-4711", headers=TOKEN)).json()
    assert (UUID(new["id"]) != customer, new["email"]) == (True, None), "who comes again is somebody new"


async def test_what_is_known_is_handed_out(app: FastAPI, browser: AsyncClient) -> None:
    customer = await a_person(app, browser)
    answer = await browser.get("/api/customers/erna-4711/everything", headers=TOKEN)
    told = json.loads(answer.content)
    assert {*told} == {"customers", *tables_of_customers(set())}
    assert told["customers"][0]["email"] == "erna.muster@example.com"
    assert {one["name"] for one in told["events"]} >= {"Viewed", "Order Completed", "Customer Updated"}
    assert {one["value"] for one in told["identities"]} == {"erna-4711", "zz-visitor-9"}
    assert told["customer_notes"][0]["body"] == "Erna Muster likes tea"
    [(what, subject)] = await ask(app, "select what, subject from audit_log where what = 'customer.handed_out'")
    assert (what, subject) == ("customer.handed_out", str(customer))


async def test_nobody_is_erased_without_their_id_once_more(app: FastAPI, browser: AsyncClient) -> None:
    customer = await a_person(app, browser)
    path = "/api/customers/erna-4711/erase"
    refused = await browser.post(path, json={"confirm": "erna-4711"}, headers=TOKEN)
    assert (refused.status_code, refused.json()["code"]) == (400, "erase_unconfirmed")
    done = await browser.post(path, json={"confirm": str(customer)}, headers=TOKEN)
    assert (done.status_code, done.json()["status"]) == (200, "done"), "there was no run"
    assert done.json()["counts"]["customers"] == 1
    listed = (await browser.get("/api/erasures", headers=TOKEN)).json()["items"]
    assert [one["id"] for one in listed] == [done.json()["id"]]
    once_more = await browser.post(f"/api/erasures/{listed[0]['id']}/continue", headers=TOKEN)
    assert once_more.json()["counts"] == done.json()["counts"]
