"""Settings: one's own account, people, tokens, the workspace; and who is kept from them."""

import html
import re
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient, Response
from pydantic import SecretStr

from api.app import create_app
from orchestrator.core.roles import Role
from orchestrator.settings import Settings
from orchestrator.store.accounts import people as accounts
from orchestrator.store.workspace import prepare_workspace
from tests.web.people import ADMIN, PASSWORD, browsing, csrf_of, make_person, sign_in

YUNA = "yuna@example.com"


@pytest.fixture
async def guarded(console_settings: Settings) -> AsyncIterator[FastAPI]:
    own = {"admin_token": SecretStr("a-token-of-ones-own"), "write_keys": ("write-key-of-the-shop",)}
    settings = console_settings.model_copy(update=own)
    await prepare_workspace(settings)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def mina(guarded: FastAPI) -> AsyncIterator[AsyncClient]:
    """The admin's browser."""
    await make_person(guarded)
    async with browsing(guarded) as browser:
        assert await sign_in(browser) == 303
        yield browser


async def sent(browser: AsyncClient, path: str, **data: str) -> Response:
    return await browser.post(path, data={"csrf": await csrf_of(browser), **data})


@pytest.mark.parametrize("role", ["viewer", "marketer", "operator"])
async def test_only_an_admin_sees_people_tokens_and_workspace(guarded: FastAPI, mina: AsyncClient, role: Role) -> None:
    person = await make_person(guarded, role, YUNA)
    async with browsing(guarded) as browser:
        await sign_in(browser, YUNA)
        page = (await browser.get("/settings")).text
        for path in ("/settings/people", "/settings/tokens", "/settings/workspace"):
            assert f'href="{path}"' not in page
            assert (await browser.get(path)).status_code == 403
            assert (await sent(browser, path, name="x", email="x@example.com")).status_code == 403
        for what in ("role", "disable", "enable", "link"):
            assert (await sent(browser, f"/settings/people/{person}/{what}", role="admin")).status_code == 403
        assert (await browser.get("/api/me")).json()["role"] == role


async def test_the_header_shows_who_is_signed_in(mina: AsyncClient) -> None:
    page = (await mina.get("/", headers={"accept-language": "ko"})).text
    assert "Mina" in page
    assert ADMIN in page
    assert "관리자" in page
    assert 'action="/sign-out"' in page


async def test_somebody_is_invited_by_a_link_that_is_shown_once(guarded: FastAPI, mina: AsyncClient) -> None:
    page = (await sent(mina, "/settings/people", name="Yuna", email=" Yuna@Example.com", role="marketer")).text
    link = re.search(r'value="http://localhost:8000(/welcome/[\w-]+)"', page)
    assert link is not None
    assert link[1] not in (await mina.get("/settings/people")).text
    async with browsing(guarded) as yuna:
        assert (await yuna.post(link[1], data={"password": PASSWORD})).status_code == 303
        assert (await yuna.get("/api/me")).json()["can"] == ["draw", "read"]
    again = await sent(mina, "/settings/people", name="Other", email=YUNA)
    assert again.status_code == 400
    assert "Other" in again.text, "what was typed stays"
    for name, email in (("", YUNA), ("Y", "no address"), ("Y", "a@b")):
        assert (await sent(mina, "/settings/people", name=name, email=email)).status_code == 400


@pytest.mark.parametrize("change", ["role", "disable", "link"])
async def test_a_change_of_role_password_or_access_ends_sessions(
    guarded: FastAPI, mina: AsyncClient, change: str
) -> None:
    person = await make_person(guarded, "operator", YUNA)
    async with browsing(guarded) as yuna:
        await sign_in(yuna, YUNA)
        assert (await yuna.get("/api/me")).status_code == 200
        answer = await sent(mina, f"/settings/people/{person}/{change}", role="viewer")
        if change == "link":
            link = re.search(r"/welcome/[\w-]+", answer.text)
            assert link is not None
            assert (await yuna.get("/api/me")).status_code == 200, "a link alone changes nothing"
            async with browsing(guarded) as other:
                await other.post(link[0], data={"password": "another teapot"})
        assert (await yuna.get("/api/me")).status_code == 401
    async with browsing(guarded) as yuna:
        password = "another teapot" if change == "link" else PASSWORD
        assert await sign_in(yuna, YUNA, password) == (403 if change == "disable" else 303)
    if change == "disable":
        await sent(mina, f"/settings/people/{person}/enable")
        async with browsing(guarded) as yuna:
            assert await sign_in(yuna, YUNA) == 303


async def test_the_last_admin_stays(guarded: FastAPI, mina: AsyncClient) -> None:
    me = await accounts.find_account(guarded.state.resources.engine, email=ADMIN)
    assert me is not None
    for what in ("role", "disable"):
        refused = await sent(mina, f"/settings/people/{me.id}/{what}", role="viewer")
        assert refused.status_code == 409
    assert (await mina.get("/api/me")).json()["role"] == "admin"
    await make_person(guarded, "admin", YUNA)
    assert (await sent(mina, f"/settings/people/{me.id}/role", role="viewer")).status_code == 303
    assert (await mina.get("/api/me")).status_code == 401


async def test_an_invited_admin_who_never_came_counts_for_nobody(guarded: FastAPI, mina: AsyncClient) -> None:
    await sent(mina, "/settings/people", name="Yuna", email=YUNA, role="admin")
    me = await accounts.find_account(guarded.state.resources.engine, email=ADMIN)
    assert me is not None
    assert (await sent(mina, f"/settings/people/{me.id}/disable")).status_code == 409


