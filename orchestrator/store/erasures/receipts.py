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
select e.id, e.status, e.customer, e.counts, e.pending, e.made_by, e.why, e.made_at, e.finished_at from erasures e
"""
_BEGIN = text("""
insert into erasures (id, status, customer, pending, made_by, why, made_at)
values (:id, 'running', :customer, cast(:pending as jsonb), :by, :why, :at)
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
_UNFINISHED = text("select id from erasures where status = 'running'")
_FINISH = text("""
update erasures set status = 'done', customer = null, pending = '{}', finished_at = :at where id = :id
""")


@dataclass(frozen=True)
class Receipt:
    """One. ``customer``, ``pending``: whom it is about, only while it is running."""

    id: UUID
    status: str
    customer: UUID | None
    counts: dict[str, Any]
    pending: dict[str, Any]
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


@dataclass(frozen=True)
class Pending:
    """What an erasure has to know to its end. ``customers``: all ids of the one person; ``nobody``: the id under which
    what is counted stays."""

    customers: Sequence[UUID]
    runs: Sequence[UUID]
    workflows: Sequence[str]
    nobody: UUID

    def as_json(self) -> str:
        """For the column."""
        ids = {name: [str(one) for one in getattr(self, name)] for name in ("customers", "runs", "workflows")}
        return dump_json({**ids, "nobody": str(self.nobody)})

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Pending":
        """From the column."""
        customers, runs = ([UUID(one) for one in kept[name]] for name in ("customers", "runs"))
        return cls(customers, runs, kept["workflows"], UUID(kept["nobody"]))


async def begin_erasure(engine: AsyncEngine, customer: UUID, pending: Pending, why: str, by: By) -> Receipt:
    """Write down that it begins, in the audit log too, which names the receipt alone.

    One that was begun of the same person, and not brought to its end, is gone on with.
    """
    begun = await _RECEIPTS.page(engine, {"customer": customer}, None, 1)
    if begun.rows:
        return begun.rows[0]
    identity, now = uuid7(), datetime.now(UTC)
    given = {"id": identity, "customer": customer, "pending": pending.as_json(), "by": by.who, "why": why, "at": now}
    async with engine.begin() as db:
        await db.execute(_BEGIN, given)
        await record(db, by, Change("customer.erased", str(identity), why=why))
    made = await load_receipt(engine, identity)
    if made is None:
        raise LookupError(str(identity))
    return made


async def unfinished_erasures(engine: AsyncEngine) -> list[UUID]:
    """Those that were begun, and are not at their end."""
    async with engine.connect() as db:
        return list((await db.execute(_UNFINISHED)).scalars())


async def count_erased(db: AsyncConnection, identity: UUID, counts: Mapping[str, int]) -> None:
    """Add to what went. The caller commits."""
    await db.execute(_COUNT, {"id": identity, "counts": dump_json(dict(counts))})


async def finish_erasure(engine: AsyncEngine, identity: UUID) -> None:
    """It is over: from here on nothing says who it was."""
    async with engine.begin() as db:
        await db.execute(_FINISH, {"id": identity, "at": datetime.now(UTC)})
