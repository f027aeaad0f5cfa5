"""Secrets by the API: made, listed without values, rotated, revoked, by admins alone, and each change written down."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr

from orchestrator.settings import Settings
from orchestrator.store.accounts.api_tokens import create_token
from orchestrator.store.secrets.named import box, open_secrets
from tests.api.conftest import Rows

VALUE = "the-key-of-the-points-service"
KEY = "only-for-tests-only-for-tests-32"


@pytest.fixture
def api_settings(database_url: str, redis_url: str) -> Settings:
    return Settings(
        database_url=database_url, redis_url=redis_url, temporal_address="127.0.0.1:1", secret_key=SecretStr(KEY)
    )


async def made(admin: AsyncClient, **given: object) -> None:
    answer = await admin.post("/api/secrets", json={"name": "points", "value": VALUE, **given})
    assert answer.status_code == 201, answer.text


async def test_a_secret_through_its_life(app: FastAPI, admin: AsyncClient) -> None:
    engine, seal = app.state.resources.engine, box(KEY)
    await made(admin, hosts=["Points.example", " points.example"])
    [listed] = (await admin.get("/api/secrets")).json()["items"]
    assert (listed["name"], listed["hosts"], listed["created_by"]) == (
        "points",
        ["points.example"],
        "SOJOURN_ADMIN_TOKEN",
    )
    assert (await admin.post("/api/secrets", json={"name": "points"})).json()["code"] == "secret_exists"

    rotated = (await admin.post("/api/secrets/points/rotate", json={})).json()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", rotated["value"])
    assert datetime.fromisoformat(rotated["previous_until"]) - datetime.fromisoformat(
        rotated["rotated_at"]
    ) == timedelta(days=1)
    found = (await open_secrets(engine, seal, ["points", "other"]))["points"]
    assert (found.values, found.hosts) == ((rotated["value"], VALUE), ("points.example",))
    assert found.keys[1] == VALUE.encode()
    assert len(found.keys[0]) == 32

    over = (await admin.post("/api/secrets/points/rotate", json={"value": "another-value", "overlap_hours": 0})).json()
    assert (over["value"], over["previous_until"]) == (None, None)
    assert (await open_secrets(engine, seal, ["points"]))["points"].values == ("another-value",)

    await admin.put("/api/secrets/points/hosts", json={"hosts": []})
    assert (await admin.delete("/api/secrets/points")).status_code == 204
    assert await open_secrets(engine, seal, ["points"]) == {}
    for again in (admin.delete("/api/secrets/points"), admin.post("/api/secrets/points/rotate", json={})):
        assert (await again).json()["code"] == "unknown_secret"
    assert (await admin.get("/api/secrets")).json()["items"][0]["revoked_at"]
    await made(admin)
    changes = (await admin.get("/api/secrets/changes")).json()["items"]
    assert [one["what"] for one in changes] == ["created", "revoked", "hosts", "rotated", "rotated", "created"]
    assert {one["by"] for one in changes} == {"SOJOURN_ADMIN_TOKEN"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": "points", "value": "short"}, "secret_value"),
        ({"name": "points", "value": "two lines\nof it"}, "secret_value"),
        ({"name": "points", "value": "whsec_not-base64!"}, "secret_value"),
        ({"name": "points", "value": "whsec_c2hvcnQ="}, "secret_value"),
        ({"name": "points", "value": VALUE * 200}, "secret_value"),
        ({"name": "points", "value": VALUE, "hosts": ["https://points.example/"]}, "invalid_parameter"),
        ({"name": "Points", "value": VALUE}, None),
        ({"name": VALUE, "value": VALUE}, None),
        ({"name": "points", "value": [VALUE]}, None),
        ({"value": {"is": VALUE}}, None),
    ],
)
async def test_what_is_wrong_is_said_without_the_value(
    admin: AsyncClient, given: dict[str, object], code: str | None
) -> None:
    answer = await admin.post("/api/secrets", json=given)
    assert answer.status_code == 400, answer.text
    if code is not None:
        assert answer.json()["code"] == code
    assert str(given.get("value")) not in answer.text
    assert given.get("name") == VALUE or VALUE not in answer.text


async def test_values_are_sealed(admin: AsyncClient, rows: Rows) -> None:
    await made(admin)
    await admin.post("/api/secrets/points/rotate", json={"value": f"{VALUE}-2"})
    [row] = await rows("select * from workspace_secrets")
    assert VALUE.encode() not in bytes(row["sealed"])


async def test_under_another_secret_key_it_has_to_be_entered_again(app: FastAPI, admin: AsyncClient) -> None:
    await made(admin)
    other = app.state.resources.settings.model_copy(update={"secret_key": SecretStr("another-key-" * 4)})
    app.state.resources = replace(app.state.resources, settings=other)
    assert (await admin.get("/api/secrets")).status_code == 200
    answer = await admin.post("/api/secrets/points/rotate", json={"value": "entered-again"})
    assert (answer.status_code, answer.json()["previous_until"]) == (200, None)


@pytest.fixture
async def marketer(app: FastAPI) -> AsyncIterator[AsyncClient]:
    token = await create_token(app.state.resources.engine, name="M", role="marketer", by="A")
    transport = ASGITransport(app, client=("10.0.0.5", 50000))
    async with AsyncClient(
        transport=transport, base_url="http://localhost", headers={"Authorization": f"Bearer {token}"}
    ) as client:
        yield client


async def test_who_draws_sees_names_and_changes_nothing(marketer: AsyncClient, admin: AsyncClient) -> None:
    await made(admin)
    assert [one["name"] for one in (await marketer.get("/api/secrets")).json()["items"]] == ["points"]
    assert (await marketer.get("/api/names")).json()["secrets"] == ["points"]
    refused = [
        await marketer.post("/api/secrets", json={"name": "x"}),
        await marketer.post("/api/secrets/points/rotate", json={}),
        await marketer.put("/api/secrets/points/hosts", json={"hosts": ["evil.example"]}),
        await marketer.delete("/api/secrets/points"),
        await marketer.get("/api/secrets/changes"),
    ]
    assert {one.status_code for one in refused} == {403}
