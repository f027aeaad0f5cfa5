"""A message that fails for long is kept with its run, and forgotten once it has gone well."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.sending.contract import DeliverInput, DeliverResult
from activities.sending.trouble import LAST_ATTEMPT, noted_trouble
from orchestrator.store.database import create_engine
from tests.web import shop
from workflows.activity_options import DELIVER_RETRY

GIVEN = DeliverInput(run=str(shop.RUN), step="welcome")
TEMPORARY = ApplicationError("away", type="Temporary")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    await shop.fill(engine)
    yield engine
    await engine.dispose()


async def after(engine: AsyncEngine, attempt: int, ends: Exception | DeliverResult) -> str | None:
    """What is kept of the run once an attempt has ended so."""

    async def attempted() -> None:
        async with noted_trouble(engine, GIVEN) as watched:
            if isinstance(ends, Exception):
                raise ends
            watched.result = ends

    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt)
    with contextlib.suppress(ApplicationError):
        await environment.run(attempted)
    async with engine.connect() as db:
        query = text("select problem from runs where id = :id")
        kept: str | None = (await db.execute(query, {"id": shop.RUN})).scalar_one()
    return kept


async def test_trouble_is_what_fails_for_long_or_for_good(engine: AsyncEngine) -> None:
    assert DELIVER_RETRY.maximum_attempts == LAST_ATTEMPT
    assert await after(engine, 1, TEMPORARY) is None
    assert await after(engine, LAST_ATTEMPT, TEMPORARY) == "welcome:Temporary"
    assert await after(engine, 2, DeliverResult("sent")) is None
    assert await after(engine, 1, ApplicationError("wrong", type="DefinitionError")) == "welcome:DefinitionError"
    held = DeliverResult("held", "quiet_hours", shop.NOW + timedelta(hours=9))
    assert await after(engine, 1, held) is None


async def test_a_run_that_is_not_there_hides_no_error(engine: AsyncEngine) -> None:
    lost = replace(GIVEN, run=str(uuid4()))
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=LAST_ATTEMPT)

    async def attempted() -> None:
        async with noted_trouble(engine, lost):
            raise TEMPORARY

    with pytest.raises(ApplicationError, match="away"):
        await environment.run(attempted)
