"""Segments as people look after them: named, changed under a revision, built anew, archived, and used by others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.conditions.model import Condition
from orchestrator.core.segments.document import SegmentDocument
from orchestrator.store.database import dump_json
from orchestrator.store.segments.definitions import read_condition

SegmentState = Literal["building", "changing", "ready", "failed", "archived"]
"""Its first build is under way; one of a new definition is, the old one stands; all is done; the build broke off."""

_SEGMENTS = """
select s.key, s.document, s.revision, s.version, s.live_version, s.live_build, s.build, s.build_done, s.build_of,
    s.build_since, s.build_error, s.created_at, s.updated_at, s.edited_by, s.archived_at,
    case when s.live_build is not null then (
        select count(*) from segment_members m where m.segment_key = s.key and m.build = s.live_build and m.member
    ) end as size
from segments s {where} order by s.archived_at is not null, s.created_at desc, s.key
"""
_LIST = text(_SEGMENTS.format(where=""))
_ONE = text(_SEGMENTS.format(where="where s.key = :key"))
_LOCK = text("select revision, version, document, archived_at from segments where key = :key for no key update")
_CREATE = text("""
insert into segments (key, document, builds, build, build_version, build_condition, build_since, build_starts,
    created_at, updated_at, edited_by)
values (:key, cast(:document as jsonb), 1, 1, 1, cast(:document as jsonb) -> 'condition', :now, :starts,
    :now, :now, :by)
on conflict (key) do nothing
""")
_CHANGE = text("""
update segments set document = cast(:document as jsonb), revision = revision + 1, updated_at = :now, edited_by = :by
where key = :key
""")
_BUILD = text("""
update segments set version = version + cast(:changed as int), builds = builds + 1, build = builds + 1,
    build_version = version + cast(:changed as int), build_condition = document -> 'condition', build_after = null,
    build_done = 0, build_of = 0, build_since = :now, build_error = null, build_starts = :starts
where key = :key and archived_at is null
""")
_ARCHIVE = text("""
update segments set archived_at = :now, updated_at = :now, edited_by = :by, live_build = null, live_version = null,
    live_condition = null, build = null, build_version = null, build_condition = null, build_error = null
where key = :key and archived_at is null
""")
_RESTORE = text("""
update segments set archived_at = null, updated_at = :now, edited_by = :by where key = :key and archived_at is not null
""")
_CONDITIONS = text("select key, document -> 'condition' as condition, archived_at from segments order by key")


class SegmentExists(Exception):
    """There is a segment of this key already."""


class SegmentChanged(Exception):
    """Somebody else has saved it since. ``revision``: as it stands now."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"revision {revision}")
        self.revision = revision


@dataclass(frozen=True)
class SegmentRow:
    """A segment. ``size``: who is in it now, None before the first build; ``version`` and ``live_version``: of its
    condition as written and as conditions see it."""

    key: str
    document: SegmentDocument
    revision: int
    version: int
    live_version: int | None
    live_build: int | None
    build: int | None
    build_done: int
    build_of: int
    build_since: datetime | None
    build_error: str | None
    created_at: datetime
    updated_at: datetime
    edited_by: str | None
    archived_at: datetime | None
    size: int | None

    @property
    def state(self) -> SegmentState:
        """How it stands."""
        if self.archived_at is not None:
            return "archived"
        if self.build_error is not None:
            return "failed"
        if self.build is None:
            return "ready"
        return "building" if self.live_build is None else "changing"

    @property
    def progress(self) -> int:
        """Percent of the customers that the build has reached."""
        return min(100, self.build_done * 100 // self.build_of) if self.build_of else 0


async def list_segments(engine: AsyncEngine) -> list[SegmentRow]:
    """All of them with their sizes; those in use first, the newest first."""
    async with engine.connect() as db:
        return [_segment(row) for row in (await db.execute(_LIST)).mappings()]


async def load_segment(engine: AsyncEngine, key: str) -> SegmentRow | None:
    """One of them; None: there is none."""
    async with engine.connect() as db:
        row = (await db.execute(_ONE, {"key": key})).mappings().one_or_none()
    return None if row is None else _segment(row)


def _segment(row: Mapping[Any, Any]) -> SegmentRow:
    return SegmentRow(**{**row, "document": SegmentDocument.model_validate(row["document"])})


async def create_segment(
    db: AsyncConnection, key: str, document: SegmentDocument, now: datetime, by: str, *, starts: bool = False
) -> None:
    """A new one, whose members are worked out from now on. ``starts``: they start journeys as if they had just come in.

    Raises :class:`SegmentExists`. The caller commits.
    """
    given = {"key": key, "document": _json(document), "now": now, "by": by, "starts": starts}
    if not (await db.execute(_CREATE, given)).rowcount:
        raise SegmentExists


async def change_segment(
    db: AsyncConnection,
    key: str,
    document: SegmentDocument,
    now: datetime,
    by: str,
    *,
    revision: int | None = None,
    starts: bool = False,
) -> bool:
    """Another document; where the condition is another, it is built anew, and the old one stands until that is done.

    Returns whether there is such a segment. ``revision``: the one that was changed; None: whatever there is. Raises
    :class:`SegmentChanged`. The caller commits.
    """
    row = (await db.execute(_LOCK, {"key": key})).one_or_none()
    if row is None:
        return False
    if revision is not None and revision != row.revision:
        raise SegmentChanged(row.revision)
    before = SegmentDocument.model_validate(row.document)
    if before != document:
        await db.execute(_CHANGE, {"key": key, "document": _json(document), "now": now, "by": by})
    if before.condition != document.condition:
        await db.execute(_BUILD, {"key": key, "now": now, "starts": starts, "changed": 1})
    return True


async def rebuild_segment(db: AsyncConnection, key: str, now: datetime) -> None:
    """Work out who is in it once more, from the definition as it is. The caller commits."""
    await db.execute(_BUILD, {"key": key, "now": now, "starts": False, "changed": 0})


async def archive_segment(db: AsyncConnection, key: str, archived: bool, now: datetime, by: str) -> None:
    """Put away, it has no members, and nobody can tell who is in it; taken back, it is built anew. The caller
    commits."""
    await db.execute(_ARCHIVE if archived else _RESTORE, {"key": key, "now": now, "by": by})
    if not archived:
        await rebuild_segment(db, key, now)


async def conditions_of_segments(db: AsyncConnection) -> tuple[dict[str, Condition], frozenset[str]]:
    """The conditions of those in use, by key, as they are written; and the keys of the archived ones."""
    rows = (await db.execute(_CONDITIONS)).all()
    found = {row.key: read_condition(row.key, row.condition) for row in rows if row.archived_at is None}
    archived = frozenset(row.key for row in rows if row.archived_at is not None)
    return {key: condition for key, condition in found.items() if condition is not None}, archived


def _json(document: SegmentDocument) -> str:
    return dump_json(document.model_dump(mode="json"))
