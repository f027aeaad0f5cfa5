"""Journeys as a list that grows: searched, narrowed, sorted, by pages; each page pays for its own journeys alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from orchestrator.core.characters import comparable
from orchestrator.store.database import dump_json
from orchestrator.store.pagination import Page
from orchestrator.store.statements import Filtered, containing

Sort = Literal["changed", "name", "made"]
SORTS: tuple[Sort, ...] = get_args(Sort)
STATUSES = ("live", "paused", "closed", "draft", "archived")
MOST_TAGS, LONGEST_TAG = 12, 40

_COLUMNS = """
select j.key, j.name, j.status, j.live_version, j.created_at, j.updated_at, j.edited_by,
    coalesce(j.edited_at, j.updated_at) as edited_at, j.tags, j.owner_id, u.name as owner,
    coalesce(v.document is not null and j.draft - 'layout' <> v.document - 'layout', false) as changed
from journeys j left join users u on u.id = j.owner_id
    left join journey_versions v on v.journey_key = j.key and v.version = j.live_version
"""
_CONDITIONS = {
    "search": """(j.key ilike :search or exists (
        select from jsonb_each_text(j.name) as named where named.value ilike :search))""",
    "status": "j.status = :status",
    "put_away": "j.status <> 'archived'",
    "tag": "j.tags @> jsonb_build_array(cast(:tag as text))",
    "owner": "j.owner_id = cast(:owner as uuid)",
}
_NAME = "lower(coalesce(j.name ->> cast(:locale as text), j.name ->> 'en', j.key))"
_CHANGED = "coalesce(j.edited_at, j.updated_at)"
_AFTER = """(cast(:after as text) is null or not exists (select from journeys where key = :after)
    or ({by}, j.key) {beyond} (select {by}, j.key from journeys j where j.key = :after))"""
_LISTS: Mapping[Sort, Filtered] = {
    "changed": Filtered(
        f"{_COLUMNS} {{where}} order by {_CHANGED} desc, j.key desc limit :limit",
        _CONDITIONS,
        (_AFTER.format(by=_CHANGED, beyond="<"),),
    ),
    "name": Filtered(
        f"{_COLUMNS} {{where}} order by {_NAME}, j.key limit :limit",
        _CONDITIONS,
        (_AFTER.format(by=_NAME, beyond=">"),),
    ),
    "made": Filtered(
        f"{_COLUMNS} {{where}} order by j.created_at, j.key limit :limit",
        _CONDITIONS,
        (_AFTER.format(by="j.created_at", beyond=">"),),
    ),
}
_ONE = text(f"{_COLUMNS} where j.key = :key")
_NAMES = text("select key, name from journeys order by created_at, key")
_COUNTS = text("select status, count(*) as journeys from journeys group by 1")
_TAGS = text("""
select tag, count(*) as journeys from journeys, jsonb_array_elements_text(tags) as tag
group by 1 order by lower(tag) limit 200
""")
_OWNERS = text("""
select u.id, u.name from users u where exists (select from journeys where owner_id = u.id) order by lower(u.name), u.id
""")
_LABEL = text("update journeys set tags = cast(:tags as jsonb), owner_id = cast(:owner as uuid) where key = :key")


@dataclass(frozen=True)
class ListedJourney:
    """One journey. ``edited_by``: who changed its draft last; ``changed``: whether that differs from what is live."""

    key: str
    name: dict[str, str]
    status: str
    version: int | None
    created_at: datetime
    updated_at: datetime
    edited_by: str | None
    edited_at: datetime
    tags: list[str]
    owner_id: UUID | None
    owner: str | None
    changed: bool


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; what is empty is not asked for."""

    search: str = ""
    status: str = ""
    tag: str = ""
    owner: UUID | None = None
    sort: Sort = "changed"
    locale: str = "en"
    """In which language names are sorted."""

    @property
    def narrowed(self) -> bool:
        """Whether journeys may be left out."""
        return bool(self.search or self.status or self.tag or self.owner)


@dataclass(frozen=True)
class Choices:
    """What the list can be narrowed to: journeys by status and by tag, and their owners."""

    statuses: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)
    owners: Sequence[tuple[UUID, str]] = ()


async def page_of_journeys(
    engine: AsyncEngine, wanted: Wanted, after: str | None = None, limit: int = 50
) -> Page[ListedJourney]:
    """The page that follows the journey ``after``, whose key is also the cursor of the next."""
    search = comparable(wanted.search)
    given = {"search": containing(search) if search else "", "status": wanted.status, "tag": wanted.tag}
    asked = {name: value for name, value in {**given, "owner": wanted.owner}.items() if value}
    more = {"locale": wanted.locale} if wanted.sort == "name" else {}
    async with engine.connect() as db:
        # What is put away shows only where one asks for it.
        conditions = asked if wanted.status else [*asked, "put_away"]
        query = _LISTS[wanted.sort].statement(conditions)
        rows = [
            ListedJourney(*row)
            for row in await db.execute(query, {**asked, **more, "after": after, "limit": limit + 1})
        ]
    return Page(rows[:limit], rows[limit - 1].key if len(rows) > limit else None)


async def load_listed(engine: AsyncEngine, key: str) -> ListedJourney | None:
    """One journey as it stands in the list, or None."""
    async with engine.connect() as db:
        row = (await db.execute(_ONE, {"key": key})).one_or_none()
    return None if row is None else ListedJourney(*row)


async def journey_names(engine: AsyncEngine) -> dict[str, dict[str, str]]:
    """Every journey's name by language, by key: to name them, and to choose one. Counts nothing."""
    async with engine.connect() as db:
        return {row.key: row.name for row in await db.execute(_NAMES)}


async def load_choices(engine: AsyncEngine) -> Choices:
    """What there is to choose from."""
    async with engine.connect() as db:
        statuses = {row.status: row.journeys for row in await db.execute(_COUNTS)}
        tags = {row.tag: row.journeys for row in await db.execute(_TAGS)}
        owners = [(row.id, row.name) for row in await db.execute(_OWNERS)]
    return Choices(statuses, tags, owners)


async def label_journey(session: AsyncSession, key: str, tags: Sequence[str], owner: UUID | None) -> bool:
    """Sets tags and owner; False: there is no such journey. The draft and its revision stay. The caller commits."""
    done = await session.execute(_LABEL, {"key": key, "tags": dump_json(list(tags)), "owner": owner})
    return bool(getattr(done, "rowcount", 0))


def read_tags(written: str) -> list[str]:
    """Tags as people write them, between commas: each once, at most :data:`MOST_TAGS`."""
    words = (" ".join(part.split())[:LONGEST_TAG] for part in written.replace("#", "").split(","))
    found: dict[str, str] = {}
    for word in words:
        if word:
            found.setdefault(word.casefold(), word)
    return list(found.values())[:MOST_TAGS]
