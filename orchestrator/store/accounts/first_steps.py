"""What somebody has done for the first time, and what visitors of a shop have done: the guide's ticks. By real time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

Deed = Literal["watched", "test_run", "dismissed"]
"""A journey watched live, one tried on a customer, the guide put aside."""
DEEDS: tuple[Deed, ...] = get_args(Deed)
NO_ACCOUNT = UUID(int=0)
"""Whoever sits at this machine and has no account."""
MOST_VISITORS = 200
"""Visitors who are looked at: one is enough, and the first of them are soon found."""

_NOTE = text("""
insert into first_steps (account_id, what, at) values (:account, :what, :now) on conflict do nothing
""")
_FORGET = text("delete from first_steps where account_id = :account and what = :what")
_DONE = text("select what, at from first_steps where account_id = :account")
# Only a page's snippet speaks of visitors; the demo's own customers have accounts from their first word on.
_VISITOR = text("""
select v.customer_id, exists (
    select from events e where e.customer_id = v.customer_id and e.kind = 'track') as did_something
from (select distinct customer_id from identities where kind = 'anonymous' limit :most) as v
order by did_something desc limit 1
""")


@dataclass(frozen=True)
class Visitor:
    """Somebody on a page with the snippet. ``did_something``: more than to look at it."""

    customer: UUID
    did_something: bool


async def note_deed(engine: AsyncEngine, account: UUID | None, deed: Deed) -> None:
    """They have done it; the first time counts."""
    given = {"account": account or NO_ACCOUNT, "what": deed, "now": datetime.now(UTC)}
    async with engine.begin() as db:
        await db.execute(_NOTE, given)


async def forget_deed(engine: AsyncEngine, account: UUID | None, deed: Deed) -> None:
    """As if they had not."""
    async with engine.begin() as db:
        await db.execute(_FORGET, {"account": account or NO_ACCOUNT, "what": deed})


async def deeds_of(engine: AsyncEngine, account: UUID | None) -> Mapping[str, datetime]:
    """What they have done, and when first."""
    async with engine.connect() as db:
        return {row.what: row.at for row in await db.execute(_DONE, {"account": account or NO_ACCOUNT})}


async def find_visitor(engine: AsyncEngine) -> Visitor | None:
    """A visitor of a page, one who did something where there is one; None: nobody has come yet."""
    async with engine.connect() as db:
        row = (await db.execute(_VISITOR, {"most": MOST_VISITORS})).one_or_none()
    return None if row is None else Visitor(row.customer_id, row.did_something)
