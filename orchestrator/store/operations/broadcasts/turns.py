"""Whose turn it is: the next of a broadcast's list are asked to enter and noted, in one transaction.

An entry is asked for under an id that follows from the broadcast and the customer: whatever dies, and however often it
is asked, it is one entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.run.broadcasts import Broadcast
from orchestrator.store.database import dump_json
from orchestrator.store.runs.requests import Request, add_requests, request_id

# Locked, so that whoever took over from a worker that is not quite dead waits for it, and a recall for both.
_OPEN = text("""
select chosen from operations where id = :id and act = 'broadcast' and status = 'running' for no key update
""")
_NEXT = text("""
with next as (
    select subject, position, given from operation_items
    where operation_id = :id and status = 'waiting' and position <= :first order by position limit :most
)
select next.subject, c.id as customer, cast(next.given ->> 'due' as timestamptz) as due, c.id is not null and exists (
    select from (
        select c.id union all select m.id from customers m where m.merged_into = c.id
    ) as same join operation_items other on other.operation_id = :id and other.subject = same.id
    where other.status <> 'waiting'
) as asked
from next left join customers k on k.id = next.subject left join customers c on c.id = coalesce(k.merged_into, k.id)
order by next.position
""")
_NOTE = text("""
update operation_items i set status = g.status, outcome = g.outcome, at = clock_timestamp(), given = g.given
from json_to_recordset(cast(:rows as json)) as g(subject uuid, status text, outcome text, given jsonb)
where i.operation_id = :id and i.subject = g.subject
""")
_STANDING = text("""
select (
    select count(*) from operation_items where operation_id = :id and status = 'asked'
) as asked, (
    select max(at) > clock_timestamp() - make_interval(secs => :patience) from operation_items
    where operation_id = :id and status = 'asked'
) as lately, exists (
    select from operation_items where operation_id = :id and status = 'waiting'
) as waiting
""")
_REST = text("""
update operations set chosen = chosen - 'first', status = 'running', finished_at = null
where id = :id and act = 'broadcast' and status = 'cancelled' and chosen ? 'first' and not exists (
    select from operation_items i where i.operation_id = :id and i.status = 'waiting'
        and i.position <= cast(operations.chosen ->> 'first' as int)
)
returning id
""")
_AGAIN = text("""
update operation_items set status = 'waiting', outcome = '', given = null
where operation_id = :id and status in ('asked', 'failed') and not exists (
    select from entry_decisions d where d.id = cast(operation_items.given ->> 'decision' as uuid)
)
""")
PATIENCE = 120
"""Seconds, real time, that a router is given to decide what was asked last."""
_ALL = 2**31 - 1


@dataclass(frozen=True)
class Taken:
    """What was done now. ``count``: customers taken; ``due``: when it is the next one's turn, journey time; None:
    nobody is waiting, or they wait for somebody's word."""

    count: int = 0
    due: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """How far it is. ``asked``: not decided yet; ``lately``: the last of them was asked within :data:`PATIENCE`."""

    asked: int
    lately: bool
    waiting: bool


@dataclass
class _Batch:
    requests: list[Request] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    seen: set[UUID] = field(default_factory=set)


async def take_turns(db: AsyncConnection, operation: UUID, most: int, now: datetime) -> Taken | None:
    """Have the next ``most`` enter whose turn it is; None: it runs no more. The caller commits."""
    row = (await db.execute(_OPEN, {"id": operation})).one_or_none()
    if row is None:
        return None
    broadcast, first = Broadcast.of(row.chosen), row.chosen.get("first", _ALL)
    found = (await db.execute(_NEXT, {"id": operation, "most": most, "first": first})).all()
    ready = [one for one in found if one.due is None or one.due <= now]
    if not ready:
        return Taken(0, found[0].due if found else None)
    batch = _batch(operation, broadcast, ready)
    await add_requests(db, batch.requests, now)
    await db.execute(_NOTE, {"id": operation, "rows": dump_json(batch.rows)})
    return Taken(len(ready), now)


def _batch(operation: UUID, broadcast: Broadcast, ready: Sequence[Row[Any]]) -> _Batch:
    batch, properties = _Batch(), {**broadcast.properties, "journey": broadcast.journey}
    for one in ready:
        told = {"subject": one.subject, "status": "passed", "given": None}
        if one.customer is None:
            batch.rows.append({**told, "outcome": "unknown"})
        elif one.asked or one.customer in batch.seen:
            batch.rows.append({**told, "outcome": "merged"})
        else:
            batch.seen.add(one.customer)
            request = Request(request_id(broadcast.journey, str(operation), one.customer), one.customer, properties)
            batch.requests.append(request)
            given = {"message": request.message, "decision": request.decision(broadcast.journey)}
            batch.rows.append({**told, "status": "asked", "outcome": "", "given": given})
    return batch


async def standing(db: AsyncConnection, operation: UUID) -> Standing:
    """How far it is, once nobody's turn has come."""
    row = (await db.execute(_STANDING, {"id": operation, "patience": PATIENCE})).one()
    return Standing(row.asked, bool(row.lately), row.waiting)


async def go_on_with_rest(db: AsyncConnection, operation: UUID) -> bool:
    """After the first share, everybody; False where that share is not through. The caller commits."""
    return (await db.execute(_REST, {"id": operation})).one_or_none() is not None


async def ask_again(db: AsyncConnection, operation: UUID) -> int:
    """Those whom nobody has decided are to be asked once more, under the same ids; how many. The caller commits."""
    return (await db.execute(_AGAIN, {"id": operation})).rowcount


LONGEST_WAIT = timedelta(minutes=5)
"""Real time after which a broadcast that waits looks again: the clock may have been set otherwise."""
