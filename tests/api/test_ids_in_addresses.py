"""Whatever a shop's id holds, its customer is reached; an old id is answered as the customer whom it means now."""

import html
import re
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from api.app import create_app
from api.http.path_ids import segment
from orchestrator.settings import DEV_ADMIN_TOKEN, Settings
from tests.api.conftest import Rows
from tests.examples import some
from tests.serving import served
from tests.web.people import ADMIN, PASSWORD, browsing, make_person, sign_in

IDS = [
    *("a/b", "/a", "a/", "a//b", "a/timeline", "/", "a%2Fb", "%2F", "a?b=c", "a#b", "a b", "a+b", "a&b", "a;b", "a:b"),
    *("a.b", ".a", "a..", "..a", "../a", "a/../b", "./a", "김/지은", "é", "“a”", "\\", "a@b.example", "~a", "*"),
    *("'; --", "<b>", "%"),
]  # fmt: skip
DOTS = [".", ".."]
"""What programs take for a part of the address even where it is quoted. Intake takes them for nobody; they may have
come before it did."""


async def identified(client: AsyncClient, user: str) -> None:
    answer = await client.post("/v1/identify", json={"userId": user, "traits": {"name": f"Called {user}"}})
    assert answer.status_code == 200, answer.text


def answered(answer: Any) -> str:
    assert answer.status_code == 200, answer.text
    return str(answer.json()["external_id"])


@pytest.mark.parametrize("user", some(IDS, 2))
async def test_a_customer_is_reached_by_whatever_id(admin: AsyncClient, client: AsyncClient, user: str) -> None:
    await identified(client, user)
    assert answered(await admin.get(f"/api/customers/{quote(user, safe='')}")) == user
    timeline = await admin.get(f"/api/customers/{segment(user)}/timeline")
    assert (timeline.status_code, len(timeline.json()["items"])) == (200, 1)
    for path in ("/api/runs", "/api/messages", "/api/entries", "/api/complaints"):
        listed = await admin.get(path, params={"customer": user})
        assert listed.status_code == 200, (path, listed.text)


@pytest.mark.parametrize("user", some(IDS + DOTS, 2))
async def test_a_customer_is_found_by_exactly_their_id(admin: AsyncClient, rows: Rows, user: str) -> None:
    for external_id in (user, f"{user}x"):
        made = "insert into customers (id, external_id, created_at, updated_at) values (%s, %s, now(), now())"
        await rows(made, uuid4(), external_id)
    found = (await admin.get("/api/customers", params={"id": user})).json()["items"]
    assert [one["external_id"] for one in found] == [user]
    assert (await admin.get("/api/customers", params={"id": "nobody"})).json()["items"] == []


async def test_a_real_server_keeps_the_slash_within_its_segment(api_settings: Settings) -> None:
    from orchestrator.settings import DEV_WRITE_KEY

    async with (
        served(create_app(api_settings)) as address,
        AsyncClient(base_url=address, trust_env=False, timeout=60) as http,
    ):
        for user in ("a/b", "a%2Fb", "a/timeline", "a"):
            said = await http.post("/v1/identify", json={"userId": user}, auth=(DEV_WRITE_KEY, ""))
            assert said.status_code == 200
        headers = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
        for user in ("a/b", "a%2Fb", "a/timeline", "a"):
            assert answered(await http.get(f"/api/customers/{segment(user)}", headers=headers)) == user
        assert (await http.get("/api/customers/a/b", headers=headers)).status_code == 404, "two segments are two"


def test_a_segment_is_one_whatever_it_holds() -> None:
    for user in IDS + DOTS:
        assert "/" not in segment(user)
        assert segment(user) not in (".", "..", "")


# --- who they are now ------------------------------------------------------------------------------------------------


@pytest.fixture
async def aliased(client: AsyncClient) -> dict[str, str]:
    """``old/1`` became ``new``; the visitor ``v/1`` signed in as ``new`` before."""
    await client.post("/v1/track", json={"anonymousId": "v/1", "event": "Viewed"})
    await identified(client, "old/1")
    await client.post("/v1/identify", json={"userId": "new", "anonymousId": "v/1", "traits": {"tier": "gold"}})
    answer = await client.post("/v1/alias", json={"previousId": "old/1", "userId": "new"})
    assert answer.status_code == 200, answer.text
    return {"old/1": "new", "v/1": "new", "new": "new"}


