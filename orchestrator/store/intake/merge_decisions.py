"""A human decides of a merge that was held: one person after all, or two."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import psycopg

from orchestrator.store.database import liveness, plain_dsn
from orchestrator.store.intake.merge import count_merge, lock_identities, merge_customers

Decision = Literal["merged", "apart"]

_HELD = """
select coalesce(source.merged_into, source.id), coalesce(target.merged_into, target.id), h.decision
from held_merges h join customers source on source.id = h.source_id join customers target on target.id = h.target_id
where h.id = %s for update of h
"""
_DECIDE = "update held_merges set decision = %s, decided_at = %s, decided_by = %s where id = %s"


async def decide_merge(database_url: str, held: UUID, decision: Decision, by: str, at: datetime) -> Decision | None:
    """Carry a decision out, as of ``at`` (journey time). Returns what is decided: an earlier decision stands, for a
    merge cannot be taken back, except that two who were kept apart may still be merged. None: there is no such."""
    async with await psycopg.AsyncConnection.connect(
        plain_dsn(database_url),
        options="-c timezone=UTC -c statement_timeout=20000",
        **liveness(connect=3, silence=4),
    ) as connection:
        await lock_identities(connection)
        row = await (await connection.execute(_HELD, (held,))).fetchone()
        if row is None:
            return None
        source, target, before = row
        if before == "merged" or before == decision:
            earlier: Decision = before
            return earlier
        if decision == "merged" and source != target:
            await merge_customers(connection, source, target, at)
        await connection.execute(_DECIDE, (decision, at, by, held))
        await count_merge(connection)
    return decision
