"""What secrets a journey uses or holds is told by nothing: no answer, page, file, history, log or row says one.

One webhook step with secrets of every kind is published, run by a real worker against a receiver that repeats all that
it gets, and then everything there is to read is read.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from temporalio.client import WorkflowExecutionStatus

from api.app import create_app
from orchestrator import logs
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.simulation.simulator import Person
from orchestrator.settings import DEV_ADMIN_TOKEN, Settings
from orchestrator.store.database import plain_dsn
from tests.protocol_servers.plain_http import Reply, Request, Server, said, serving
from tests.routes import found_in
from tests.workflows.conftest import Environment
from tests.workflows.live import LiveCustomer, skipping

SIGNING, CARRIED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "named-secret-that-is-carried-along"
LITERALS = {name: f"literal-of-the-{name}" for name in ("header", "query", "body", "variable", "value")}
SECRETS = (SIGNING, CARRIED, *LITERALS.values())
TOKEN = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
ENDLESS = ("/live", "/events/stream")
"""Streams, which end when the reader goes."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"outgoing_allow": ("127.0.0.1",), "log_level": "debug"})


def journey(url: str) -> dict[str, Any]:
    settings = {
        "url": f"{url}/hook/{{{{ customer.external_id }}}}?api_key={LITERALS['query']}",
        "secret": "signing",
        "headers": {"Authorization": f"Bearer {LITERALS['header']}", "X-Key": "{{ secret.carried }}"},
        "body": json.dumps({"password": LITERALS["body"], "token": "{{ secret.carried }}", "v": "{{ var.api_key }}"}),
        "response": {"echo": "got"},
    }
    return {
        "key": "hooked",
        "name": {"en": "Hooked", "ko": "연결"},
        "entry": {"triggers": [{"kind": "event", "event": "Order Completed"}]},
        "variables": {"api_key": LITERALS["variable"]},
        "steps": [
            {"id": "call", "kind": "webhook", "stage": "intake", "settings": settings},
            {"id": "rest", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "1h"}},
            {"id": "end", "kind": "exit", "stage": "intake", "settings": {"reason": "through"}},
        ],
        "edges": [
            {"from": "entry", "to": "call"},
            {"from": "call", "port": "ok", "to": "rest"},
            {"from": "call", "port": "failed", "to": "end"},
            {"from": "rest", "to": "end"},
        ],
    }


def repeat(request: Request) -> Reply:
    """A receiver that tells all that it was told."""
    return said({"got": {"path": request.path, "headers": dict(request.headers), "body": request.body.decode()}})


@pytest.fixture
async def receiver() -> AsyncIterator[Server]:
    async with serving(repeat) as server:
        yield server


@pytest.fixture
async def app(settings: Settings, environment: Environment) -> AsyncIterator[FastAPI]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app, client=("10.0.0.5", 50000))
    async with AsyncClient(transport=transport, base_url="http://localhost", headers=TOKEN) as client:
        yield client


