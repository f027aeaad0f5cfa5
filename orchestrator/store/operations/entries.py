"""Entries as items of operations: those that a pause has refused, decided again, and those that a list asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.run.operations import Answer
from orchestrator.store.database import dump_json
from orchestrator.store.runs.requests import Request, add_requests, request_id
from orchestrator.store.workspace import read_clock

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
_FREEZE = text("""
insert into operation_items (operation_id, subject, position, status, given)
select :operation, subject, position, 'waiting', given
from json_to_recordset(cast(:rows as json)) as given_rows(subject uuid, position int, given jsonb)
on conflict do nothing
""")
CHUNK = 2_000
"""Items written down in one statement."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A customer of a list. ``item``: tells several entries of one customer apart (``core.run.routing.run_key``)."""

    customer: UUID
    item: str
    properties: Mapping[str, Any]


async def freeze_list(db: AsyncConnection, operation: UUID, journey: str, listed: Sequence[Listed]) -> int:
    """Write a list down as an operation's items, in its order; how many there are. The caller commits."""
    count = 0
    for first in range(0, len(listed), CHUNK):
        rows = []
        for place, one in enumerate(listed[first : first + CHUNK], first + 1):
            message = request_id(journey, str(operation), one.customer, one.item)
            properties = {**one.properties, "journey": journey}
            request = Request(message, one.customer, properties)
            given = {"journey": journey, "message": message, "customer": one.customer, "properties": properties}
            rows.append({"subject": request.decision(journey), "position": place, "given": given})
        count += (await db.execute(_FREEZE, {"operation": operation, "rows": dump_json(rows)})).rowcount
    return count


async def request_entry(engine: AsyncEngine, given: Mapping[str, Any]) -> Answer:
    """Ask for the entry of an item of a list; asked again, it is the same."""
    one = Request(given["message"], UUID(given["customer"]), given["properties"])
    async with engine.begin() as db:
        await add_requests(db, [one], (await read_clock(db)).now())
    return "asked"


async def decide_again(engine: AsyncEngine, decision: UUID, channel: str) -> Answer:
    """Forget that an entry was refused, and let its event be routed again."""
    async with engine.begin() as db:
        row = (await db.execute(_AGAIN, {"decision": decision, "channel": channel})).one()
    return "entered" if row.decisions else "unknown"
