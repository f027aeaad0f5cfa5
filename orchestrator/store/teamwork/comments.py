"""Comments at the steps of a journey: threads, who is named in them, and what of that is still unread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.database import dump_json

MOST_THREADS = 500
"""Of a journey, the newest: what is older is not shown any more."""
MOST_ANSWERS = 100
_MEMBERS = text("""
select id, name from users where disabled_at is null and (password is not null or link is not null)
order by lower(name), id limit 500
""")
_NAMES = text("select id, name from users where id = any(:ids) and disabled_at is null")
_THREADS = text("""
with threads as (
    select * from comments where journey_key = :journey and parent_id is null order by created_at desc, id limit :most
)
select * from threads union all
select c.* from comments c where c.journey_key = :journey and c.parent_id in (select id from threads)
order by created_at, id
""")
_OPEN = text("""
select step, count(*) as threads from comments
where journey_key = :journey and parent_id is null and resolved_at is null group by step
""")
_ADD = text("""
insert into comments (id, journey_key, step, parent_id, author_id, author, body, mentions, created_at)
select :id, j.key, coalesce(p.step, :step), p.id, :author_id, :author, :body, cast(:mentions as jsonb), :now
from journeys j left join comments p on p.id = :parent and p.journey_key = j.key and p.parent_id is null
where j.key = :journey and (cast(:parent as uuid) is null or p.id is not null)
    and (p.id is null or (select count(*) from comments a where a.parent_id = p.id) < :most)
returning id
""")
_MENTION = text("""
insert into comment_mentions (comment_id, user_id) select :comment, unnest(cast(:users as uuid[]))
""")
_REOPEN = text("update comments set resolved_at = null, resolved_by = null where id = :id and resolved_at is not null")
_RESOLVE = text("""
update comments set resolved_at = case when :resolved then coalesce(resolved_at, cast(:now as timestamptz)) end,
    resolved_by = case when :resolved then coalesce(resolved_by, :by) end
where id = :id and journey_key = :journey and parent_id is null returning id
""")
_OWNER = text("select author_id, author from comments where id = :id and journey_key = :journey")
_DELETE_MENTIONS = text("""
delete from comment_mentions where comment_id in (select id from comments where id = :id or parent_id = :id)
""")
_DELETE = text("delete from comments where id = :id or parent_id = :id")
_UNREAD = text("""
select c.id, c.journey_key, j.name, c.step, c.author, c.body, c.created_at
from comment_mentions m join comments c on c.id = m.comment_id join journeys j on j.key = c.journey_key
where m.user_id = :user and m.read_at is null order by c.created_at desc limit 50
""")
_READ = text("""
update comment_mentions m set read_at = now() from comments c
where c.id = m.comment_id and m.user_id = :user and m.read_at is null and c.journey_key = :journey
""")
OF_JOURNEY = (
    text("""
delete from comment_mentions where comment_id in (select id from comments where journey_key = :journey)
"""),
    text("delete from comments where journey_key = :journey"),
    text("delete from publish_requests where journey_key = :journey"),
)
"""What goes with a journey that is deleted."""


@dataclass(frozen=True)
class Member:
    """A person of the workspace, as others see them."""

    id: UUID
    name: str


@dataclass(frozen=True)
class CommentRow:
    """One comment. ``mentions``: names by user id."""

    id: UUID
    step: str
    author_id: UUID | None
    author: str
    body: str
    mentions: Mapping[str, str]
    created_at: datetime


@dataclass
class Thread:
    """A comment with its answers, the oldest first."""

    first: CommentRow
    resolved_at: datetime | None
    resolved_by: str | None
    answers: list[CommentRow] = field(default_factory=list)


@dataclass(frozen=True)
class UnreadMention:
    """Where somebody was named and has not looked yet."""

    id: UUID
    journey: str
    journey_name: Mapping[str, str]
    step: str
    author: str
    body: str
    at: datetime


async def list_members(engine: AsyncEngine) -> list[Member]:
    """Everybody who can be named."""
    async with engine.connect() as db:
        return [Member(*row) for row in await db.execute(_MEMBERS)]


async def list_threads(engine: AsyncEngine, journey: str) -> list[Thread]:
    """A journey's threads, the oldest first."""
    threads: dict[UUID, Thread] = {}
    async with engine.connect() as db:
        rows = (await db.execute(_THREADS, {"journey": journey, "most": MOST_THREADS})).all()
    for row in sorted(rows, key=lambda row: (row.parent_id is not None, row.created_at)):
        comment = CommentRow(row.id, row.step, row.author_id, row.author, row.body, row.mentions, row.created_at)
        if row.parent_id is None:
            threads[row.id] = Thread(comment, row.resolved_at, row.resolved_by)
        elif row.parent_id in threads:
            threads[row.parent_id].answers.append(comment)
    return list(threads.values())


