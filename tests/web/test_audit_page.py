"""The audit log as a page: narrowed by area, person, subject and day; for operators only."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient

from orchestrator.store.audit.chain import COMMAND, By, Change, record_alone
from tests.web.people import browsing, make_person, sign_in
from tests.web.shop import HOSTILE

KIM, LEE = By("Kim", "session"), By(HOSTILE, "token")


@pytest.fixture
async def changes(app: FastAPI) -> None:
    engine = app.state.resources.engine
    await record_alone(engine, KIM, Change("journey.published", "welcome", {"version": 1}, {"version": 2}, "봄 행사"))
    await record_alone(engine, LEE, Change("pause.paused", "everything", {}, {"paused": True}))
    await record_alone(engine, KIM, Change("journey.published", "cart", {"version": 7}, {"version": 8}))


@pytest.mark.usefixtures("changes")
@pytest.mark.parametrize(
    ("language", "published", "holds"),
    [("ko", "여정 게시", "빠진 것이 없"), ("en", "Journey published", "none is missing")],
)
async def test_it_tells_who_changed_what_and_why(
    browser: AsyncClient, language: str, published: str, holds: str
) -> None:
    browser.headers["accept-language"] = language
    page = (await browser.get("/audit")).text
    assert page.count("<tr>") == 1 + 3
    assert all(word in page for word in (published, "봄 행사", "welcome"))
    assert HOSTILE not in page
    assert "/audit?check=1" in page
    assert holds in (await browser.get("/audit?check=1")).text
    for query, rows in {
        "area=journey": 2,
        "who=Kim&area=pause": 0,
        "subject=cart": 1,
        f"since={datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}": 0,
        f"until={datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}": 3,
        "since=yesterday": 3,
        "until=9999-12-31": 3,
    }.items():
        found = (await browser.get(f"/audit?{query}")).text
        assert found.count("<tr>") == (1 + rows if rows else 0), query


@pytest.mark.usefixtures("filled")
async def test_what_was_paused_and_by_what_is_told_by_its_name(app: FastAPI, browser: AsyncClient) -> None:
    for what in ("step:cart-recovery/still-filling", "journey:cart-recovery", "channel:email", "step:gone/away"):
        await record_alone(app.state.resources.engine, COMMAND, Change("pause.paused", what, {}, {"paused": True}))
    for language, called in {
        "ko": ("장바구니 리마인드 · 담기가 멈출 때까지", "이메일", "명령줄"),
        "en": ("Cart recovery · Until they stop filling it", "E-mail", "Command line"),
    }.items():
        browser.headers["accept-language"] = language
        page = re.sub("<[^>]*>", " ", (await browser.get("/audit")).text)
        assert [name for name in called if name not in page] == []
        assert not any(spelling in page for spelling in ("step:", "journey:", "channel:", "command line"))


@pytest.mark.usefixtures("changes")
async def test_it_is_for_those_who_operate(app: FastAPI) -> None:
    await make_person(app, "marketer", "m@example.com")
    async with browsing(app) as marketer:
        await sign_in(marketer, "m@example.com")
        assert (await marketer.get("/audit")).status_code == 403
        assert (await marketer.get("/api/audit")).status_code == 403
        assert (await marketer.get("/api/audit/export")).status_code == 403
