"""Receipts of people who were erased: by whom, when, why, and how much went. Real time; nothing says who it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from uuid_utils.compat import uuid7

from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.database import dump_json
from orchestrator.store.pagination import Listing, Page

_SELECT = """
select e.id, e.status, e.customer, e.counts, e.left_over, e.made_by, e.why, e.made_at, e.finished_at from erasures e
"""
_BEGIN = text("""
insert into erasures (id, status, customer, left_over, made_by, why, made_at)
values (:id, 'running', :customer, cast(:ids as jsonb), :by, :why, :at)
""")
_COUNT = text("""
update erasures set counts = (
    select coalesce(jsonb_object_agg(key, total), '{}') from (
        select key, sum(value::bigint) as total from (
            select * from jsonb_each_text(erasures.counts)
            union all select * from jsonb_each_text(cast(:counts as jsonb))
        ) each_time group by key
    ) summed
)
where id = :id
""")
_FINISH = text("""
update erasures set status = 'done', customer = null, left_over = '[]', finished_at = :at where id = :id
""")


@dataclass(frozen=True)
class Receipt:
    """One. ``customer``, ``left_over``: whom it is about, by all their ids, only while it is running."""

    id: UUID
    status: str
    customer: UUID | None
    counts: dict[str, Any]
    left_over: list[str]
    made_by: str
    why: str
    made_at: datetime
    finished_at: datetime | None


_RECEIPTS = Listing(_SELECT, Receipt, at="e.made_at", id="e.id", conditions={"customer": "e.customer = :customer"})


async def list_receipts(engine: AsyncEngine, *, before: str | None = None, limit: int = 50) -> Page[Receipt]:
    """The newest first."""
    return await _RECEIPTS.page(engine, {}, before, limit)


async def load_receipt(engine: AsyncEngine, identity: UUID) -> Receipt | None:
    """One; None where there is none."""
    return await _RECEIPTS.one(engine, identity)


async def begin_erasure(engine: AsyncEngine, customer: UUID, who: Sequence[UUID], why: str, by: By) -> UUID:
    """Write down that it begins, in the audit log too, which names the receipt alone; the receipt's id.

    One that was begun of the same person, and not brought to its end, is gone on with.
    """
    begun = await _RECEIPTS.page(engine, {"customer": customer}, None, 1)
    if begun.rows:
        return begun.rows[0].id
    identity = uuid7()
    given = {"id": identity, "customer": customer, "ids": dump_json([str(one) for one in who]), "by": by.who}
    async with engine.begin() as db:
        await db.execute(_BEGIN, {**given, "why": why, "at": datetime.now(UTC)})
        await record(db, by, Change("customer.erased", str(identity), why=why))
    return identity


async def count_erased(db: AsyncConnection, identity: UUID, counts: Mapping[str, int]) -> None:
    """Add to what went. The caller commits."""
    await db.execute(_COUNT, {"id": identity, "counts": dump_json(dict(counts))})


async def finish_erasure(engine: AsyncEngine, identity: UUID) -> None:
    """It is over: from here on nothing says who it was."""
    async with engine.begin() as db:
        await db.execute(_FINISH, {"id": identity, "at": datetime.now(UTC)})
