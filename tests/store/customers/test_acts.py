"""Of what stands in a customer's log, the store knows what they did themselves."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.system_events import CUSTOMERS_ACTS, SYSTEM_EVENTS
from orchestrator.store.customers.view import EVERYTHING, load_view
from orchestrator.store.database import create_engine
from tests.web import shop

_EVENT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:id, :customer, :kind, :name, '{}', '{}', :at, :at)
""")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


async def test_only_what_they_did_counts_as_theirs(engine: AsyncEngine) -> None:
    customer = uuid4()
    kept = [("track", "Viewed"), ("system", "Emitted By A Journey"), *(("system", name) for name in SYSTEM_EVENTS)]
    async with engine.begin() as db:
        for kind, name in kept:
            given = {"id": f"{kind} {name}", "customer": customer, "kind": kind, "name": name, "at": shop.NOW}
            await db.execute(_EVENT, given)
        log = (await load_view(db, customer, EVERYTHING, "UTC")).history
    theirs = {event.name for event in log if event.message_id not in log.told}
    assert theirs == {"Viewed", *CUSTOMERS_ACTS}
    assert len(log) == len(kept)
