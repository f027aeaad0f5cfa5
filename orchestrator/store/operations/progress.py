"""How an operation goes on: what is next, what became of each, whether it is wanted still."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.run.operations import Act
from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.pagination import Listing, Page

_ADD = text("""
insert into operations (id, act, chosen, why, status, per_second, total, made_by, made_at, after_id)
values (:id, :act, cast(:chosen as jsonb), :why, 'running', :per_second, 0, :by, clock_timestamp(), :after)
""")
_TOTAL = text("""
update operations set total = :total, status = case when :total = 0 then 'done' else status end,
    finished_at = case when :total = 0 then clock_timestamp() end
where id = :id
""")
# Marked before it is asked: whoever finds it waiting and marked knows that it may have been asked by one who died.
_NEXT = text("""
with next as (
    select i.operation_id, i.subject, i.step, i.position, i.at is not null as tried, i.given from operation_items i
    join operations o on o.id = i.operation_id
    where i.operation_id = :id and i.status = 'waiting' and o.status = 'running' order by i.position limit :most
), marked as (
    update operation_items i set at = clock_timestamp() from next
    where i.operation_id = next.operation_id and i.subject = next.subject
)
select subject, step, tried, given from next order by position
""")
_NOTE = text("""
update operation_items set status = :status, outcome = :outcome, at = clock_timestamp(), seen = :seen
where operation_id = :id and subject = :subject and status in ('waiting', 'asked')
""")
# What a run was asked to do, it does when its worker does: seen by what it has done since.
_SETTLE = text("""
update operation_items i set
    status = case when r.finished_at is null and o.act in ('retry', 'skip') and r.problem is not null
        then 'failed' when o.act = 'move' and not m.there then 'passed' else 'done' end,
    outcome = case when r.finished_at is null and o.act in ('retry', 'skip') and r.problem is not null
        then 'again' when m.there then 'moved' when o.act = 'move' then 'finished'
        when r.finished_at is not null then 'ended' when o.act = 'release' then 'released'
        else 'freed' end,
    at = clock_timestamp()
from operations o, runs r cross join lateral (
    select exists (
        select from transitions t
        where o.act = 'move' and t.run_id = r.id and t.what = 'moved'
            and t.note ->> 'by' = cast(cast(:id as uuid) as text)
    ) as there
) m
where i.operation_id = :id and i.status = 'asked' and o.id = i.operation_id and r.id = i.subject and (
    r.finished_at is not null or m.there
    or (o.act in ('retry', 'skip') and (r.problem is null or r.problem_at is distinct from i.seen))
    or (o.act = 'release' and (r.parked_at is null or r.parked_at is distinct from i.seen))
)
""")
# Who was to enter is settled by what was decided of it.
_SETTLE_ENTRIES = text("""
update operation_items i set status = case when d.admitted then 'done' else 'passed' end,
    outcome = case when d.admitted then 'entered' else d.reason end, at = clock_timestamp()
from operations o, entry_decisions d
where i.operation_id = :id and i.status = 'asked' and o.id = i.operation_id and o.act = 'admit' and d.id = i.subject
""")
_SETTLE_TURNS = text("""
update operation_items i set status = case when d.admitted then 'done' else 'passed' end,
    outcome = case when d.admitted then 'entered' else d.reason end, at = clock_timestamp()
from entry_decisions d
where i.operation_id = :id and i.status = 'asked' and d.id = cast(i.given ->> 'decision' as uuid)
""")
_COUNTS = text("""
select operation_id, status, count(*) as items from operation_items
where operation_id = any(cast(:ids as uuid[])) group by 1, 2
""")
_OUTCOMES = text("""
select status, outcome, count(*) as items from operation_items where operation_id = :id and status <> 'waiting'
group by 1, 2 order by 3 desc, 1, 2
""")
_TURN = text("""
update operations set status = cast(:status as text),
    finished_at = case when cast(:status as text) = 'running' then null else clock_timestamp() end
where id = :id and status = any(cast(:from as text[])) returning id
""")


@dataclass(frozen=True)
class OperationRow:
    """An operation as its list has it. ``chosen``: how its runs were chosen."""

    id: UUID
    act: Act
    chosen: dict[str, Any]
    why: str
    status: str
    per_second: float
    total: int
    made_by: str
    made_at: datetime
    finished_at: datetime | None
    after_id: UUID | None


@dataclass(frozen=True)
class ItemRow:
    """One of its list, as people look at it."""

    id: UUID
    position: int
    made: datetime
    step: str | None
    status: str
    outcome: str
    at: datetime | None
    journey_key: str | None
    plan_hash: str | None
    customer_id: UUID | None
    external_id: str | None
    name: str | None


@dataclass(frozen=True)
class NextItem:
    """What is to be done next. ``step``: where the run stood when the list was made; ``tried``: an earlier attempt may
    have asked it already, and could not say so."""

    subject: UUID
    step: str | None
    tried: bool
    given: dict[str, Any] | None = None
    """What it brings along, where its act is done to no run."""


_OPERATIONS = Listing(
    "select o.id, o.act, o.chosen, o.why, o.status, o.per_second, o.total, o.made_by, o.made_at, o.finished_at, "
    "o.after_id from operations o",
    OperationRow,
    at="o.made_at",
    id="o.id",
    conditions={"status": "o.status = :status", "act": "o.act = :act"},
)
_ITEMS = text("""
select i.subject, i.position, o.made_at, i.step, i.status, i.outcome, i.at,
    coalesce(r.journey_key, d.journey_key, i.given ->> 'journey'), coalesce(r.plan_hash, d.detail ->> 'plan'),
    c.id, c.external_id, c.attributes ->> 'name'
