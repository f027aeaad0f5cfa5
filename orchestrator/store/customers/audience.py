"""How many customers meet a condition now."""

from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.conditions.model import Condition, scopes
from orchestrator.store.conditions.condition_sql import customers, to_sql

_PATIENCE = text("select set_config('statement_timeout', :milliseconds, true)")
CANCELLED = "57014"
"""PostgreSQL: ``query_canceled``, which a statement's time-out comes as."""


def is_about_customers(condition: Condition) -> bool:
    """Whether it can be asked of customers alone, with no event in scope."""
    return "event" not in scopes(condition)


async def count_matching(engine: AsyncEngine, condition: Condition, now: datetime, patience: float) -> int | None:
    """Customers who meet a bound condition; None where counting takes longer than ``patience`` seconds."""
    query = select(func.count()).select_from(customers).where(customers.c.merged_into.is_(None), to_sql(condition, now))
    try:
        async with engine.begin() as db:
            await db.execute(_PATIENCE, {"milliseconds": str(int(patience * 1000))})
            return int((await db.execute(query)).scalar_one())
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == CANCELLED:
            return None
        raise
