"""PostgreSQL takes no further connection: every route says so, with when to come back, and none breaks."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import make_url

from api.app import create_app
from api.intake.calls import KINDS
from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY, Settings
from orchestrator.store.database import plain_dsn
from tests.routes import found_in

LIMIT = 3
WITHOUT_DATABASE = {
    "/healthz",
    "/metrics",
    "/openapi.json",
    "/static/{name:path}",
    "/static/console.css",
    "/static/words/{locale}.json",
    "/sojourn.js",
    "/sojourn-sw.js",
    "/api/schema/journey",
    "/api/step-types",
    "/api/message-templates-forms",
    "/api/message-templates-ready-made",
    "/api/segments/ready",
    "/api/measures",
    "/shop",
    "/o/{name}",  # for a link that is none
}
"""What is answered from memory and files."""
SPEAKERS = {
    "token": {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"},
    "browser": {"Cookie": "sojourn_session=somebody", "Accept": "text/html"},
    "shop": {"Authorization": "Basic " + base64.b64encode(f"{DEV_WRITE_KEY}:".encode()).decode()},
}
VALUES = {
    "customer": str(uuid4()),
    "identity": str(uuid4()),
    "merge": str(uuid4()),
    "run": str(uuid4()),
    "n": "1",
    "number": "1",
}
GIVEN: dict[str, Any] = {
    "key": "cart", "name": "points", "userId": "u-1", "event": "Viewed", "type": "track", "groupId": "g",
    "previousId": "v-1", "status": "live", "document": {}, "decision": "apart", "hosts": [], "messageId": "m-1",
}  # fmt: skip


@pytest.fixture
def limited_url(database_url: str) -> Iterator[str]:
    """The database for a role that may have few connections: a superuser has no limit."""
    role = f"limited_{uuid4().hex[:12]}"
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as db:
        db.execute(f"create role {role} login password 'limited' connection limit {LIMIT}".encode())
        db.execute(f"grant pg_read_all_data, pg_write_all_data to {role}".encode())
        url = make_url(database_url).set(username=role, password="limited")
        yield url.render_as_string(hide_password=False)
        db.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{role}'".encode())
        db.execute(f"drop role {role}".encode())


@pytest.fixture
async def app(limited_url: str, redis_url: str) -> AsyncIterator[FastAPI]:
    app = create_app(
        Settings(
            database_url=limited_url,
            redis_url=redis_url,
            temporal_address="127.0.0.1:1",
            secret_key=SecretStr("only-for-tests-only-for-tests-32"),
        )
    )
    async with app.router.lifespan_context(app):
        yield app


async def ask(client: AsyncClient, method: str, path: str) -> Response:
    for name in re.findall(r"{(\w+)(?::\w+)?}", path):
        path = re.sub(rf"{{{name}(:\w+)?}}", VALUES.get(name, "x"), path)
    body = {"batch": [GIVEN]} if path.endswith(("/batch", "/b")) else GIVEN
    return await client.request(method, path, json=None if method == "GET" else body)


async def asked(app: FastAPI, clients: dict[str, AsyncClient]) -> dict[tuple[str, str, str], Response]:
    """What every route answers, to each of those who ask."""
    routes = {(method, one.path) for one in found_in(app.routes) for method in (one.methods or set()) - {"HEAD"}}
    assert len(routes) > 150
    at_once, answers = asyncio.Semaphore(12), dict[tuple[str, str, str], Response]()

    async def one(who: str, method: str, path: str) -> None:
        async with at_once:
            answers[who, method, path] = await ask(clients[who], method, path)

    async with asyncio.TaskGroup() as group:
        for method, path in sorted(routes):
            for who in clients:
                group.create_task(one(who, method, path))
    return answers


@pytest.mark.slow
async def test_every_route_says_when_to_come_back(app: FastAPI, limited_url: str) -> None:
    async with AsyncExitStack() as stack:
        clients = {
            who: await stack.enter_async_context(
                AsyncClient(
                    transport=ASGITransport(app, client=("127.0.0.1", 50000), raise_app_exceptions=False),
                    base_url="http://localhost",
                    headers=headers,
                )
            )
            for who, headers in SPEAKERS.items()
        }
        for _ in range(LIMIT):
            await stack.enter_async_context(await psycopg.AsyncConnection.connect(plain_dsn(limited_url)))
        with pytest.raises(psycopg.OperationalError):
            await psycopg.AsyncConnection.connect(plain_dsn(limited_url))
        answers = await asked(app, clients)

    broken = {where: one.status_code for where, one in answers.items() if one.status_code >= 500}
    assert {where: status for where, status in broken.items() if status != 503} == {}
    silent = [where for where, one in answers.items() if one.status_code == 503 and "retry-after" not in one.headers]
    assert silent == []
    read = {path: one.status_code for (who, method, path), one in answers.items() if (who, method) == ("token", "GET")}
    assert {path for path, status in read.items() if status < 300} <= WITHOUT_DATABASE
    away = {path for path, status in read.items() if status == 503}
    assert len(away) > 80
    assert {"/readyz", "/api/journeys", "/api/secrets", "/api/customers", "/journeys", "/settings/keys"} <= away
    calls = {path: one.status_code for (who, _, path), one in answers.items() if who == "shop"}
    assert {calls[f"/v1/{kind}"] for kind in (*KINDS, "batch")} == {503}
