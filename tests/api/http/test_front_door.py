"""Who really asks, and by which name: foreign hosts, proxies, and addresses that nobody can read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from api.app import create_app
from api.http import throttle
from api.http.front_door import FrontDoor, host_name
from orchestrator.settings import DEV_ADMIN_TOKEN, Settings

OWN: dict[str, Any] = {
    "admin_token": SecretStr("t" * 40),
    "write_keys": ("server-key",),
    "secret_key": SecretStr("s" * 40),
}
BEARER = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
Ask = Callable[..., Awaitable[int]]

LOCAL = [
    "localhost",
    "localhost:8000",
    "127.0.0.1",
    "127.0.0.1:80",
    "[::1]",
    "[::1]:8000",
    "LOCALHOST",
    "shop.localhost",
]
FOREIGN = [
    "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.5", "localhostx",
    "2130706433", "0x7f000001", "127.1", "0.0.0.0", "[::ffff:10.0.0.1]",
]  # fmt: skip
BROKEN = ["[::1", "::1]", "[", "]", "a b", "a/b", "http://localhost", "a@localhost", "localhost:x", "localhost:999999",
          "[v1.x]", "[::1%25eth0]", "localhost\x7f", "é", "x" * 5000, "localhost,evil.example"]  # fmt: skip


async def ask(app: FastAPI, host: str, path: str, headers: dict[str, str] = BEARER) -> int:
    """The status; the host's name is sent as it is written."""
    transport = ASGITransport(app, client=("127.0.0.1", 50000))
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        raw = [(b"host", host.encode()), *((name.encode(), value.encode()) for name, value in headers.items())]
        return (await client.get(path, headers=raw)).status_code


@pytest.mark.parametrize("path", ["/", "/api/me", "/sign-in", "/shop", "/docs", "/healthz", "/static/console.js"])
async def test_development_keys_answer_to_this_machines_names_only(app: FastAPI, path: str) -> None:
    for host in LOCAL:
        assert await ask(app, host, path) in (200, 303), host
    for host in FOREIGN:
        assert await ask(app, host, path) == 421, host
    for host in BROKEN:
        assert await ask(app, host, path) == 400, host


async def test_the_refusal_says_what_to_do_in_the_callers_language(app: FastAPI) -> None:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://evil.example") as client:
        told = {language: await client.get("/", headers={"accept-language": language}) for language in ("en", "ko")}
    assert told["en"].json()["code"] == told["ko"].json()["code"] == "foreign_host"
    assert "SOJOURN_PUBLIC_URL" in told["en"].json()["detail"]
    assert "이 컴퓨터" in told["ko"].json()["detail"]


async def test_keys_of_ones_own_answer_to_every_host(api_settings: Settings) -> None:
    own = api_settings.model_copy(update={**OWN, "public_url": "https://journeys.example"})
    async with _serving(own) as app:
        for host in ("journeys.example", "10.0.0.5", "localhost"):
            assert await ask(app, host, "/healthz", {}) == 200
        for host in BROKEN:
            assert await ask(app, host, "/healthz", {}) == 400, host


@pytest.mark.parametrize(
    ("header", "name"),
    [("A.Example", "a.example"), ("a:1", "a"), ("[::1]:1", "[::1]"), ("", ""), ("[::1", None), ("a b", None)],
)
def test_a_host_header_names_a_host_or_nothing(header: str, name: str | None) -> None:
    assert host_name(header) == name


# --- proxies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "who"),
    [
        ((), "10.0.0.1", "203.0.113.9", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (("10.0.0.0/8",), "10.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (("10.0.0.0/8",), "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (("10.0.0.0/8",), "192.0.2.1", "203.0.113.9", "192.0.2.1"),
        (("127.0.0.1",), "127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ((), "127.0.0.1", "203.0.113.9", "127.0.0.1"),
    ],
)
async def test_a_proxy_is_believed_when_it_is_named(
    trusted: tuple[str, ...], peer: str, forwarded: str, who: str
) -> None:
    seen: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    settings = Settings(**OWN, public_url="https://journeys.example", trusted_proxies=trusted)
    transport = ASGITransport(FrontDoor(inner, settings), client=(peer, 1))
    async with AsyncClient(transport=transport, base_url="https://journeys.example") as client:
        for _ in range(2):
            await client.get("/", headers={"x-forwarded-for": forwarded})
    assert seen == [who, who]


async def test_a_proxy_that_is_not_named_is_told_of_once(api_settings: Settings) -> None:
    own = api_settings.model_copy(update={**OWN, "public_url": "https://journeys.example"})
    with capture_logs() as logs:
        async with _serving(own) as app:
            for _ in range(3):
                await ask(app, "journeys.example", "/healthz", {"x-forwarded-for": "203.0.113.9"})
    assert [entry["log_level"] for entry in logs if "SOJOURN_TRUSTED_PROXIES" in entry["event"]] == ["warning"]


async def test_behind_a_named_proxy_each_address_has_its_own_attempts(
    api_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, the wrong passwords of one stranger keep everybody out."""
    monkeypatch.setattr(throttle, "OF_ADDRESS", 1)
    named = {**OWN, "public_url": "https://journeys.example", "trusted_proxies": ("10.0.0.1",)}
    async with _serving(api_settings.model_copy(update=named)) as app:
        transport = ASGITransport(app, client=("10.0.0.1", 50000))
        async with AsyncClient(transport=transport, base_url="https://journeys.example") as proxy:

            async def attempt(address: str, n: int) -> int:
                given = {"email": f"nobody{n}@example.com", "password": "wrong wrong wrong"}
                return (await proxy.post("/sign-in", data=given, headers={"x-forwarded-for": address})).status_code

            statuses = {await attempt("203.0.113.9", n) for n in range(2)}
            assert statuses == {403, 429}
            assert await attempt("198.51.100.7", 99) == 403, "somebody else may still try"


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app
