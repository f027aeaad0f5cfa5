"""Of a customer's history only that is read which a condition can look at, and it answers the same."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.model import Condition
from orchestrator.store.customers.view import history_names, history_since, load_view
from orchestrator.store.database import create_engine
from tests.web import shop

_EVENT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:id, :customer, 'track', :name, '{}', '{}', :at, :at)
""")
_CONDITION: TypeAdapter[Any] = TypeAdapter(Condition)
WEEK = {"kind": "history", "event": "Viewed", "within": "P7D", "op": "gte", "value": 7}
MONTH = {"kind": "history", "event": "Viewed", "within": "P30D", "op": "gte", "value": 31}
LAST = {"kind": "history", "event": "Viewed", "measure": "days_since_last", "op": "lt", "value": 2}
SINCE = {"kind": "history", "event": "Viewed", "after": (shop.NOW - timedelta(days=3)).isoformat(), "value": 4}
BOUGHT = {"kind": "history", "event": "Bought", "op": "eq", "value": 60}


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.mark.parametrize(
    ("parts", "read"),
    [
        ([WEEK], 8),
        ([WEEK, MONTH], 31),
        ([WEEK, SINCE], 8),
        ([SINCE], 4),
        ([WEEK, LAST], 60),
        ([WEEK, BOUGHT], 68),
        ([{"kind": "not", "of": WEEK}], 8),
    ],
    ids=["week", "two windows", "window and instant", "instant", "unbounded", "another name", "not"],
)
async def test_what_a_window_leaves_out_is_not_read(
    engine: AsyncEngine, parts: list[dict[str, Any]], read: int
) -> None:
    customer, condition = uuid4(), _CONDITION.validate_python({"kind": "all", "of": parts})
    async with engine.begin() as db:
        for name in ("Viewed", "Bought"):
            for day in range(60):
                given = {"id": f"{customer} {name} {day}", "name": name, "at": shop.NOW - timedelta(days=day)}
                await db.execute(_EVENT, {**given, "customer": customer})
        names = history_names([condition])
        whole = await load_view(db, customer, names, "UTC")
        bounded = await load_view(db, customer, names, "UTC", history_since([condition], shop.NOW))
    assert len(bounded.history) == read
    assert evaluate(condition, bounded, shop.NOW) == evaluate(condition, whole, shop.NOW)
