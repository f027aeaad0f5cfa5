"""The console's pages on consents, and the settings of links."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text

from orchestrator.store.customers.consents import change_consents
from orchestrator.store.workspace import ensure_workspace

NOW = datetime.now(UTC)


@pytest.fixture
async def agreed(app: FastAPI) -> str:
    """One customer who agreed three years ago, one who did today."""
    resources = app.state.resources
    async with resources.sessions.begin() as session:
        await ensure_workspace(session, resources.settings)
    people = []
    for name, at in (("김오래", NOW - timedelta(days=1100)), ("이방금", NOW)):
        people.append(uuid4())
        async with resources.engine.begin() as db:
            add = (
                "insert into customers (id, attributes, created_at, updated_at) values (:id, cast(:a as jsonb), :t, :t)"
            )
            await db.execute(text(add), {"id": people[-1], "a": f'{{"name": "{name}"}}', "t": at})
            given: dict[str, Any] = {"source": "intake", "evidence": {"message": f"m-{name}"}, "at": at}
            await change_consents(db, people[-1], {"email": True, "sms:night": False}, **given)
    return str(people[0])


async def test_an_empty_workspace_says_where_consents_come_from(browser: AsyncClient) -> None:
    for path in ("/consents", "/consents/log"):
        page = await browser.get(path)
        assert page.status_code == 200
        assert "아직" in page.text


async def test_whose_consent_is_to_be_confirmed(browser: AsyncClient, agreed: str) -> None:
    page = (await browser.get("/consents")).text
    row = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("이메일")[1].split("</tr>")[0])).split()
    assert row[:5] == ["2", "0", "0", "0", "1"]
    assert "문자(야간)" in page
    due = (await browser.get("/consents?name=email")).text
    assert "김오래" in due
    assert "이방금" not in due
    assert f"/customers/{agreed}" in due
    assert (await browser.get("/consents?name=nonsense")).status_code == 200


async def test_the_log_tells_what_proves_each_change(browser: AsyncClient, agreed: str) -> None:
    page = (await browser.get("/consents/log")).text
    assert page.count("쇼핑몰에서 전달") == 4
    assert "m-김오래" in page
    customer = (await browser.get(f"/customers/{agreed}")).text
    assert "동의 이력" in customer
    assert "m-김오래" in customer


async def test_the_pages_for_customers_can_be_looked_at(browser: AsyncClient, agreed: str) -> None:
    page = (await browser.get("/consents")).text
    links = re.findall(r'href="(/[up]/[^"]+)"', page)
    assert len(links) == 2
    for link in links:
        assert "미리보기입니다" in (await browser.get(link)).text


async def test_how_links_are_counted_is_set(browser: AsyncClient, agreed: str) -> None:
    page = (await browser.get("/settings/links")).text
    assert 'name="clicks" checked' in page
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    form = {
        "csrf": csrf[1],
        "clicks": "on",
        "utm": "on",
        "utm_source": "crm",
        "domains": "Shop.example, m.shop.example",
    }
    assert (await browser.post("/settings/links", data=form)).status_code == 303
    page = (await browser.get("/settings/links?done=saved")).text
    assert 'value="crm"' in page
    assert 'value="shop.example m.shop.example"' in page
    assert 'name="opens" checked' not in page
    wrong = await browser.post("/settings/links", data={**form, "domains": "https://shop.example/x"})
    assert wrong.status_code == 422
    assert "도메인은 shop.example처럼" in wrong.text
