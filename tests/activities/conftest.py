"""A shop for each test."""

from collections.abc import AsyncIterator

import pytest

from orchestrator.store.database import create_engine
from tests.activities.shop import Shop


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    engine = create_engine(database_url, pool_size=8)
    yield Shop(engine)
    await engine.dispose()
