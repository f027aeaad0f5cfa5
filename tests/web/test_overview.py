"""The first page: its guide is ticked by what has happened, and what needs attention stands there with a way to it."""

import re

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text

from orchestrator.settings import DEV_WRITE_KEY
from orchestrator.store.intake.write_keys import list_keys
from tests.waiting import until
from tests.web import shop
from tests.web.people import browsing, csrf_of, make_person, page_after, sign_in


def ticked(page: str) -> list[str]:
    """Steps of the guide that are done."""
    return re.findall(r'data-live="guide-(\w+)" data-quiet class="done', page)


async def test_the_guide_is_ticked_by_what_happens(app: FastAPI, browser: AsyncClient) -> None:
    await shop.fill(app.state.resources.engine)
    assert ticked((await browser.get("/")).text) == [], "what the demo's customers do is no step of the reader"
    call = {"anonymousId": "visitor-1", "messageId": "m-1"}
    key = (DEV_WRITE_KEY, "")
    assert (await browser.post("/v1/page", json=call, auth=key)).status_code == 200
    assert ticked((await browser.get("/")).text) == ["shop"]
    await browser.post("/v1/track", json={**call, "event": "Product Added", "messageId": "m-2"}, auth=key)
    assert ticked((await browser.get("/")).text) == ["shop", "event"]
    headers = {"x-csrf-token": await csrf_of(browser)}
    lifecycle = (await browser.get("/api/journeys/lifecycle")).json()["draft"]
    tried = await browser.post("/api/journeys/test-run", json={"document": lifecycle, "customer": {}}, headers=headers)
    assert tried.status_code == 200, tried.text
    assert ticked((await browser.get("/")).text) == ["shop", "event", "test"]


async def test_the_guide_is_put_aside_by_each_reader(app: FastAPI, admin_page: AsyncClient) -> None:
    assert 'class="guide"' in (await admin_page.get("/")).text
    assert 'class="guide"' not in await page_after(admin_page, "/guide")
    await make_person(app, "viewer", "viewer@example.com")
    async with browsing(app) as reader:
        await sign_in(reader, "viewer@example.com")
        assert 'class="guide"' in (await reader.get("/")).text
    assert 'class="guide"' in await page_after(admin_page, "/guide", show="1")


async def test_what_needs_attention_leads_there(app: FastAPI, admin_page: AsyncClient) -> None:
    engine = app.state.resources.engine
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(text("update runs set problem = 'nudge:provider' where journey_key = 'lifecycle'"))
        await db.execute(text("update journeys set status = 'paused' where key = 'cart-recovery'"))
        await db.execute(text("update workspace set settings = settings - 'sender_contact'"))
    page = (await admin_page.get("/")).text
    attention = page[page.index('data-live="attention"') :]
    for href in ("/trouble?journey=lifecycle", "/journeys?status=paused", "/settings/workspace"):
        assert f'href="{href}"' in attention, href
    assert attention.index("/trouble?") < attention.index("status=paused"), "the gravest first"


async def test_ones_own_key_is_made_shown_and_ticked(app: FastAPI, admin_page: AsyncClient) -> None:
    assert "data-write-key" not in (await admin_page.get("/connect")).text
    page = await page_after(admin_page, "/connect", kind="browser")
    found = re.search(r"data-write-key=&#34;(sjb_[\w-]+)&#34;", page)
    assert found is not None
    assert 'class="waits"' in page
    answer = await admin_page.post("/v1/track", json={"anonymousId": "v", "event": "Hello"}, auth=(found[1], ""))
    assert answer.status_code == 200

    async def arrived() -> bool:
        return 'class="arrived"' in (await admin_page.get("/connect")).text

    await until(arrived)
    assert "&lt;time" not in (await admin_page.get("/connect")).text
    server = await page_after(admin_page, "/connect", kind="server")
    assert "sjs_" in server
    assert "sjs_" not in (await admin_page.get("/connect")).text, "shown once"
    assert {one.kind for one in await list_keys(app.state.resources.engine)} == {"browser", "server"}


async def test_only_admins_connect_and_remove(app: FastAPI) -> None:
    await make_person(app, "operator", "op@example.com")
    async with browsing(app) as reader:
        await sign_in(reader, "op@example.com")
        for path in ("/connect", "/sample-data"):
            assert (await reader.get(path)).status_code == 403
            assert (await reader.post(path, data={"csrf": await csrf_of(reader)})).status_code == 403


@pytest.mark.parametrize("typed", ["", "remov", "지우"])
async def test_sample_data_stays_unless_the_word_is_written(app: FastAPI, admin_page: AsyncClient, typed: str) -> None:
    engine = app.state.resources.engine
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(text("update customers set external_id = 'demo-001' where external_id = 'shop-1'"))
    answer = await admin_page.post("/sample-data", data={"csrf": await csrf_of(admin_page), "typed": typed})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


async def test_nothing_goes_while_temporal_is_away(app: FastAPI, admin_page: AsyncClient) -> None:
    engine = app.state.resources.engine
    await shop.fill(engine)
    async with engine.begin() as db:
        await db.execute(text("update customers set external_id = 'demo-001' where external_id = 'shop-1'"))
    form = {"csrf": await csrf_of(admin_page), "typed": "remove"}
    answer = await admin_page.post("/sample-data", data=form, headers={"accept-language": "en"})
    assert answer.status_code == 503
    async with engine.connect() as db:
        assert (
            await db.execute(text("select count(*) from customers where external_id = 'demo-001'"))
        ).scalar_one() == 1
