"""Who may ask what: every route has its permission, and a browser's requests prove that our own page sent them."""

import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from orchestrator.core.roles import MAY, PERMISSIONS, ROLES


@pytest.fixture
async def here(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A browser on this machine, where the development token is in use."""
    transport = ASGITransport(app, client=("127.0.0.1", 50000))
    async with AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


async def csrf_of(browser: AsyncClient, path: str = "/") -> str:
    found = re.search(r'<meta name="csrf-token" content="([0-9a-f]+)">', (await browser.get(path)).text)
    assert found is not None
    return found[1]


def test_every_role_may_look_and_only_the_admin_may_administer() -> None:
    assert all("read" in MAY[role] for role in ROLES)
    assert [role for role in ROLES if "administer" in MAY[role]] == ["admin"]
    assert MAY["admin"] == set(PERMISSIONS)


async def test_the_token_of_the_settings_is_an_admin(admin: AsyncClient) -> None:
    me = (await admin.get("/api/me")).json()
    assert (me["role"], me["via"], me["email"]) == ("admin", "setting", None)
    assert me["can"] == sorted(PERMISSIONS)
    assert me["time_zone"] == "Asia/Seoul"
    assert me["clock"]["speed"] == 1


async def test_a_browser_changes_nothing_without_the_pages_token(here: AsyncClient) -> None:
    assert (await here.get("/api/me")).json()["via"] == "local"
    draft = {"name": "Half"}
    refused = await here.put("/api/journeys/half", json=draft)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    proof = {"X-CSRF-Token": await csrf_of(here)}
    assert (await here.put("/api/journeys/half", json=draft, headers=proof)).status_code == 200
    elsewhere = {**proof, "Origin": "https://evil.example"}
    assert (await here.put("/api/journeys/half", json=draft, headers=elsewhere)).status_code == 403
    wrong = {"X-CSRF-Token": "0" * 40}
    assert (await here.put("/api/journeys/half", json=draft, headers=wrong)).status_code == 403


async def test_a_token_needs_no_proof_but_must_be_right(here: AsyncClient, admin: AsyncClient) -> None:
    assert (await admin.put("/api/journeys/half", json={})).status_code == 200
    wrong = await here.get("/api/me", headers={"Authorization": "Bearer wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_token"), "being here does not mend a wrong token"
