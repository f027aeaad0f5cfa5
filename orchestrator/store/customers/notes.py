"""Notes of the team about a customer: who wrote what, when."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from orchestrator.store.pagination import Listing, Page

_ADD = text("""
insert into customer_notes (id, customer_id, body, author, account_id, at)
select :id, coalesce(merged_into, id), :body, :author, :account, :at from customers where id = :customer
returning id
""")
_REMOVE = text("delete from customer_notes where id = :id and customer_id = :customer returning id")


@dataclass(frozen=True)
class NoteRow:
    """One note. ``author``: what they were called then."""

    id: UUID
    body: str
    author: str
    account_id: UUID | None
    at: datetime


_NOTES = Listing(
    "select n.id, n.body, n.author, n.account_id, n.at from customer_notes n",
    NoteRow,
    at="n.at",
    id="n.id",
    conditions={"customer": "n.customer_id = :customer"},
)


async def list_notes(
    engine: AsyncEngine, customer: UUID, *, before: str | None = None, limit: int = 50
) -> Page[NoteRow]:
    """A customer's notes, the newest first."""
    return await _NOTES.page(engine, {"customer": customer}, before, limit)


async def add_note(
    engine: AsyncEngine, customer: UUID, body: str, *, author: str, account: UUID | None, at: datetime
) -> UUID | None:
    """Write one, as of ``at`` (journey time); its id, or None where there is no such customer."""
    given = {"id": uuid7(), "customer": customer, "body": body, "author": author, "account": account, "at": at}
    async with engine.begin() as db:
        found: UUID | None = (await db.execute(_ADD, given)).scalar_one_or_none()
    return found


async def remove_note(engine: AsyncEngine, customer: UUID, note: UUID) -> bool:
    """Take one away; whether it was there."""
    async with engine.begin() as db:
        return (await db.execute(_REMOVE, {"id": note, "customer": customer})).first() is not None
