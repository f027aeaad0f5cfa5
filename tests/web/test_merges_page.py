"""Merges that look wrong: the list in the console, and the API; a decision counts, and is seen."""

import re
from typing import Any

from fastapi import FastAPI
from httpx2 import AsyncClient
from sqlalchemy import text

from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY
from orchestrator.store.customers.consents import change_consents
from tests.web.people import csrf_of

TOKEN = {"authorization": f"Bearer {DEV_ADMIN_TOKEN}"}


async def call(browser: AsyncClient, kind: str, **call: Any) -> Any:
    answer = await browser.post(f"/v1/{kind}", json=call, auth=(DEV_WRITE_KEY, ""))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def hold(browser: AsyncClient, *visitors: str) -> None:
    """Each of these has another address, and all come under one id."""
    for visitor in visitors:
        await call(browser, "track", anonymousId=visitor, event="Viewed")
        await call(browser, "identify", userId="kiosk", anonymousId=visitor, traits={"email": f"{visitor}@example.com"})


async def owner(app: FastAPI, visitor: str) -> str | None:
    async with app.state.resources.engine.connect() as db:
        query = "select c.external_id from identities i join customers c on c.id = i.customer_id where i.value = :value"
        found: str | None = (await db.execute(text(query), {"value": visitor})).scalar_one()
        return found


async def test_a_held_merge_is_listed_with_its_reason_and_decided(app: FastAPI, browser: AsyncClient) -> None:
    assert "확인할 병합이 없습니다" in (await browser.get("/merges")).text
    await hold(browser, "mina", "jiho", "sora", "dain")
    page = (await browser.get("/merges")).text
    assert page.count("kiosk</a>") == 2
    assert "sora@example.com" in page
    assert "하루 안에 이메일 3개" in page
    assert (await owner(app, "sora"), await owner(app, "jiho")) == (None, "kiosk")
    first, second = re.findall(r'action="(/merges/[0-9a-f-]+)"', page)
    csrf = await csrf_of(browser)
    done = await browser.post(second, data={"csrf": csrf, "decision": "merged"}, follow_redirects=True)
    assert "두 고객을 병합했습니다" in done.text
    assert await owner(app, "sora") == "kiosk"
    done = await browser.post(first, data={"csrf": csrf, "decision": "apart"}, follow_redirects=True)
    assert "두 고객을 따로 유지합니다" in done.text
    assert await owner(app, "dain") is None
    decided = (await browser.get("/merges?show=decided&lang=en", headers={"accept-language": "en"})).text
    assert "Kept separate" in decided
    assert decided.count("Same person: merge") == 1, "who was merged stays merged; who was kept apart may still be"
    assert (await browser.get("/merges?show=decided&before=nonsense")).status_code == 200


async def test_the_api_lists_and_decides(app: FastAPI, browser: AsyncClient) -> None:
    await hold(browser, "mina", "jiho", "sora")
    [held] = (await browser.get("/api/merges", headers=TOKEN)).json()["items"]
    assert held["reason"] == "emails"
    assert held["detail"]["emails"] == ["jiho@example.com", "mina@example.com", "sora@example.com"]
    place = f"/api/merges/{held['id']}"
    assert (await browser.post(place, headers=TOKEN, json={"decision": "perhaps"})).status_code == 400
    assert (await browser.post(place, headers=TOKEN, json={"decision": "merged"})).json() == {"decision": "merged"}
    assert await owner(app, "sora") == "kiosk"
    assert (await browser.get("/api/merges", headers=TOKEN)).json()["items"] == []
    [decided] = (await browser.get("/api/merges?state=decided", headers=TOKEN)).json()["items"]
    assert decided["decision"] == "merged"
    unknown = f"/api/merges/{held['source']}"
    refused = await browser.post(unknown, headers=TOKEN, json={"decision": "apart"})
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_merge")


async def test_an_id_that_means_nobody_is_told_at_the_door(app: FastAPI, browser: AsyncClient) -> None:
    answer = await call(browser, "identify", userId="undefined", anonymousId="a", traits={"email": "kim@example.com"})
    [warning] = answer["warnings"]
    assert (warning["code"], warning["field"]) == ("placeholder_id", "userId")
    refused = await browser.post("/v1/track", json={"userId": "null", "event": "Viewed"}, auth=(DEV_WRITE_KEY, ""))
    assert (refused.status_code, refused.json()["code"]) == (400, "placeholder_id")


async def test_a_batch_with_hundreds_of_users_on_one_device_is_taken_soon_and_warned(
    app: FastAPI, browser: AsyncClient
) -> None:
    calls = [{"type": "identify", "userId": f"u{number}", "anonymousId": "tablet"} for number in range(300)]
    answer = await call(browser, "batch", batch=calls)
    assert [warning["code"] for warning in answer["warnings"]] == ["crowded_device"] * 280
    assert "rejected" not in answer
    async with app.state.resources.engine.connect() as db:
        counts = await db.execute(text("select count(*), count(distinct customer_id) from events"))
        assert tuple(counts.one()) == (300, 300)


async def test_the_log_shows_who_said_it_and_what_does_not_count(app: FastAPI, browser: AsyncClient) -> None:
    await call(browser, "identify", userId="kim", traits={"consents": {"email": True}})
    resources = app.state.resources
    async with resources.engine.begin() as db:
        who = (await db.execute(text("select id from customers"))).scalar_one()
        at = (await db.execute(text("select now()"))).scalar_one()
        await change_consents(db, who, {"email": False}, source="unsubscribe", evidence={"form": "page"}, at=at)
    await call(browser, "identify", userId="kim", traits={"consents": {"email": True}})
    log = (await browser.get("/consents/log")).text
    assert log.count("고객이 직접<") == 1
    assert log.count("기록만 함: 고객 본인의 선택이 우선합니다") == 1
    assert "기록만 함" in (await browser.get(f"/customers/{who}")).text
