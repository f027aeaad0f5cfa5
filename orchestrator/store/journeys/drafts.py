"""Drafts: what people change, and how two of them at one draft notice each other.

Every change of a draft raises its ``revision`` by one. Who saves says which revision they began from; if the draft has
another by then, nothing is saved. Whoever does not say (a deployment of files) saves as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from orchestrator.core.text import LOCALES
from orchestrator.store.tables.journeys import Journey
from orchestrator.store.teamwork.comments import OF_JOURNEY

MOST_NAME = 200
MOST_LOCALES = 20
_DRAFT = text("""
select j.key, j.name, j.status, j.live_version as version, j.draft, j.revision, j.edited_by, j.edited_at,
    j.updated_at, v.plan_hash, v.published_at, v.document as published
from journeys j left join journey_versions v on v.journey_key = j.key and v.version = j.live_version
where j.key = :key
""")
_HAS_VERSIONS = text("select exists (select 1 from journey_versions where journey_key = :key)")
_LOCKED = text("select revision from journeys where key = :key for update")
_PLACED = text("""
update journeys set draft = draft || jsonb_build_object('layout', coalesce(draft -> 'layout', '{}') ||
    jsonb_build_object('positions', cast(:positions as jsonb) || coalesce(draft -> 'layout' -> 'positions', '{}')))
where key = :key and revision = coalesce(cast(:revision as bigint), revision)
    and coalesce(jsonb_typeof(draft -> 'layout'), 'object') = 'object'
    and coalesce(jsonb_typeof(draft -> 'layout' -> 'positions'), 'object') = 'object'
""")
"""What has a place keeps it: jsonb takes the right one of two equal keys. What is no layout is its author's to mend."""
_EXISTS = text("select exists (select 1 from journeys where key = :key)")


@dataclass(frozen=True)
class Draft:
    """A journey's draft. ``plan_hash``, ``published_at``, ``published``: of the live version, None before the first."""

    key: str
    name: dict[str, str]
    status: str
    version: int | None
    draft: dict[str, Any]
    revision: int
    edited_by: str | None
    edited_at: datetime
    plan_hash: str | None
    published_at: datetime | None
    published: dict[str, Any] | None


class DraftChanged(Exception):
    """The draft is not the one that somebody began from. ``current``: what it is."""

    def __init__(self, current: Draft) -> None:
        super().__init__(f"revision {current.revision}")
        self.current = current


async def load_draft(session: AsyncSession, key: str) -> Draft | None:
    """One journey's draft, or None."""
    row = (await session.execute(_DRAFT, {"key": key})).one_or_none()
    if row is None:
        return None
    return Draft(
        row.key,
        row.name,
        row.status,
        row.version,
        row.draft,
        row.revision,
        row.edited_by,
        row.edited_at or row.updated_at,
        row.plan_hash,
        row.published_at,
        row.published,
    )


async def put_draft(
    session: AsyncSession,
    key: str,
    document: Mapping[str, Any],
    now: datetime,
    by: str | None = None,
    revision: int | None = None,
    by_id: UUID | None = None,
) -> bool:
    """Saves a draft, however unfinished. The live version stays what it is. The caller commits.

    Args:
        by_id: Of who changed it, where they have an account.
        revision: The one that was changed. None: save whatever there is by now, also where there is nothing yet.

    Returns False where a journey is to be changed that does not exist. Raises :class:`DraftChanged`.
    """
    if revision is not None and not await expect(session, key, revision):
        return False
    draft = {**document, "key": key}
    values: dict[str, Any] = {
        "name": names_of(draft, key),
        "draft": draft,
        "updated_at": now,
        "edited_by": by,
        "edited_at": now,
    }
    values["edited_by_id"] = by_id
    saved = insert(Journey).values(key=key, status="draft", created_at=now, revision=1, **values)
    await session.execute(
        saved.on_conflict_do_update(index_elements=["key"], set_={**values, "revision": Journey.revision + 1})
    )
    return True


async def expect(session: AsyncSession, key: str, revision: int) -> bool:
    """Holds a draft against a revision until the caller commits; False: there is no such journey.

    Raises :class:`DraftChanged`.
    """
    found = (await session.execute(_LOCKED, {"key": key})).scalar_one_or_none()
    if found is not None and found != revision:
        current = await load_draft(session, key)
        assert current is not None  # noqa: S101 - its row is locked
        raise DraftChanged(current)
    return found is not None


async def keep_places(
    session: AsyncSession, key: str, positions: Mapping[str, Mapping[str, float]], revision: int | None
) -> bool:
    """Gives places on the canvas to the steps of a draft that have none; no change of it that anybody would be told.

    A draft that is not ``revision`` any more is left as it is. False: there is no such journey. The caller commits.
    """
    given = {"key": key, "positions": orjson.dumps(positions).decode(), "revision": revision}
    await session.execute(_PLACED, given)
    return bool((await session.execute(_EXISTS, {"key": key})).scalar_one())


async def create_draft(
    session: AsyncSession,
    key: str,
    document: Mapping[str, Any],
    now: datetime,
    by: str | None = None,
    *,
    by_id: UUID | None = None,
    owner: UUID | None = None,
    tags: Sequence[str] = (),
) -> bool:
    """Makes a journey; False: its key is taken. ``owner``: account of who makes it. The caller commits."""
    draft = {**document, "key": key}
    editor = {"edited_by": by, "edited_by_id": by_id, "edited_at": now}
    values: dict[str, Any] = {"name": names_of(draft, key), "draft": draft, **editor}
    values |= {"owner_id": owner, "tags": list(tags)}
    made = insert(Journey).values(key=key, status="draft", created_at=now, updated_at=now, revision=1, **values)
    return (
        await session.execute(made.on_conflict_do_nothing().returning(col(Journey.key)))
    ).scalar_one_or_none() is not None


async def delete_draft(session: AsyncSession, key: str) -> bool | None:
    """Deletes a journey that was never published; False: it was, None: there is none. The caller commits."""
    query = select(col(Journey.key)).where(col(Journey.key) == key).with_for_update()
    if (await session.execute(query)).scalar_one_or_none() is None:
        return None
    if (await session.execute(_HAS_VERSIONS, {"key": key})).scalar_one():
        return False
    for statement in OF_JOURNEY:
        await session.execute(statement, {"journey": key})
    await session.execute(delete(Journey).where(col(Journey.key) == key))
    return True


def names_of(draft: Mapping[str, Any], key: str) -> dict[str, str]:
    """The draft's name by language, for lists; its key where it has none yet."""
    name = draft.get("name")
    if not isinstance(name, dict):
        name = dict.fromkeys(LOCALES, name if isinstance(name, str) and name.strip() else key)
    pairs = list(name.items())[:MOST_LOCALES]
    return {locale[:35]: words[:MOST_NAME] for locale, words in pairs if isinstance(words, str)} or {"en": key}
