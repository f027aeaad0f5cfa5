"""Ways in: the first admin, signing in, links, the development token; and all that must not open."""

import asyncio
import time
import unicodedata
from collections.abc import AsyncIterator
from datetime import timedelta
from statistics import median

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import AsyncClient
from pwdlib import PasswordHash
from pydantic import SecretStr
from redis.asyncio import Redis

from api.accounts import passwords
from api.accounts.passwords import hash_password
from api.app import create_app
from api.http.throttle import OF_PERSON_FROM_ADDRESS, Throttle
from orchestrator.settings import Settings
from orchestrator.store.accounts import people as accounts
from orchestrator.store.accounts.sessions import find_session, open_session
from orchestrator.store.database import plain_dsn
from tests.web.people import ADMIN, PASSWORD, browsing, csrf_of, make_person, sign_in

TOKEN = "a-token-of-ones-own"
PAGES = ("/", "/runs", "/customers", "/outbox", "/entries", "/settings")
FIRST = {"name": "Mina", "email": ADMIN, "password": PASSWORD}


@pytest.fixture
async def guarded(console_settings: Settings) -> AsyncIterator[FastAPI]:
    """A console with a token of its own, which nobody has set up yet."""
    own = {"admin_token": SecretStr(TOKEN), "secret_key": SecretStr("s" * 40)}
    app = create_app(console_settings.model_copy(update=own))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def stranger(guarded: FastAPI) -> AsyncIterator[AsyncClient]:
    async with browsing(guarded) as browser:
        yield browser


async def test_a_stranger_is_asked_to_sign_in(guarded: FastAPI, stranger: AsyncClient) -> None:
    assert (await stranger.get("/sign-in")).headers["location"] == "/setup"
    await make_person(guarded)
    for path in PAGES:
        answer = await stranger.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=%2F")
    assert await sign_in(stranger, password="not my password") == 403
    assert (await stranger.get("/")).status_code == 303


