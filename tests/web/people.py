"""People for tests of the console: accounts, and browsers in which they are signed in."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from api.accounts.passwords import hash_password
from orchestrator.core.roles import Role
from orchestrator.store.accounts.people import create_account, create_first_admin, has_accounts

PASSWORD = "a teapot is no spoon"
ADMIN = "mina@example.com"


@asynccontextmanager
async def browsing(app: FastAPI, client: str = "10.0.0.5", host: str = "localhost") -> AsyncIterator[AsyncClient]:
    """A browser elsewhere, in which nobody is signed in."""
    transport = ASGITransport(app, client=(client, 50000))
    async with AsyncClient(transport=transport, base_url=f"http://{host}") as browser:
        yield browser


async def make_person(app: FastAPI, role: Role = "admin", email: str = ADMIN) -> UUID:
    """An account with the tests' password; an admin is there before anybody else."""
    engine = app.state.resources.engine
    password = await hash_password(PASSWORD)
    if not await has_accounts(engine):
        first = await create_first_admin(engine, email=ADMIN, name="Mina", password=password)
        assert first is not None
        if email == ADMIN:
            return first
    return await create_account(engine, email=email, name=email.partition("@")[0], role=role, password=password)


async def sign_in(browser: AsyncClient, email: str = ADMIN, password: str = PASSWORD) -> int:
    """The status of an attempt; 303 is a success."""
    answer = await browser.post("/sign-in", data={"email": email, "password": password})
    return answer.status_code


async def csrf_of(browser: AsyncClient, path: str = "/settings") -> str:
    """What a page sends along."""
    found = re.search(r'<meta name="csrf-token" content="([0-9a-f]+)">', (await browser.get(path)).text)
    assert found is not None
    return found[1]


async def page_after(browser: AsyncClient, path: str, **data: str) -> str:
    """The page that a form leads to."""
    answer = await browser.post(path, data={"csrf": await csrf_of(browser), **data}, follow_redirects=True)
    assert answer.status_code < 500
    return answer.text
