"""The pages of segments: empty, one from its form to its members, and who may change it."""

import json
from datetime import UTC, datetime

import pytest
from httpx2 import AsyncClient

from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from orchestrator.store.segments.build import build_some
from tests.web.people import csrf_of

CONDITION = {"kind": "history", "event": "Order Completed", "op": "eq", "value": 0}
GIVEN = {"name.ko": "미구매 고객", "name.en": "Not bought", "key": "not-bought", "condition": json.dumps(CONDITION)}


async def post(browser: AsyncClient, path: str, **data: str) -> tuple[int, str]:
    answer = await browser.post(path, data={"csrf": await csrf_of(browser), **data})
    return answer.status_code, answer.headers.get("location", "") or answer.text


@pytest.fixture
async def segment(browser: AsyncClient) -> AsyncClient:
    assert await post(browser, "/segments/new", **GIVEN) == (303, "/segments/not-bought?done=segment_made")
    return browser


async def test_an_empty_page_says_what_a_segment_is(browser: AsyncClient) -> None:
    page = (await browser.get("/segments")).text
    assert "세그먼트가 없습니다" in page
    assert 'href="/segments/new"' in page


async def test_it_begins_with_a_ready_one(browser: AsyncClient) -> None:
    assert "가입 후 미구매" in (await browser.get("/segments/new")).text
    form = (await browser.get("/segments/new?ready=signed-up-not-bought")).text
    assert "Signed Up" in form
    assert 'id="segment-condition"' in form


async def test_one_shows_what_it_says_and_how_it_stands(segment: AsyncClient, settings: Settings) -> None:
    page = (await segment.get("/segments/not-bought", headers={"accept-language": "en"})).text
    assert "Building 0%" in page
    engine = create_engine(settings.database_url)
    try:
        while await build_some(engine, datetime.now(UTC)):
            pass
    finally:
        await engine.dispose()
    page = (await segment.get("/segments/not-bought", headers={"accept-language": "en"})).text
    assert "no <em>Order Completed</em>" in page
    assert "Ready" in page
    listed = (await segment.get("/segments", headers={"accept-language": "en"})).text
    assert 'href="/segments/not-bought"' in listed
    why = (await segment.get("/segments/not-bought?customer=nobody", headers={"accept-language": "en"})).text
    assert "There is no such customer." in why


async def test_what_is_wrong_is_told_and_nothing_is_lost(browser: AsyncClient) -> None:
    wrong = json.dumps({"kind": "property", "name": "sku", "value": 1})
    status, page = await post(browser, "/segments/new", **{**GIVEN, "condition": wrong})
    assert status == 400
    assert "세그먼트는 고객에 대해 묻기 때문에" in page
    assert "미구매 고객" in page
    status, _ = await post(browser, "/segments/new", **{**GIVEN, "condition": "no json"})
    assert status == 400


async def test_a_change_that_came_too_late_is_refused(segment: AsyncClient) -> None:
    given = {**GIVEN, "name.en": "Never bought"}
    assert (await post(segment, "/segments/not-bought/edit", **given, revision="1"))[0] == 303
    status, page = await post(segment, "/segments/not-bought/edit", **GIVEN, revision="1")
    assert status == 400
    assert "다른 사람이 이 세그먼트를 저장했습니다" in page


async def test_it_is_put_away_and_taken_back(segment: AsyncClient) -> None:
    assert (await post(segment, "/segments/not-bought/archive"))[1] == "/segments/not-bought?done=segment_archived"
    assert "보관됨" in (await segment.get("/segments/not-bought")).text
    assert (await post(segment, "/segments/not-bought/restore"))[0] == 303
    assert (await post(segment, "/segments/not-bought/rebuild"))[0] == 303
