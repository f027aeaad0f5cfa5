"""Message templates: drafts that people change, revisions that were put into use and never change, and who uses them.

As with journeys, each change of a draft raises its ``revision`` by one, and who saves says from which they began.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

_LIST = text("""
select t.key, t.document, t.revision, t.live_revision, t.created_at, t.updated_at, t.edited_by, t.archived_at,
    t.document is distinct from r.document as has_changes, r.at as used_since
from templates t left join template_revisions r on r.template_key = t.key and r.revision = t.live_revision
where cast(:key as text) is null or t.key = :key
order by t.archived_at is not null, t.updated_at desc, t.key
""")
_LOCK = text("select revision from templates where key = :key for update")
_CREATE = text("""
insert into templates (key, document, revision, created_at, updated_at, edited_by)
values (:key, :document, 1, :now, :now, :by) on conflict (key) do nothing returning key
""").bindparams(bindparam("document", type_=JSONB))
_SAVE = text("""
update templates set document = :document, revision = revision + 1, updated_at = :now, edited_by = :by where key = :key
""").bindparams(bindparam("document", type_=JSONB))
_KEEP = text("""
insert into template_revisions (template_key, revision, document, at, edited_by)
select key, revision, document, :now, :by from templates where key = :key on conflict do nothing
""")
_USE = text("update templates set live_revision = revision where key = :key")
_ARCHIVE = text("update templates set archived_at = :at where key = :key returning key")
_REVISIONS = text("""
select r.revision, r.at, r.edited_by, r.revision = t.live_revision as live
from template_revisions r join templates t on t.key = r.template_key
where t.key = :key order by r.revision desc limit 500
""")
_REVISION = text("select document from template_revisions where template_key = :key and revision = :revision")
_USED = text("""
with named as (
    select j.key, false as live, jsonb_path_query(j.draft, '$.steps[*].settings.template') #>> '{}' as template
    from journeys j
    union all
    select v.journey_key, true, jsonb_path_query(v.document, '$.steps[*].settings.template') #>> '{}'
    from journey_versions v
    join journeys j on j.key = v.journey_key and j.live_version = v.version and j.status in ('live', 'paused', 'closed')
)
select n.template, j.key, j.name, j.status, bool_or(n.live) as live
from named n join journeys j on j.key = n.key
where n.template is not null and (cast(:key as text) is null or n.template = :key)
group by n.template, j.key, j.name, j.status order by j.key
""")


@dataclass(frozen=True)
class StoredTemplate:
    """A template. ``live_revision``: what messages say, None before the first use; ``has_changes``: since then."""

    key: str
    document: dict[str, Any]
    revision: int
    live_revision: int | None
    created_at: datetime
    updated_at: datetime
    edited_by: str | None
    archived_at: datetime | None
    has_changes: bool
    used_since: datetime | None


@dataclass(frozen=True)
class Revision:
    """A document that was put into use."""

    revision: int
    at: datetime
    edited_by: str | None
    live: bool


@dataclass(frozen=True)
class Use:
    """A journey that names the template, in its draft or (``live``) in the version that customers enter."""

    template: str
    key: str
    name: dict[str, str]
    status: str
    live: bool


class TemplateChanged(Exception):
    """The draft is not the one that somebody began from. ``current``: what it is."""

    def __init__(self, current: StoredTemplate) -> None:
        super().__init__(f"revision {current.revision}")
        self.current = current


async def list_templates(session: AsyncSession) -> list[StoredTemplate]:
    """All of them, those in use first, the last edited first."""
    return [StoredTemplate(*row) for row in await session.execute(_LIST, {"key": None})]


async def load_template(session: AsyncSession, key: str) -> StoredTemplate | None:
    """One, or None."""
    row = (await session.execute(_LIST, {"key": key})).one_or_none()
    return None if row is None else StoredTemplate(*row)


async def create_template(
    session: AsyncSession, key: str, document: Mapping[str, Any], now: datetime, by: str | None = None
) -> bool:
    """Makes a template; False: its key is taken. The caller commits."""
    values = {"key": key, "document": dict(document), "now": now, "by": by}
    return (await session.execute(_CREATE, values)).first() is not None


async def save_template(
    session: AsyncSession,
    key: str,
    document: Mapping[str, Any],
    now: datetime,
    by: str | None = None,
    revision: int | None = None,
) -> bool:
    """Saves a draft, however unfinished; what messages say stays as it is. False: there is none. The caller commits.

    ``revision``: the one that was changed; None: whatever there is. Raises :class:`TemplateChanged`.
    """
    if not await expect(session, key, revision):
        return False
    await session.execute(_SAVE, {"key": key, "document": dict(document), "now": now, "by": by})
    return True


async def expect(session: AsyncSession, key: str, revision: int | None) -> bool:
    """Holds a draft against a revision until the caller commits; False: there is none.

    Raises :class:`TemplateChanged`.
    """
    found = (await session.execute(_LOCK, {"key": key})).scalar_one_or_none()
    if found is not None and revision is not None and found != revision:
        current = await load_template(session, key)
        assert current is not None  # noqa: S101 - its row is locked
        raise TemplateChanged(current)
    return found is not None


async def put_into_use(session: AsyncSession, key: str, now: datetime, by: str | None = None) -> None:
    """From now on messages say what the draft says. The caller has checked it, holds it, and commits."""
    await session.execute(_KEEP, {"key": key, "now": now, "by": by})
    await session.execute(_USE, {"key": key})


async def archive(session: AsyncSession, key: str, at: datetime | None) -> bool:
    """Archives, or with None brings back; False: there is none. The caller commits."""
    return (await session.execute(_ARCHIVE, {"key": key, "at": at})).first() is not None


async def list_revisions(session: AsyncSession, key: str) -> list[Revision]:
    """What was ever put into use, the newest first."""
    return [Revision(*row) for row in await session.execute(_REVISIONS, {"key": key})]


async def load_revision(session: AsyncSession, key: str, revision: int) -> dict[str, Any] | None:
    """The document of one."""
    found: dict[str, Any] | None = (
        await session.execute(_REVISION, {"key": key, "revision": revision})
    ).scalar_one_or_none()
    return found


async def uses(session: AsyncSession, key: str | None = None) -> list[Use]:
    """The journeys that name a template; without a key, those of every template."""
    return [Use(*row) for row in await session.execute(_USED, {"key": key})]