from (
    select * from operation_items where operation_id = :id and position > :after
        and (cast(:status as text) is null or status = cast(:status as text))
    order by position limit :most
) i join operations o on o.id = i.operation_id
left join runs r on r.id = i.subject left join entry_decisions d on d.id = i.subject
left join customers c on c.id = coalesce(r.customer_id, d.customer_id, cast(i.given ->> 'customer' as uuid),
    case when o.act = 'broadcast' then i.subject end)
order by i.position
""")


@dataclass(frozen=True)
class NewOperation:
    """What is written down before it begins."""

    id: UUID
    act: Act
    chosen: dict[str, Any]
    why: str
    per_second: float
    by: str
    after: UUID | None = None


async def add_operation(db: AsyncConnection, new: NewOperation) -> None:
    """Write it down, without its list. The caller commits."""
    given = {**vars(new), "chosen": orjson.dumps(new.chosen).decode()}
    await db.execute(_ADD, given)


async def set_total(db: AsyncConnection, operation: UUID, total: int) -> None:
    """How long its list is; one of nothing is done. The caller commits."""
    await db.execute(_TOTAL, {"id": operation, "total": total})


Freezing = Callable[[AsyncConnection, UUID], Awaitable[int]]
"""Writes down the list of an operation; how many it has."""


async def write_operation(engine: AsyncEngine, new: NewOperation, freezing: Freezing, by: By) -> bool:
    """Write it down with its list and who wanted it. False, and nothing is there, where the list is empty."""
    async with engine.begin() as db:
        await add_operation(db, new)
        total = await freezing(db, new.id)
        if not total:
            await db.rollback()
            return False
        await set_total(db, new.id, total)
        more = {"act": new.act, "count": total, **new.chosen}
        await record(db, by, Change("operation.started", str(new.id), {}, more, new.why))
    return True


async def load_operation(engine: AsyncEngine, operation: UUID) -> OperationRow | None:
    """One operation, or None."""
    return await _OPERATIONS.one(engine, operation)


async def list_operations(
    engine: AsyncEngine,
    status: str | None = None,
    before: str | None = None,
    limit: int = 50,
    act: Act | None = None,
) -> Page[OperationRow]:
    """Operations, the newest first."""
    return await _OPERATIONS.page(engine, {"status": status or None, "act": act}, before, limit)


async def next_items(engine: AsyncEngine, operation: UUID, most: int) -> list[NextItem]:
    """The next of its list; none where it is done, or was cancelled."""
    async with engine.begin() as db:
        return [NextItem(*row) for row in await db.execute(_NEXT, {"id": operation, "most": most})]


async def note_item(
    engine: AsyncEngine, operation: UUID, subject: UUID, status: str, outcome: str, seen: datetime | None
) -> None:
    """What became of one. ``seen``: when it was last noticed, before, to need it."""
    async with engine.begin() as db:
        given = {"id": operation, "subject": subject, "status": status, "outcome": outcome, "seen": seen}
        await db.execute(_NOTE, given)


async def settle(engine: AsyncEngine, operation: UUID) -> None:
    """What was asked for and has happened since is written down as done, or as failed again."""
    async with engine.begin() as db:
        await db.execute(_SETTLE, {"id": operation})
        await db.execute(_SETTLE_ENTRIES, {"id": operation})
        await settle_turns(db, operation)


async def settle_turns(db: AsyncConnection, operation: UUID) -> None:
    """Of a broadcast: who was asked to enter is settled by what was decided. The caller commits."""
    await db.execute(_SETTLE_TURNS, {"id": operation})


async def count_items(engine: AsyncEngine, operation: UUID) -> dict[str, int]:
    """How many there are of each status, those that there are."""
    return (await count_items_of(engine, [operation]))[operation]


async def count_items_of(engine: AsyncEngine, operations: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """The same of several operations, in one read."""
    found: dict[UUID, dict[str, int]] = {one: {} for one in operations}
    async with engine.connect() as db:
        for row in await db.execute(_COUNTS, {"ids": [*operations]}):
            found[row.operation_id][row.status] = row.items
    return found


async def count_outcomes(engine: AsyncEngine, operation: UUID) -> Sequence[tuple[str, str, int]]:
    """Status, outcome and how many, the most frequent first."""
    async with engine.connect() as db:
        return [(row.status, row.outcome, row.items) for row in await db.execute(_OUTCOMES, {"id": operation})]


async def list_items(
    engine: AsyncEngine, operation: UUID, status: str | None = None, after: int = 0, limit: int = 50
) -> list[ItemRow]:
    """Items in their order, after a position."""
    given = {"id": operation, "status": status or None, "after": after, "most": limit}
    async with engine.connect() as db:
        return [ItemRow(*row) for row in await db.execute(_ITEMS, given)]


async def turn_operation(db: AsyncConnection, operation: UUID, status: str) -> bool:
    """``cancelled``: it goes no further; ``running``: it goes on; ``done``; ``again``: what was done runs once more.
    False where that changes nothing. The caller commits."""
    before = {"cancelled": ["running"], "running": ["cancelled"], "done": ["running"], "again": ["done"]}[status]
    given = {"id": operation, "status": "running" if status == "again" else status, "from": before}
    found = await db.execute(_TURN, given)
    return found.one_or_none() is not None