async def test_an_old_id_is_answered_as_the_customer_it_is_now(
    admin: AsyncClient, aliased: dict[str, str], rows: Rows
) -> None:
    left = await rows("select id from customers where merged_into is not null")
    ids = [*aliased, *(str(row["id"]) for row in left)]
    assert len(ids) > len(aliased)
    for one in ids:
        assert answered(await admin.get(f"/api/customers/{segment(one)}")) == "new", one
        events = (await admin.get(f"/api/customers/{segment(one)}/timeline")).json()["items"]
        assert "Identity Linked" in {item.get("name") for item in events}, one
        found = (await admin.get("/api/customers", params={"id": one})).json()["items"]
        assert [customer["external_id"] for customer in found] == ["new"], one
        assert (await admin.get("/api/runs", params={"customer": one})).status_code == 200
        given = {"document": {}, "customer": {"id": one}}
        tested = await admin.post("/api/journeys/test-run", json=given)
        assert tested.json()["code"] != "unknown_customer"
    listed = (await admin.get("/api/customers", params={"query": "old/1"})).json()["items"]
    assert [one["external_id"] for one in listed] == ["new"], "the search finds whom an old id means"


@pytest.fixture
async def browser(app: FastAPI) -> Any:
    await make_person(app)
    async with browsing(app) as browser:
        await sign_in(browser)
        yield browser


async def test_the_console_leads_from_any_id_to_the_customers_page(
    browser: AsyncClient, aliased: dict[str, str], client: AsyncClient, rows: Rows
) -> None:
    await identified(client, "a/b?c#d")
    for one, user in {**aliased, "a/b?c#d": "a/b?c#d"}.items():
        [row] = await rows("select id from customers where external_id = %s", user)
        for tail in ("", "/journeys", "/messages"):
            led = await browser.get(f"/customers/{segment(one)}{tail}")
            assert (led.status_code, led.headers["location"]) == (303, f"/customers/{row['id']}{tail}"), one
            assert (await browser.get(led.headers["location"])).status_code == 200
    assert (await browser.get("/customers/nobody%2Fat%2Fall")).status_code == 404


async def test_who_is_not_signed_in_comes_back_to_the_same_customer(app: FastAPI, client: AsyncClient) -> None:
    await make_person(app)
    for user in ("a/b", "a%2Fb", "a?b#c", "김/지은"):
        await identified(client, user)
        async with browsing(app) as browser:
            led = await browser.get(f"/customers/{segment(user)}/messages")
            asked = (await browser.get(led.headers["location"])).text
            offered = re.findall(r'name="next" value="([^"]*)"', asked)
            after = next(one for one in offered if one.startswith("/customers"))
            form = {"email": ADMIN, "password": PASSWORD, "next": html.unescape(after)}
            back = await browser.post("/sign-in", data=form)
            assert back.status_code == 303, back.text
            page = await browser.get(back.headers["location"], follow_redirects=True)
            assert page.status_code == 200
            assert str(page.url).endswith("/messages")
            assert f"Called {user}" in html.unescape(page.text), user


# --- names of any length ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [200, 201, 4_000])
async def test_no_name_of_whatever_length_loses_anything_unsaid(
    admin: AsyncClient, client: AsyncClient, rows: Rows, length: int
) -> None:
    name = "n" * length
    tracked = await client.post("/v1/track", json={"userId": "u", "event": "Viewed", "properties": {name: 1}})
    assert tracked.status_code == 200
    [event] = await rows("select properties from events where name = 'Viewed'")
    assert event["properties"] == {name: 1}
    for kind in ("identify", "group"):
        call = {"userId": "u", "groupId": "g", "traits": {name: "kept", "tier": "gold"}}
        said = await client.post(f"/v1/{kind}", json=call)
        assert said.status_code == 200
        if kind == "identify":
            codes = [one["code"] for one in said.json().get("warnings", [])]
            assert codes == ([] if length <= 200 else ["attribute_name"])
    stored = await rows("select properties from events where name = 'Customer Updated' order by seq")
    assert [name in one["properties"] or name in one["properties"].get("traits", {}) for one in stored] == [True, True]
    attributes = (await admin.get("/api/customers/u")).json()["attributes"]
    assert attributes["tier"] == "gold"
    assert (name in attributes) is (length <= 200)
