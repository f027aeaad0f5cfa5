"""What the demo shop's customers have done already, and how the shop introduces itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.database import dump_json

_DONE = text("""
select cast(split_part(message_id, '-', 3) as int) as number, max(cast(split_part(message_id, '-', 4) as int)) as done,
    max(occurred_at) as at
from events where message_id like :prefix group by 1
""")
_INTRODUCE = text("update workspace set settings = cast(:shop as jsonb) || settings where id = 1")


async def introduce_shop(engine: AsyncEngine, shop: Mapping[str, Any]) -> None:
    """Settings of the workspace that were not made yet; what is set already stays."""
    async with engine.begin() as db:
        await db.execute(_INTRODUCE, {"shop": dump_json(shop)})


async def acts_done(engine: AsyncEngine, seed: int) -> dict[int, tuple[int, datetime]]:
    """By a demo customer's number: how many acts of their story they did, and when the last one was.

    Read from message ids ``demo-{seed}-{number}-{act}``.
    """
    async with engine.connect() as db:
        rows = await db.execute(_DONE, {"prefix": f"demo-{seed}-%"})
        return {row.number: (row.done, row.at) for row in rows}
