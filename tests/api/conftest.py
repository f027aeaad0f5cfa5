"""The API in this process, over a real database, with what a test needs to look into it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from psycopg.rows import dict_row

from api.app import create_app
from orchestrator.settings import DEV_ADMIN_TOKEN, DEV_WRITE_KEY, Settings
from orchestrator.store.database import plain_dsn

Rows = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def api_settings(database_url: str, redis_url: str) -> Settings:
    """Settings of an API that finds no Temporal: most of it needs none."""
    return Settings(database_url=database_url, redis_url=redis_url, temporal_address="127.0.0.1:1")


@pytest.fixture
async def app(api_settings: Settings) -> AsyncIterator[FastAPI]:
    app = create_app(api_settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Sends events: authenticated by the write key."""
    transport = ASGITransport(app, client=("10.0.0.5", 50000))
    async with AsyncClient(transport=transport, base_url="http://localhost", auth=(DEV_WRITE_KEY, "")) as client:
        yield client


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Operates the workspace: authenticated by the admin token."""
    headers = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
    async with AsyncClient(
        transport=ASGITransport(app, client=("10.0.0.5", 50000)), base_url="http://localhost", headers=headers
    ) as client:
        yield client


@pytest.fixture
async def rows(database_url: str) -> AsyncIterator[Rows]:
    """Asks the database directly."""
    async with await psycopg.AsyncConnection.connect(
        plain_dsn(database_url), autocommit=True, row_factory=dict_row
    ) as connection:

        async def ask(query: str, *parameters: Any) -> list[dict[str, Any]]:
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchall() if cursor.description else []

        yield ask
