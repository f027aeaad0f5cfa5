"""A database, and the writer that stands before it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import psycopg
import pytest

from orchestrator.store.database import plain_dsn
from orchestrator.store.intake.writer import IntakeWriter

Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[IntakeWriter]:
    writer = IntakeWriter(database_url)
    await writer.start()
    yield writer
    await writer.close()


@pytest.fixture
async def rows(database_url: str) -> AsyncIterator[Rows]:
    """Asks the database directly."""
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as connection:

        async def ask(query: str, *parameters: Any) -> list[tuple[Any, ...]]:
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchall() if cursor.description else []

        yield ask
