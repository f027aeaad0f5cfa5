"""The pages of broadcasts: looked at before, launched, watched, paused, recalled, exported, made up for."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from orchestrator.store.connection_pool import direct
from tests.api.broadcasts.test_broadcasts import SENT, Temporal, route, turn
from tests.web.people import browsing, csrf_of, make_person, sign_in
from tests.web.test_enter_list_page import BY_REQUEST, publish


@pytest.fixture
def temporal(app: FastAPI) -> Temporal:
    found = app.state.runs_connection = Temporal()
    return found


@pytest.fixture
def rows(app: FastAPI) -> Any:
    """Changes the database directly."""

    async def change(statement: str, *parameters: Any) -> None:
        async with direct(app.state.resources.engine).connection() as db:
            await db.execute(statement.encode(), parameters)

    return change


async def customers(rows: Any, *ids: str) -> None:
    await rows(
        "insert into customers (id, external_id, email, attributes, consents, tags, created_at, updated_at) "
        "select gen_random_uuid(), one, one || '@example.com', '{}', '{}', '[]', now(), now() "
        "from unnest(%s::text[]) as one",
        list(ids),
    )


async def send(page: AsyncClient, path: str, **form: str) -> Any:
    return await page.post(path, data={**form, "csrf": await csrf_of(page)})


async def test_from_the_preview_to_what_is_made_up_for(
    app: FastAPI, admin_page: AsyncClient, rows: Any, temporal: Temporal
) -> None:
    await publish(app, admin_page, BY_REQUEST)
    await customers(rows, "kim", "lee")
    seen = (await admin_page.get("/broadcasts/new?journey=cart")).text
    assert "2 customers" in seen
    made = await send(admin_page, "/broadcasts", journey="cart", per_minute="60", why="spring", share="50")
    assert made.status_code == 303, made.text
    identity = re.findall(r"/broadcasts/([0-9a-f-]{36})", made.headers["location"])[0]
    broadcast = {"id": identity}
    assert temporal.begun == [(identity, 1.0)]
    assert "It has not started yet" in (await admin_page.get(f"/broadcasts/{identity}")).text
    await turn(app, broadcast)
    await turn(app, broadcast)
    await route(app)
    await turn(app, broadcast)
    shown = (await admin_page.get(f"/broadcasts/{identity}")).text
    assert "Go on with the rest" in shown
    assert (await send(admin_page, f"/broadcasts/{identity}/act", act="rest")).status_code == 303
    await turn(app, broadcast)
    await route(app)
    await turn(app, broadcast)
    await rows(SENT, "sent", ["kim"])
    assert "kim" in (await admin_page.get(f"/broadcasts/{identity}?became=reached")).text
    assert "lee" not in (await admin_page.get(f"/broadcasts/{identity}?became=reached")).text
    assert (await send(admin_page, f"/broadcasts/{identity}/act", act="recall", why="oops")).status_code == 303
    assert len(temporal.ended) == 1
    assert "Recalled" in (await admin_page.get("/broadcasts")).text
    again = await send(admin_page, f"/broadcasts/{identity}/act", act="recall")
    assert (again.status_code, "recalled already" in again.text) == (409, True)
    table = await admin_page.get(f"/broadcasts/{identity}/customers.csv")
    assert sorted(line.split(",")[2] for line in table.text.splitlines()[1:]) == ["kim", "lee"]
    led = await admin_page.get(f"/operations/{identity}")
    assert led.headers["location"] == f"/broadcasts/{identity}"
    sorry = await send(admin_page, f"/broadcasts/{identity}/act", act="compensate", journey="cart")
    assert sorry.headers["location"].startswith("/broadcasts/")
    assert identity not in sorry.headers["location"]


@pytest.mark.parametrize(
    "form", [{"per_minute": "many"}, {"start_at": "soon"}, {"time_of_day": "25:99"}, {"share": "x"}, {"segment": "A b"}]
)
async def test_what_cannot_be_read_is_told(
    app: FastAPI, admin_page: AsyncClient, temporal: Temporal, form: dict[str, str]
) -> None:
    await publish(app, admin_page, BY_REQUEST)
    answer = await send(admin_page, "/broadcasts", journey="cart", **form)
    assert (answer.status_code, temporal.begun) == (422, [])


async def test_only_operators_launch(app: FastAPI, admin_page: AsyncClient) -> None:
    await publish(app, admin_page, BY_REQUEST)
    await make_person(app, "marketer", "m@example.com")
    async with browsing(app) as marketer:
        await sign_in(marketer, "m@example.com")
        assert (await marketer.get("/broadcasts")).status_code == 200
        assert (await marketer.get("/broadcasts/new")).status_code == 403
        assert "/broadcasts/new" not in (await marketer.get("/broadcasts")).text
