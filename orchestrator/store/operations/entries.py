"""Entries that a pause has refused, decided again: their events are offered once more."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.run.operations import Answer

# Whoever else hears of the event a second time knows it by its message id.
_AGAIN = text("""
with forgotten as (
    delete from entry_decisions where id = :decision and reason = 'paused' and not admitted returning message_id
), offered as (
    update events set routed_at = null from forgotten
    where events.message_id = forgotten.message_id and routed_at is not null returning events.message_id
)
select count(*) as decisions, (select count(pg_notify(:channel, '')) from offered) as offered from forgotten
""")


async def decide_again(engine: AsyncEngine, decision: UUID, channel: str) -> Answer:
    """Forget that an entry was refused, and let its event be routed again."""
    async with engine.begin() as db:
        row = (await db.execute(_AGAIN, {"decision": decision, "channel": channel})).one()
    return "entered" if row.decisions else "unknown"