class Read:
    """All that was read, by what told it."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    def add(self, what: str, text: str) -> None:
        self.told[what] = text

    def leaks(self, secrets: tuple[str, ...] = SECRETS) -> list[tuple[str, str]]:
        return [(what, secret) for what, text in self.told.items() for secret in secrets if secret in text]


async def test_no_answer_history_log_or_row_tells_a_secret(
    environment: Environment,
    app: FastAPI,
    admin: AsyncClient,
    receiver: Server,
    settings: Settings,
    capfd: pytest.CaptureFixture[str],
) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    logs.configure(settings, "test")
    read = Read()
    try:
        await publish(admin, receiver, read)
        run = await ran(environment, receiver, read)
        await read_every_page(app, admin, run, read)
        await exchange_files(admin, journey(receiver.url), read)
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    out, err = capfd.readouterr()
    read.add("logs", out + err)
    await read_rows(settings, read)
    assert read.leaks() == []


async def publish(admin: AsyncClient, receiver: Server, read: Read) -> None:
    """The literals are warned of, each at its place."""
    for name, value, hosts in (("signing", SIGNING, []), ("carried", CARRIED, ["127.0.0.1"])):
        answer = await admin.post("/api/secrets", json={"name": name, "value": value, "hosts": hosts})
        read.add(f"made {name}", answer.text)
    answer = await admin.put("/api/journeys/hooked", json=journey(receiver.url))
    assert answer.status_code == 200, answer.text
    read.add("saved", answer.text)
    checked = await admin.post("/api/journeys/hooked/check")
    read.add("checked", checked.text)
    problems = [(one["code"], one["field"]) for one in checked.json()["problems"] if one["code"] == "literal_secret"]
    places = ("settings.url", "settings.body", "settings.headers.Authorization", "variables.api_key")
    assert sorted(problems) == sorted(("literal_secret", place) for place in places)
    published = await admin.post("/api/journeys/hooked/publish")
    assert published.status_code == 200, published.text
    read.add("published", published.text)


async def ran(environment: Environment, receiver: Server, read: Read) -> str:
    """One customer goes through, until they rest behind the call."""
    plan = compile_journey(journey(receiver.url)).plan
    assert plan is not None
    customer = LiveCustomer(
        environment.engine, skipping(environment.client), environment.task_queue, uuid4(), [plan], Person("c-1")
    )
    await customer.live([CustomerEvent("m-1", "Order Completed", datetime.now(UTC), {})], [])
    [request] = receiver.requests
    assert request.headers["authorization"] == f"Bearer {LITERALS['header']}"
    assert request.headers["x-key"] == CARRIED
    assert request.json() == {"password": LITERALS["body"], "token": CARRIED, "v": LITERALS["variable"]}
    assert request.path.endswith(f"api_key={LITERALS['query']}")
    [handle] = await customer._handles()
    history = await handle.fetch_history()
    read.add("history", history.to_json())
    for event in history.events:  # payloads are base64 in JSON
        read.add(f"history {event.event_id}", event.SerializeToString().decode("utf-8", "replace"))
    assert "••••" in json.dumps(read.told, ensure_ascii=False), "what the answer repeated was kept, without the secrets"
    assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING
    return str(customer.id)


async def read_every_page(app: FastAPI, admin: AsyncClient, customer: str, read: Read) -> None:
    """Every route that answers a GET, API and console."""
    values = {"key": "hooked", "n": "1", "customer": customer, "identity": customer, "locale": "en", "name": "signing"}
    asked = 0
    async with AsyncClient(
        transport=ASGITransport(app, client=("127.0.0.1", 50000)), base_url="http://localhost"
    ) as console:
        for path in sorted({route.path for route in found_in(app.routes) if "GET" in (route.methods or ())}):
            if any(one in path for one in ENDLESS) or ":path" in path:
                continue
            for name, value in values.items():
                path = path.replace(f"{{{name}}}", value)
            for client in (admin, console):
                answer = await asyncio.wait_for(client.get(path), 20)
                read.add(f"GET {path}", answer.text)
                asked += answer.status_code == 200
    assert asked > 60, asked
    runs = (await admin.get("/api/runs")).json()["items"]
    messages = (await admin.get("/api/messages")).json()["items"]
    assert len(runs) == len(messages) == 1
    for more in (
        f"/api/runs/{runs[0]['id']}",
        f"/api/runs/{runs[0]['id']}/path",
        f"/runs/{runs[0]['id']}",
        f"/messages/{messages[0]['id']}",
        "/api/journeys/hooked/file?format=json",
        "/api/journeys/hooked/file?version=live",
        "/api/openapi.json",
        "/openapi.json",
    ):
        read.add(f"GET {more}", (await admin.get(more)).text)


async def exchange_files(admin: AsyncClient, document: dict[str, Any], read: Read) -> None:
    """What is exported is imported again, and means the same; with another host it asks for what it must not bring."""
    saved = (await admin.get("/api/journeys/hooked")).json()
    exported = (await admin.get("/api/journeys/hooked/file")).text
    yaml = {"Content-Type": "application/yaml"}
    back = await admin.put("/api/journeys/hooked", content=exported, headers=yaml)
    read.add("imported", back.text)
    assert (back.status_code, back.json()["has_changes"], back.json()["draft"]) == (200, False, saved["draft"])
    for name, body in {"read": document, "describe": {"document": saved["draft"]}}.items():
        answer = await admin.post(f"/api/journeys/{name}", json=body)
        read.add(name, answer.text)
        assert answer.status_code == 200
    assert answer.json()["plan_hash"] == saved["plan_hash"]
    test_run = {"document": saved["draft"], "customer": {}, "events": []}
    read.add("test run", (await admin.post("/api/journeys/test-run", json=test_run)).text)
    read.add(
        "changed meanwhile", (await admin.put("/api/journeys/hooked", json=document, headers={"If-Match": '"1"'})).text
    )
    changed = json.loads(json.dumps(saved["draft"]).replace("127.0.0.1", "evil.example"))
    await admin.put("/api/journeys/hooked", json=changed)
    read.add("difference", (await admin.get("/api/journeys/hooked/difference")).text)
    read.add("review", (await admin.get("/api/journeys/hooked/review")).text)
    checked = (await admin.post("/api/journeys/hooked/check")).json()["problems"]
    assert [one["field"] for one in checked if one["code"] == "secret_to_enter"] == [
        "settings.url",
        "settings.body",
        "settings.headers.Authorization",
    ]
    literal = {**document, "steps": [{**document["steps"][0]}, *document["steps"][1:]]}
    literal["steps"][0]["settings"] = {**literal["steps"][0]["settings"], "secret": LITERALS["value"]}
    answer = await admin.put("/api/journeys/hooked", json=literal)
    read.add("a value for a name", answer.text + (await admin.post("/api/journeys/hooked/check")).text)
    read.add("yaml of a value for a name", (await admin.get("/api/journeys/hooked/file")).text)
    restored = await admin.post("/api/journeys/hooked/versions/1/restore")
    read.add("restored", restored.text)
    assert restored.json()["has_changes"] is False


async def read_rows(settings: Settings, read: Read) -> None:
    """Rows of every table but those that hold journeys as they were written. Named secrets stand in none."""
    dsn = plain_dsn(settings.database_url)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as db:
        cursor = await db.execute("select table_name from information_schema.tables where table_schema = 'public'")
        for (table,) in await cursor.fetchall():
            rows = await (await db.execute(f'select t::text from "{table}" t')).fetchall()
            text = "\n".join(row[0] for row in rows)
            if table in ("journeys", "journey_versions", "plans"):
                assert not [one for one in (SIGNING, CARRIED) if one in text], table
            else:
                read.add(f"table {table}", text)
