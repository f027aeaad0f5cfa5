"""Events: the newest with who did them, the stream of what comes in, and the catalogue of names."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text
from starlette.requests import Request

from api.console.events import pages as events
from api.console.events.pages import follow, still_allowed
from api.pages.view import View, open_view
from orchestrator.settings import Settings
from orchestrator.store.database import plain_dsn
from orchestrator.store.events.event_names import load_event_names
from orchestrator.store.events.tail import read_tail
from tests.web.people import browsing, make_person, sign_in
from tests.web.shop import HOSTILE, JIWOO, MALLORY, NOW

INSERT = """
insert into events (message_id, customer_id, kind, name, properties, occurred_at, received_at)
values (%s, %s, 'track', %s, '{}', %s, %s) returning seq
"""


@pytest.fixture
def database(console_settings: Settings) -> Any:
    with psycopg.connect(plain_dsn(console_settings.database_url), autocommit=True) as connection:
        yield connection


def stored(database: Any, name: str, customer: UUID = JIWOO) -> int:
    row = database.execute(INSERT, [str(uuid4()), customer, name, NOW, NOW]).fetchone()
    return int(row[0])


async def view_of(app: FastAPI, headers: Sequence[tuple[bytes, bytes]] = ()) -> View:
    scope = {"type": "http", "method": "GET", "path": "/events", "headers": headers, "query_string": b"", "app": app}
    return await open_view(Request(scope))


async def test_an_empty_page_says_how_to_send_the_first_event(browser: AsyncClient) -> None:
    page = (await browser.get("/events")).text
    assert "아직 이벤트가 없습니다" in page
    assert "curl -u 'dev-write-key:' http://localhost:8000/v1/track" in page


@pytest.mark.usefixtures("filled")
async def test_events_show_who_did_what_and_can_be_filtered(browser: AsyncClient, database: Any) -> None:
    database.execute("update events set properties = %s where message_id = 'm2'", [f'{{"sku": "{HOSTILE[:8]}"}}'])
    page = (await browser.get("/events")).text
    assert page.count('<details class="event"') == 3
    assert f'href="/customers/{JIWOO}">김지우' in page
    assert "<script>" not in page
    assert (await browser.get("/events?name=product")).text.count("<details") == 2, "and the menu"
    assert (await browser.get("/events?customer=shop-1")).text.count('class="event"') == 3
    assert (await browser.get(f"/events?customer={MALLORY}")).text.count('class="event"') == 0
    for given in ("nobody", "%00", "x" * 300):
        found = await browser.get("/events", params={"customer": given})
        assert "이 ID를 가진 고객이 없습니다" in found.text
    assert (await browser.get("/events?name=%25")).text.count('class="event"') == 0, "a percent sign is no wildcard"


@pytest.mark.usefixtures("filled")
async def test_what_is_stored_is_followed_once_also_when_it_was_numbered_earlier(
    app: FastAPI, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_EVERY", 0.01)
    view = await view_of(app)
    start = (await read_tail(view.engine, limit=1))[0].seq
    tail = follow(view, "", None, start)
    assert await anext(tail) == []
    with psycopg.connect(plain_dsn(view.settings.database_url)) as slow:
        slow.execute(INSERT, [str(uuid4()), JIWOO, "Slow", NOW, NOW])  # numbered, and not yet committed
        stored(database, "Quick")
        assert [row.name for row in await anext(tail)] == ["Quick"]
        assert await anext(tail) == []
    assert [row.name for row in await anext(tail)] == ["Slow"]
    assert [row.name for _ in range(3) for row in await anext(tail)] == []
    await tail.aclose()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("filled")
async def test_a_stream_shows_only_what_its_filters_let_through(
    app: FastAPI, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_EVERY", 0.01)
    view = await view_of(app)
    start = (await read_tail(view.engine, limit=1))[0].seq
    by_name, by_customer = follow(view, "order", None, start), follow(view, "", MALLORY, start)
    for name, customer in (("Order Completed", JIWOO), ("Viewed", JIWOO), ("Viewed", MALLORY)):
        stored(database, name, customer)
    assert [row.name for row in await anext(by_name)] == ["Order Completed"]
    assert [row.customer_id for row in await anext(by_customer)] == [MALLORY]


@pytest.mark.usefixtures("filled")
async def test_the_floor_rises_so_that_old_events_are_not_read_again(
    app: FastAPI, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_EVERY", 0.01)
    monkeypatch.setattr(events, "_SETTLING", 0.02)
    view = await view_of(app)
    tail = follow(view, "", None, 0)
    assert len(await anext(tail)) == 3
    for _ in range(8):  # each look takes the pause between two
        assert await anext(tail) == []
    stored(database, "New")
    assert [row.name for row in await anext(tail)] == ["New"]


async def test_a_stream_ends_with_the_session(app: FastAPI) -> None:
    await make_person(app)
    async with browsing(app) as browser:
        assert await sign_in(browser) == 303
        cookie = f"sojourn_session={browser.cookies['sojourn_session']}".encode()
    view = await view_of(app, [(b"cookie", cookie)])
    assert await still_allowed(view)
    async with app.state.resources.engine.begin() as db:
        await db.execute(text("delete from sessions"))
    assert not await still_allowed(view)


async def test_the_catalogue_names_properties_counts_and_journeys(
    app: FastAPI, browser: AsyncClient, filled: None, database: Any
) -> None:
    database.execute(
        "insert into seen_names (kind, event, name, type, first_seen) values"
        " ('event', '', 'Signed Up', '', %(now)s), ('property', 'Signed Up', 'method', 'string', %(now)s),"
        " ('event', '', 'Old', '', %(now)s), ('attribute', '', 'birthday', 'string', %(now)s)",
        {"now": NOW},
    )
    found = await load_event_names(app.state.resources.engine, NOW)
    by_name = {one.name: one for one in found.events}
    assert not found.sampled
    assert by_name["Signed Up"].properties == [("method", "string")]
    assert by_name["Signed Up"].times == 1
    assert [key for key, _ in by_name["Signed Up"].journeys] == ["lifecycle"]
    assert by_name["Order Completed"].first_seen is None, "a journey speaks of it; nobody has sent it"
    assert (by_name["Old"].times, by_name["Old"].journeys) == (0, [])
    assert "birthday" not in by_name
    later = await load_event_names(app.state.resources.engine, NOW + timedelta(days=60))
    assert {one.times for one in later.events} == {0}
    page = (await browser.get("/events/names?q=signed")).text
    assert "method <i>텍스트</i>" in page
    assert "Order Completed" not in page


@pytest.mark.usefixtures("filled")
async def test_a_filter_by_a_customer_is_shown_as_their_name_and_taken_back(browser: AsyncClient) -> None:
    page = (await browser.get("/events", params={"customer": str(JIWOO), "name": "Product"})).text
    filters = page.partition('<form class="filters"')[2].partition("</form>")[0]
    assert f'<a class="link" href="/customers/{JIWOO}">' in filters
    assert 'type="search" name="customer"' not in filters
    assert 'href="/events?name=Product"' in filters
    assert '<input type="hidden" name="customer"' in filters  # a further filter keeps it