async def test_signing_in_opens_the_console_and_signing_out_closes_it(guarded: FastAPI, stranger: AsyncClient) -> None:
    await make_person(guarded)
    given = {"email": " MINA@Example.com ", "password": PASSWORD, "next": "/runs?status=live"}
    answer = await stranger.post("/sign-in", data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs?status=live")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    me = (await stranger.get("/api/me")).json()
    assert (me["email"], me["via"], me["role"]) == (ADMIN, "session", "admin")
    token = stranger.cookies["sojourn_session"]
    assert (await stranger.post("/sign-out")).status_code == 303
    assert (await stranger.get("/")).status_code == 200, "without proof that our page sent it, nobody is signed out"
    await stranger.post("/sign-out", data={"csrf": await csrf_of(stranger)})
    assert (await stranger.get("/")).status_code == 303
    assert (await stranger.get("/", headers={"cookie": f"sojourn_session={token}"})).status_code == 303


async def test_a_password_is_the_same_however_a_keyboard_writes_it(guarded: FastAPI, stranger: AsyncClient) -> None:
    password = "찻주전자는 숟가락이 아니다"
    person = await make_person(guarded)
    await accounts.set_password(guarded.state.resources.engine, person, await hash_password(password))
    assert await sign_in(stranger, password=unicodedata.normalize("NFD", password)) == 303


async def test_behind_a_proxy_the_public_address_is_ours_too(console_settings: Settings) -> None:
    proxied = console_settings.model_copy(update={"public_url": "https://journeys.example", "host": "10.0.0.1"})
    app = create_app(proxied)
    async with app.router.lifespan_context(app), browsing(app, host="upstream:8000") as browser:
        await make_person(app)
        for origin, status in (("https://journeys.example", 303), ("https://evil.example", 403)):
            given = {"email": ADMIN, "password": PASSWORD}
            answer = await browser.post("/sign-in", data=given, headers={"origin": origin})
            assert answer.status_code == status
        # Beyond this machine the cookie travels over TLS alone.
        answer = await browser.post("/sign-in", data=given)
        assert "secure" in answer.headers["set-cookie"].lower()


async def test_what_opens_a_door_is_stored_as_a_hash(
    guarded: FastAPI, stranger: AsyncClient, console_settings: Settings
) -> None:
    person = await make_person(guarded)
    await sign_in(stranger)
    link = await accounts.make_link(guarded.state.resources.engine, person)
    with psycopg.connect(plain_dsn(console_settings.database_url)) as db:
        rows = str(db.execute("select * from users").fetchall()) + str(db.execute("select * from sessions").fetchall())
    for secret in (stranger.cookies["sojourn_session"], link, PASSWORD):
        assert secret not in rows
    assert "$argon2id$" in rows


async def test_a_forged_or_expired_cookie_opens_nothing(guarded: FastAPI, stranger: AsyncClient) -> None:
    person = await make_person(guarded)
    engine = guarded.state.resources.engine
    for forged in ("", "9999999999.abc", "x" * 43, "x" * 5000, "é", "\"'"):
        headers = [(b"cookie", f"sojourn_session={forged}".encode())]
        assert (await stranger.get("/", headers=headers)).status_code == 303
    token = await open_session(engine, person)
    assert (await find_session(engine, token)) is not None
    with psycopg.connect(plain_dsn(guarded.state.resources.settings.database_url)) as db:
        db.execute("update sessions set expires_at = now() - interval '1 second'")
    assert await find_session(engine, token) is None


async def test_a_session_lives_while_it_is_used_but_not_for_ever(guarded: FastAPI) -> None:
    person = await make_person(guarded)
    engine = guarded.state.resources.engine
    token = await open_session(engine, person)
    with psycopg.connect(plain_dsn(guarded.state.resources.settings.database_url), autocommit=True) as db:
        for age, left in ((timedelta(days=1), 14), (timedelta(days=85), 5)):
            db.execute("update sessions set seen_at = now() - interval '1 day', created_at = now() - %s", [age])
            assert await find_session(engine, token) is not None
            row = db.execute("select expires_at - now() from sessions").fetchone()
            assert row is not None
            assert timedelta(days=left) - row[0] < timedelta(minutes=1)


async def test_a_session_slipped_in_beforehand_is_not_taken_over(guarded: FastAPI, stranger: AsyncClient) -> None:
    person = await make_person(guarded)
    planted = await open_session(guarded.state.resources.engine, person)
    stranger.cookies.set("sojourn_session", planted, domain="localhost.local")
    assert await sign_in(stranger) == 303
    cookies = {cookie.value for cookie in stranger.cookies.jar if cookie.name == "sojourn_session"}
    assert len(cookies - {planted}) == 1
    assert await find_session(guarded.state.resources.engine, planted) is None


async def test_another_sites_form_changes_nothing(guarded: FastAPI, stranger: AsyncClient) -> None:
    evil = {"origin": "https://evil.example"}
    assert (await stranger.post("/setup", data={**FIRST, "token": TOKEN}, headers=evil)).status_code == 403
    await make_person(guarded)
    given = {"email": ADMIN, "password": PASSWORD}
    assert (await stranger.post("/sign-in", data=given, headers=evil)).status_code == 403
    answer = await stranger.post("/language", data={"language": "ko"}, headers=evil)
    assert "set-cookie" not in answer.headers
    await sign_in(stranger)
    proof = await csrf_of(stranger)
    for headers, data in ((evil, {"csrf": proof}), ({}, {}), ({}, {"csrf": "0" * 40})):
        changed = await stranger.post("/settings/name", data={"name": "Evil", **data}, headers=headers)
        assert changed.status_code == 403
    assert (await stranger.get("/api/me")).json()["name"] == "Mina"


# --- the first admin --------------------------------------------------------------------------------------------------


async def test_the_first_admin_needs_the_token(guarded: FastAPI, stranger: AsyncClient) -> None:
    for token in ("", "wrong", "é"):
        refused = await stranger.post("/setup", data={**FIRST, "token": token})
        assert refused.status_code == 403
        assert "SOJOURN_ADMIN_TOKEN" in refused.text
    answer = await stranger.post("/setup", data={**FIRST, "token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await stranger.get("/")).status_code == 200
    async with browsing(guarded) as second:
        assert (await second.get("/setup")).headers["location"] == "/sign-in"
        again = {"name": "Eve", "email": "eve@example.com", "password": PASSWORD, "token": TOKEN}
        assert (await second.post("/setup", data=again)).headers["location"] == "/sign-in"
        assert (await second.get("/")).status_code == 303


async def test_of_two_first_admins_at_once_one_is_made(guarded: FastAPI) -> None:
    async def attempt(n: int) -> bool:
        async with browsing(guarded) as browser:
            given = {"name": f"A{n}", "email": f"a{n}@example.com", "password": PASSWORD, "token": TOKEN}
            await browser.post("/setup", data=given)
            return (await browser.get("/")).status_code == 200

    assert sorted(await asyncio.gather(*(attempt(n) for n in range(5)))) == [False, False, False, False, True]


async def test_a_weak_password_is_refused_and_what_was_typed_stays(stranger: AsyncClient) -> None:
    for password in ("short", "aaaaaaaaaaaa", ADMIN, "x" * 201):
        refused = await stranger.post("/setup", data={**FIRST, "password": password, "token": TOKEN})
        assert refused.status_code == 400
        assert 'role="alert"' in refused.text
        assert f'value="{ADMIN}"' in refused.text
        assert f'value="{password}"' not in refused.text.replace(f'value="{ADMIN}"', "")


async def test_on_this_machine_one_is_let_in_until_somebody_has_an_account(app: FastAPI) -> None:
    async def asked(client: str, host: str, **headers: str) -> int:
        async with browsing(app, client, host) as browser:
            return (await browser.get("/", headers=headers)).status_code

    assert await asked("127.0.0.1", "localhost:8000") == 200
    assert await asked("10.0.0.5", "localhost:8000") == 303
    assert await asked("127.0.0.1", "evil.example") == 421, "DNS rebinding"
    for header in ("x-forwarded-for", "X-Forwarded-Host", "forwarded", "x-real-ip", "via", "cf-connecting-ip"):
        assert await asked("127.0.0.1", "localhost", **{header: "127.0.0.1"}) == 303, header
    async with browsing(app, "127.0.0.1", "localhost:8000") as browser:
        page = (await browser.get("/setup")).text
        assert 'name="token"' not in page
        assert (await browser.post("/setup", data=FIRST)).status_code == 303
        assert (await browser.get("/")).status_code == 200
    assert await asked("127.0.0.1", "localhost:8000") == 303, "from now on there is something to protect"


# --- who guesses ------------------------------------------------------------------------------------------------------


async def test_an_answer_does_not_tell_whether_there_is_such_a_person(
    guarded: FastAPI, stranger: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHash.recommended())
    monkeypatch.setattr(passwords, "_nobodys", [])
    await make_person(guarded)
    engine = guarded.state.resources.engine
    await accounts.create_account(engine, email="invited@example.com", name="I", role="viewer")
    pages: dict[str, str] = {}
    times: dict[str, list[float]] = {}
    for _ in range(5):
        for email in (ADMIN, "nobody@example.com", "invited@example.com"):
            begun = time.perf_counter()
            answer = await stranger.post("/sign-in", data={"email": email, "password": "wrong"})
            times.setdefault(email, []).append(time.perf_counter() - begun)
            assert answer.status_code == 403
            pages[email] = answer.text.replace(email, "")
    assert len(set(pages.values())) == 1
    typical = [median(measured) for measured in times.values()]
    assert max(typical) < 3 * min(typical), "each takes one look at a hash"


async def test_guessing_is_slowed_down_whether_or_not_there_is_such_a_person(
    guarded: FastAPI, stranger: AsyncClient
) -> None:
    await make_person(guarded)
    for email in (ADMIN, "nobody@example.com"):
        for _ in range(OF_PERSON_FROM_ADDRESS):
            assert await sign_in(stranger, email, "wrong") == 403
        assert await sign_in(stranger, email, "wrong") == 429
    assert await sign_in(stranger) == 429, "not even with the right one"
    async with browsing(guarded, "10.0.0.6") as elsewhere:
        assert await sign_in(elsewhere) == 303, "who guesses shuts nobody else out"


async def test_attempts_are_counted_without_redis_too_and_name_nobody(redis_url: str) -> None:
    throttle = Throttle(Redis.from_url("redis://127.0.0.1:1"))
    assert [await throttle.admits("a@b.c", "::1") for _ in range(OF_PERSON_FROM_ADDRESS + 1)][-2:] == [True, False]
    await throttle.clear_failures("a@b.c", "::1")
    assert await throttle.admits("a@b.c", "::1")
    redis = Redis.from_url(redis_url)
    assert await Throttle(redis).admits("a@b.c", "10.0.0.5")
    keys = await redis.keys("*")
    assert len(keys) == 3
    assert not [key for key in keys if b"a@b.c" in key or b"10.0.0.5" in key]
    assert all([0 < await redis.ttl(key) <= 900 for key in keys])
    await redis.aclose()


# --- links ------------------------------------------------------------------------------------------------------------


async def test_a_link_sets_a_password_once(guarded: FastAPI, stranger: AsyncClient) -> None:
    await make_person(guarded)
    engine = guarded.state.resources.engine
    invited = await accounts.create_account(engine, email="yuna@example.com", name="Yuna", role="marketer")
    replaced, link = await accounts.make_link(engine, invited), await accounts.make_link(engine, invited)
    assert (await stranger.get(f"/welcome/{replaced}")).status_code == 404
    assert "yuna@example.com" in (await stranger.get(f"/welcome/{link}")).text
    assert (await stranger.post(f"/welcome/{link}", data={"password": "short"})).status_code == 400
    assert (await stranger.post(f"/welcome/{link}", data={"password": PASSWORD})).status_code == 303
    assert (await stranger.get("/api/me")).json()["role"] == "marketer"
    assert (await stranger.post(f"/welcome/{link}", data={"password": "another teapot"})).status_code == 404
    async with browsing(guarded) as second:
        assert await sign_in(second, "yuna@example.com") == 303


async def test_a_link_of_last_week_and_of_who_is_shut_out_opens_nothing(
    guarded: FastAPI, stranger: AsyncClient
) -> None:
    await make_person(guarded)
    engine = guarded.state.resources.engine
    invited = await accounts.create_account(engine, email="yuna@example.com", name="Yuna", role="marketer")
    link = await accounts.make_link(engine, invited)
    with psycopg.connect(plain_dsn(guarded.state.resources.settings.database_url), autocommit=True) as db:
        db.execute("update users set link_until = now() - interval '1 second' where id = %s", [invited])
    assert (await stranger.post(f"/welcome/{link}", data={"password": PASSWORD})).status_code == 404
    link = await accounts.make_link(engine, invited)
    await accounts.set_disabled(engine, invited, True)
    assert (await stranger.post(f"/welcome/{link}", data={"password": PASSWORD})).status_code == 404