async def count_open(engine: AsyncEngine, journey: str) -> dict[str, int]:
    """Open threads by step; under an empty name, of the whole journey."""
    async with engine.connect() as db:
        return {row.step: row.threads for row in await db.execute(_OPEN, {"journey": journey})}


async def add_comment(
    engine: AsyncEngine,
    journey: str,
    body: str,
    *,
    step: str,
    parent: UUID | None,
    author: str,
    author_id: UUID | None,
    mentions: Sequence[UUID],
    now: datetime,
) -> UUID | None:
    """Says something at a step, or answers; an answer opens a resolved thread again. Who is named and is no member is
    left out. None: there is no such journey, no such thread of it, or the thread is full."""
    async with engine.begin() as db:
        named = {row.id: row.name for row in await db.execute(_NAMES, {"ids": list(mentions)})}
        given: dict[str, Any] = {
            "id": uuid4(),
            "journey": journey,
            "step": step,
            "parent": parent,
            "author": author,
            "author_id": author_id,
            "body": body,
            "mentions": dump_json({str(one): name for one, name in named.items()}),
            "now": now,
            "most": MOST_ANSWERS,
        }
        made: UUID | None = (await db.execute(_ADD, given)).scalar_one_or_none()
        if made is None:
            return None
        if parent is not None:
            await db.execute(_REOPEN, {"id": parent})
        others = [one for one in named if one != author_id]
        if others:
            await db.execute(_MENTION, {"comment": made, "users": others})
    return made


async def resolve_thread(
    engine: AsyncEngine, journey: str, thread: UUID, *, resolved: bool, by: str, now: datetime
) -> bool:
    """Closes a thread, or opens it again; False: there is none."""
    given = {"id": thread, "journey": journey, "resolved": resolved, "by": by, "now": now}
    async with engine.begin() as db:
        return (await db.execute(_RESOLVE, given)).scalar_one_or_none() is not None


async def delete_comment(engine: AsyncEngine, journey: str, comment: UUID, author_id: UUID | None) -> bool | None:
    """Takes back one's own words, with the answers to them; False: they are somebody else's, None: there are none."""
    async with engine.begin() as db:
        owner = (await db.execute(_OWNER, {"id": comment, "journey": journey})).one_or_none()
        if owner is None:
            return None
        if owner.author_id != author_id:
            return False
        await db.execute(_DELETE_MENTIONS, {"id": comment})
        await db.execute(_DELETE, {"id": comment})
    return True


async def list_unread(engine: AsyncEngine, user: UUID) -> list[UnreadMention]:
    """Where a person was named and has not looked yet, the newest first."""
    async with engine.connect() as db:
        return [UnreadMention(*row) for row in await db.execute(_UNREAD, {"user": user})]


async def mark_read(engine: AsyncEngine, user: UUID, journey: str) -> None:
    """A person has seen what was said over a journey."""
    async with engine.begin() as db:
        await db.execute(_READ, {"user": user, "journey": journey})
