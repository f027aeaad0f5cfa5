"""Where providers call us: proven, once, and quickly."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr

from orchestrator.settings import Settings
from orchestrator.store.channels.providers import choose_provider, save_setup
from orchestrator.store.secret_box import Seal
from orchestrator.store.workspace import ensure_workspace, load_clock
from tests.api.conftest import Rows
from tests.protocol_servers.nhn import NhnServer
from tests.protocol_servers.solapi import API_KEY, API_SECRET, PF_ID, SENDER, WEBHOOK_SECRET, SolapiServer

CUSTOMER = UUID(int=7)


@pytest.fixture
def api_settings(database_url: str, redis_url: str) -> Settings:
    return Settings(
        database_url=database_url, redis_url=redis_url, temporal_address="127.0.0.1:1", secret_key=SecretStr("x" * 40)
    )


@pytest.fixture
async def provider(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Calls us without any key of ours."""
    resources = app.state.resources
    async with resources.sessions() as session:
        await ensure_workspace(session, resources.settings)
        await session.commit()
    async with resources.engine.begin() as db:
        values = {"api_key": API_KEY, "sender": SENDER, "pf_id": PF_ID}
        secrets = {"api_secret": API_SECRET, "webhook_secret": WEBHOOK_SECRET}
        now = (await session_now(app)).replace(microsecond=0)
        await save_setup(db, Seal("x" * 40), "solapi", values, secrets, who="test", now=now)
        await choose_provider(db, "sms", "solapi")
    async with AsyncClient(
        transport=ASGITransport(app, client=("10.0.0.5", 50000)), base_url="http://localhost"
    ) as client:
        yield client


async def session_now(app: FastAPI) -> Any:
    async with app.state.resources.sessions() as session:
        return (await load_clock(session)).now()


@pytest.fixture
async def sent(app: FastAPI, rows: Rows) -> UUID:
    """A message that Solapi has taken."""
    key = uuid4()
    await rows(
        "insert into customers (id, phone, created_at, updated_at) values (%s, '+821012345678', now(), now())", CUSTOMER
    )
    await rows(
        "insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, "
        "channel, provider, provider_message_id, attempts, created_at, sent_at, inputs, content) values "
        "(%s, gen_random_uuid(), 'cart', 'nudge', 1, %s, 'informational', 'sent', '', 'sms', 'solapi', 'M1', 1, now(), "
        "now(), '{}', '{}')",
        key,
        CUSTOMER,
    )
    return key


def report(key: UUID, code: str = "4000", secret: str = WEBHOOK_SECRET) -> dict[str, Any]:
    server = SolapiServer()
    server.messages["M1"] = {
        "messageId": "M1",
        "to": "01012345678",
        "customFields": {"sojourn": str(key)},
        "type": "SMS",
    }
    headers, body = server.report("M1", code, secret)
    return {"headers": headers, "content": body}


async def test_a_report_settles_the_message_and_becomes_an_event(provider: AsyncClient, sent: UUID, rows: Rows) -> None:
    answer = await provider.post("/callbacks/solapi", **report(sent))
    assert (answer.status_code, answer.json()) == (200, {"reports": 1, "taken": 1})
    [row] = await rows("select delivery, delivered_at from sends")
    assert row["delivery"] == "delivered"
    assert row["delivered_at"] is not None
    [event] = await rows("select name, customer_id from events")
    assert (event["name"], event["customer_id"]) == ("Message Delivered", CUSTOMER)


async def test_the_same_report_again_is_thanked_for_and_counts_once(
    provider: AsyncClient, sent: UUID, rows: Rows
) -> None:
    for _ in range(3):
        assert (await provider.post("/callbacks/solapi", **report(sent))).status_code == 200
    assert len(await rows("select 1 from events")) == 1
    assert len(await rows("select 1 from seen_callbacks")) == 1


async def test_a_wrong_signature_is_refused(provider: AsyncClient, sent: UUID, rows: Rows) -> None:
    answer = await provider.post("/callbacks/solapi", **report(sent, secret="a guess"))
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_signature")
    assert (await rows("select delivery from sends"))[0]["delivery"] is None


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[[[", b"\xff\xfe", b"null", b'"x"'])
async def test_what_makes_no_sense_is_refused(provider: AsyncClient, body: bytes) -> None:
    headers = report(uuid4())["headers"]
    answer = await provider.post("/callbacks/solapi", headers=headers, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_callback")


async def test_a_message_that_is_not_ours_is_thanked_for(provider: AsyncClient, sent: UUID, rows: Rows) -> None:
    call = report(uuid4())
    body = json.loads(call["content"])
    body[0]["data"]["messageId"] = "M2"
    answer = await provider.post("/callbacks/solapi", headers=call["headers"], content=json.dumps(body))
    assert (answer.status_code, answer.json()) == (200, {"reports": 1, "taken": 0})
    assert await rows("select 1 from seen_callbacks") == []


@pytest.mark.parametrize("name", ["pigeon", "outbox", "smtp", "nhn", "contract"])
async def test_who_does_not_call_us_has_no_address(provider: AsyncClient, name: str) -> None:
    answer = await provider.post(f"/callbacks/{name}", **report(uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_provider")


async def test_a_provider_set_up_meanwhile_is_believed_without_a_restart(
    app: FastAPI, provider: AsyncClient, sent: UUID
) -> None:
    headers, body = NhnServer.hook("SMS", "UNSUBSCRIBE", [])
    assert (await provider.post("/callbacks/nhn", headers=headers, content=body)).status_code == 404
    async with app.state.resources.engine.begin() as db:
        values = {"sms_app_key": "k", "sms_sender": "15446859"}
        secrets = {"sms_secret_key": "s", "webhook_signature": "known to both"}
        await save_setup(db, Seal("x" * 40), "nhn", values, secrets, who="test", now=await session_now(app))
    app.state.callbacks._looked = float("-inf")
    assert (await provider.post("/callbacks/nhn", headers=headers, content=body)).status_code == 200


async def test_with_the_database_away_the_provider_is_asked_to_come_again(app: FastAPI, provider: AsyncClient) -> None:
    await provider.post("/callbacks/solapi", **report(uuid4()))

    async def away(*_: Any) -> None:
        raise OSError("away")

    app.state.callbacks.reports.take = away
    answer = await provider.post("/callbacks/solapi", **report(uuid4()))
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