async def test_ones_own_password_is_changed_by_who_knows_it(guarded: FastAPI, mina: AsyncClient) -> None:
    async with browsing(guarded) as phone:
        await sign_in(phone)
        assert (await sent(mina, "/settings/password", current="wrong", password="another teapot")).status_code == 400
        assert (await sent(mina, "/settings/password", current=PASSWORD, password="short")).status_code == 400
        assert (await sent(mina, "/settings/password", current=PASSWORD, password="another teapot")).status_code == 303
        assert (await mina.get("/api/me")).status_code == 200, "here one stays signed in"
        assert (await phone.get("/api/me")).status_code == 401
        assert await sign_in(phone) == 403
        assert await sign_in(phone, password="another teapot") == 303


async def test_name_and_language_are_kept_with_the_account(guarded: FastAPI, mina: AsyncClient) -> None:
    await sent(mina, "/settings/name", name="미나 <b>")
    page = (await mina.get("/settings")).text
    assert html.escape("미나 <b>") in page
    assert "미나 <b>" not in page
    await sent(mina, "/settings/language", language="ko")
    async with browsing(guarded) as phone:
        await sign_in(phone)
        assert '<html lang="ko">' in (await phone.get("/", headers={"accept-language": "en"})).text
        await sent(phone, "/settings/language", language="")
        assert '<html lang="en">' in (await phone.get("/", headers={"accept-language": "en"})).text


async def test_light_and_dark_are_remembered(mina: AsyncClient) -> None:
    assert "data-theme=" not in (await mina.get("/")).text.partition("<head>")[0]
    await mina.post("/theme", data={"theme": "dark"})
    assert '<html lang="en" data-theme="dark">' in (await mina.get("/")).text
    await mina.post("/theme", data={"theme": "system"})
    assert "data-theme=" not in (await mina.get("/")).text.partition("<head>")[0]


async def test_a_token_is_shown_once_works_and_can_be_revoked(guarded: FastAPI, mina: AsyncClient) -> None:
    page = (await sent(mina, "/settings/tokens", name="CI", role="marketer")).text
    token = re.search(r"sjn_[\w-]{40,}", page)
    assert token is not None
    listed = (await mina.get("/settings/tokens")).text
    assert token[0] not in listed
    async with browsing(guarded) as program:
        program.headers["Authorization"] = f"Bearer {token[0]}"
        me = (await program.get("/api/me")).json()
        assert (me["name"], me["role"], me["via"]) == ("CI", "marketer", "token")
        identity = re.search(r"/settings/tokens/([0-9a-f-]{36})/revoke", listed)
        assert identity is not None
        await sent(mina, f"/settings/tokens/{identity[1]}/revoke")
        assert (await program.get("/api/me")).status_code == 401
        assert (await program.get("/settings")).status_code == 303, "a token opens no page"


async def test_the_sender_of_advertising_can_be_set_and_keys_stay_hidden(mina: AsyncClient) -> None:
    await sent(mina, "/settings/workspace", sender_name="오늘찻집", opt_out_number="080-000-0000")
    page = (await mina.get("/settings/workspace")).text
    assert 'value="오늘찻집"' in page
    assert 'value="080-000-0000"' in page
    assert "writ••••" in page
    assert "write-key-of-the-shop" not in page
    await sent(mina, "/settings/workspace", sender_name="")
    assert "오늘찻집" not in (await mina.get("/settings/workspace")).text


async def test_where_nobody_has_an_account_settings_lead_to_the_first_one(browser: AsyncClient) -> None:
    for path in ("/settings", "/settings/people"):
        assert 'href="/setup"' in (await browser.get(path)).text
    invited = await sent(browser, "/settings/people", name="Yuna", email=YUNA)
    assert invited.headers["location"] == "/setup"


async def test_who_is_not_there_is_not_found(mina: AsyncClient) -> None:
    assert (await sent(mina, f"/settings/people/{UUID(int=7)}/link")).status_code == 404


async def test_the_workspace_says_what_advertising_waits_for(mina: AsyncClient) -> None:
    told = "no advertising is sent where the law requires it"
    await sent(mina, "/settings/workspace", sender_name="오늘찻집", opt_out_number="080-000-0000")
    page = (await mina.get("/settings/workspace", headers={"accept-language": "en"})).text
    assert told in page
    assert "Still missing: a contact." in page
    await sent(mina, "/settings/workspace", sender_name="오늘찻집", sender_contact="02-123-4567")
    assert told not in (await mina.get("/settings/workspace", headers={"accept-language": "en"})).text


async def test_bounds_of_the_breaker_and_alerts_are_chosen_within_sense(mina: AsyncClient) -> None:
    breaker = {"on": "on", "complaints": "0.5", "bounces": "4", "least": "50", "hours": "12"}
    alerts = {"url": "https://ops.example/alerts", "least": "5", "quiet": "30"}
    for path, given, odd in (
        ("breaker", breaker, [{"complaints": "0"}, {"bounces": "nan"}, {"least": "1e999"}, {"hours": "x"}]),
        ("alerts", alerts, [{"url": "javascript:alert(1)"}, {"least": "0"}, {"quiet": "-1"}, {"least": "many"}]),
    ):
        for one in odd:
            answer = await sent(mina, f"/settings/workspace/{path}", **{**given, **one})
            assert f"{path}_wrong" in str(answer.url) or f"{path}_wrong" in answer.headers.get("location", ""), one
        await sent(mina, f"/settings/workspace/{path}", **given)
    page = (await mina.get("/settings/workspace")).text
    for value in ("0.5", "4", "50", "12", "https://ops.example/alerts", "30"):
        assert f'value="{value}"' in page, value
