"""What became of each customer of a broadcast: by the list, by what was decided, and by the ledger of messages."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.run.broadcasts import RECALLED
from orchestrator.store.customer_names import CALLED

_FROM = """
join operations o on o.id = i.operation_id
left join entry_decisions d on d.id = cast(i.given ->> 'decision' as uuid)
left join runs r on r.id = d.run_id
"""
_GONE_OUT = """
exists (
    select from sends s where s.customer_id = r.customer_id and s.run_id = r.id and s.status in ('sent', 'unknown')
)
"""
_BECAME = f"""
case when i.status = 'waiting' then case when o.status = 'recalled' then 'not_entered' else 'waiting' end
    when i.status = 'asked' then 'asked' when i.status = 'failed' then 'failed'
    when i.status = 'passed' then case when i.outcome = '{RECALLED}' then 'not_entered' else 'refused' end
    when {_GONE_OUT} then 'reached' when r.id is not null and r.finished_at is null then 'under_way'
    when r.reason = '{RECALLED}' then 'recalled' else 'not_reached' end
"""
# Those who wait are counted without a look at anything else.
_COUNTS = text(f"""
select became, reason, sum(customers) as customers from (
    select case when o.status = 'recalled' then 'not_entered' else 'waiting' end as became, '' as reason,
        count(*) as customers
    from operation_items i join operations o on o.id = i.operation_id
    where i.operation_id = :id and i.status = 'waiting' group by 1
    union all
    select {_BECAME}, case when i.status = 'passed' then i.outcome else '' end, count(*)
    from operation_items i {_FROM} where i.operation_id = :id and i.status <> 'waiting' group by 1, 2
) as counted group by 1, 2 order by 3 desc, 1, 2
""")
_ROW = f"""i.position, {_BECAME} as became, case when i.status = 'passed' then i.outcome else '' end as reason, i.at,
    r.id as run, c.id as customer, c.external_id, {CALLED} as called, cast(i.given ->> 'due' as timestamptz) as due"""
_PEOPLE = text(f"""
select {_ROW} from (
    select * from operation_items where operation_id = :id and position > :after
        and (cast(:status as text) is null or status = cast(:status as text)) order by position limit :most
) i {_FROM} left join customers k on k.id = i.subject left join customers c on c.id = coalesce(k.merged_into, k.id)
order by i.position
""")
_OF = text(f"""
select {_ROW} from operation_items i {_FROM}
left join customers k on k.id = i.subject left join customers c on c.id = coalesce(k.merged_into, k.id)
where i.operation_id = :id and i.status = any(cast(:statuses as text[])) and i.position > :after
    and {_BECAME} = :became
order by i.position limit :most
""")
_RELATED = text("""
select id, act from operations where chosen ->> 'entered_by' = cast(:id as text) or
    chosen ->> 'reached_by' = cast(:id as text)
order by made_at, id
""")
_STATUSES: Mapping[str, Sequence[str]] = {
    "waiting": ["waiting"],
    "not_entered": ["waiting", "passed"],
    "asked": ["asked"],
    "refused": ["passed"],
    "failed": ["failed"],
}
CHUNK = 2_000


@dataclass(frozen=True)
class BroadcastCount:
    """Customers of whom the same became. ``became``: one of ``core.run.broadcasts.OUTCOMES``; ``reason``: why they were
    refused, else empty."""

    became: str
    reason: str
    customers: int


@dataclass(frozen=True)
class BroadcastCustomer:
    """One of its list. ``at``: real time; ``due``: of whom it is not the turn yet, journey time."""

    position: int
    became: str
    reason: str
    at: datetime | None
    run: UUID | None
    customer: UUID | None
    external_id: str | None
    called: str | None
    due: datetime | None


async def count_became(engine: AsyncEngine, broadcast: UUID) -> list[BroadcastCount]:
    """How many of each outcome, the most frequent first."""
    async with engine.connect() as db:
        rows = await db.execute(_COUNTS, {"id": broadcast})
        return [BroadcastCount(row.became, row.reason, int(row.customers)) for row in rows]


async def list_became(
    engine: AsyncEngine, broadcast: UUID, became: str | None = None, after: int = 0, limit: int = 50
) -> list[BroadcastCustomer]:
    """Its customers in the order of their turns, after a position; those of one outcome."""
    given = {"id": broadcast, "after": after, "most": limit, "status": None}
    if became is not None:
        given |= {"became": became, "statuses": _STATUSES.get(became, ["done"])}
    async with engine.connect() as db:
        rows = await db.execute(_PEOPLE if became is None else _OF, given)
        return [BroadcastCustomer(*row) for row in rows]


async def all_became(engine: AsyncEngine, broadcast: UUID) -> AsyncIterator[list[BroadcastCustomer]]:
    """All of them, some at a time."""
    after = 0
    while rows := await list_became(engine, broadcast, None, after, CHUNK):
        yield rows
        after = rows[-1].position


async def related_to(engine: AsyncEngine, broadcast: UUID) -> tuple[list[UUID], list[UUID]]:
    """Operations that ended its runs, and broadcasts that make up for it, the oldest first."""
    async with engine.connect() as db:
        rows = (await db.execute(_RELATED, {"id": str(broadcast)})).all()
    return [row.id for row in rows if row.act == "end"], [row.id for row in rows if row.act == "broadcast"]
