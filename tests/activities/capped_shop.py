"""The shop with counts in Redis, and with frequency caps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update

from activities.sending.deliver import DeliverInput
from orchestrator.store.database import create_engine
from orchestrator.store.sending.frequency import counting_redis
from orchestrator.store.tables import METADATA
from orchestrator.store.tables.customers import Customer
from orchestrator.store.tables.runs import Run
from orchestrator.store.tables.sending import SendRecord
from orchestrator.store.tables.workspace import Workspace
from tests.activities.shop import CUSTOMER, NOON, NUDGE, SENDER, Shop

TWO_A_DAY = {"most": 2, "per": "day"}
TOMORROW = NOON + timedelta(days=1)


@asynccontextmanager
async def counting_shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    """A shop whose workers count in Redis."""
    engine, redis = create_engine(database_url, pool_size=8), counting_redis(redis_url)
    yield Shop(engine, redis=redis)
    await redis.aclose()
    await engine.dispose()


async def capped(shop: Shop, *caps: dict[str, Any], **settings: Any) -> Shop:
    """Open it, with these caps."""
    await shop.open(**settings)
    await shop.change(Workspace, settings={**SENDER, "sending": {"caps": list(caps)}})
    return shop


def nth(number: int) -> DeliverInput:
    """The so manieth message of the step."""
    return replace(NUDGE, occurrence=number)


async def ledger(shop: Shop, number: int) -> SendRecord:
    """The ledger's row of it."""
    row = await shop.ledger(number)
    assert row is not None
    return row


async def visitor_with_run(shop: Shop) -> tuple[UUID, DeliverInput]:
    """Another customer in the same journey, and the message that they are to get."""
    visitor, run = uuid4(), uuid4()
    async with shop.engine.begin() as db:
        known = {"id": visitor, "phone": "+821099998888", "consents": {"sms": True}, "created_at": NOON}
        await db.execute(insert(Customer).values(**known, updated_at=NOON, attributes={"first_name": "방문자"}))
        plan = (await db.execute(select(*METADATA.tables["runs"].c))).mappings().one()
        own = {"id": run, "customer_id": visitor, "workflow_id": f"cart/{visitor}"}
        await db.execute(insert(Run).values(**{**plan, **own}))
    return visitor, DeliverInput(str(run), "nudge")


async def merge(shop: Shop, visitor: UUID) -> None:
    """They turn out to be the shop's customer."""
    async with shop.engine.begin() as db:
        await db.execute(update(Customer).where(Customer.id == visitor).values(merged_into=CUSTOMER))  # type: ignore[arg-type]
        await db.execute(update(SendRecord).values(customer_id=CUSTOMER))
