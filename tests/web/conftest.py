"""The console over a database, empty or with a shop in it; asked in this process."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from api.app import create_app
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine
from tests.reading import operated, workspace_rows
from tests.web import shop
from tests.web.people import browsing, make_person, sign_in


@pytest.fixture
def console_settings(database_url: str, redis_url: str) -> Settings:
    """Settings with the development token: who asks from this machine is signed in."""
    return Settings(database_url=database_url, redis_url=redis_url, temporal_address="127.0.0.1:1")


@pytest.fixture
async def app(console_settings: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(console_settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def filled(console_settings: Settings) -> None:
    """The shop of :mod:`tests.web.shop`."""
    engine = create_engine(console_settings.database_url)
    await shop.fill(engine)
    await engine.dispose()


@pytest.fixture
async def everything(console_settings: Settings) -> None:
    """The workspace of :mod:`tests.reading.world`, in which everything has happened once."""
    engine = create_engine(console_settings.database_url)
    await workspace_rows.fill(engine)
    await operated.fill(engine)
    await engine.dispose()


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Asks as a browser on this machine does, in Korean."""
    headers = {"accept-language": "ko-KR,ko;q=0.9,en;q=0.5"}
    transport = ASGITransport(app, client=("127.0.0.1", 50000))
    async with AsyncClient(transport=transport, base_url="http://localhost:8000", headers=headers) as client:
        yield client


@pytest.fixture
async def admin_page(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A browser in which an admin is signed in."""
    await make_person(app)
    async with browsing(app) as signed_in:
        assert await sign_in(signed_in) == 303
        yield signed_in
