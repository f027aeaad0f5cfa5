"""What somebody did with suggestions, and since when a change that was drawn is live."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlmodel import col

from orchestrator.store.tables.journeys import SuggestionDecision

Key = tuple[str, str, str, str]
"""Journey, step, channel and metric."""
_DECISIONS = text("""
select d.journey_key, d.step, d.channel, d.metric, d.decision, d.experiment, d.evidence, d.decided_by, d.decided_at,
    min(v.published_at) as live_since
from suggestion_decisions d left join journey_versions v on d.decision = 'drawn' and v.journey_key = d.journey_key
    and v.published_at >= d.decided_at
    and v.document -> 'steps' @> jsonb_build_array(jsonb_build_object('id', d.experiment))
group by d.journey_key, d.step, d.channel, d.metric
""")


@dataclass(frozen=True)
class Decision:
    """``evidence``: ``people``, ``of``, ``kind_people``, ``kind_of`` then. ``live_since``: when a version with the
    change was published first; None: none was. All instants are journey time."""

    key: Key
    decision: Literal["drawn", "dismissed"]
    experiment: str | None
    evidence: Mapping[str, Any]
    by: str | None
    at: datetime
    live_since: datetime | None


async def load_decisions(engine: AsyncEngine) -> dict[Key, Decision]:
    """All of them."""
    async with engine.connect() as db:
        rows = (await db.execute(_DECISIONS)).all()
    found = (Decision((row.journey_key, row.step, row.channel, row.metric), *row[4:]) for row in rows)
    return {one.key: one for one in found}


async def keep_decision(
    session: AsyncSession,
    key: Key,
    decision: Literal["drawn", "dismissed"],
    evidence: Mapping[str, Any],
    now: datetime,
    by: str | None,
    experiment: str | None = None,
) -> None:
    """In the place of what was decided before. The caller commits."""
    values = {
        "decision": decision,
        "experiment": experiment,
        "evidence": dict(evidence),
        "decided_by": by,
        "decided_at": now,
    }
    named = dict(zip(("journey_key", "step", "channel", "metric"), key, strict=True))
    kept = insert(SuggestionDecision).values(**named, **values)
    await session.execute(kept.on_conflict_do_update(index_elements=list(named), set_=values))


async def forget_decision(session: AsyncSession, key: Key) -> bool:
    """As if nobody had decided; False: nobody had. The caller commits."""
    table = SuggestionDecision
    named = zip((table.journey_key, table.step, table.channel, table.metric), key, strict=True)
    gone = delete(table).where(*(col(column) == value for column, value in named))
    return bool((await session.execute(gone.returning(col(table.step)))).all())
