"""What is known of each picture, and which documents show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.media.pictures import Picture
from orchestrator.store.pagination import Listing, Page
from orchestrator.store.statements import containing

UseKind = Literal["template", "journey", "workspace"]

_ADD = text("""
insert into media_pictures (id, name, title, alt, width, height, bytes, moving, uploaded_at, uploaded_by)
values (:id, :name, :title, :alt, :width, :height, :bytes, :moving, :now, :by)
on conflict (name) do update set removed_at = null
returning id, (xmax = 0) as new
""")
_CHANGE = text("""
update media_pictures set title = coalesce(:title, title), alt = coalesce(:alt, alt)
where id = :id and removed_at is null returning id
""")
_LOCK = text("select name from media_pictures where id = :id and removed_at is null for update")
_REMOVE = text("update media_pictures set removed_at = :now where id = :id")
_ERASE = text("delete from media_pictures where id = :id")
# What is being written and what messages say by now, each document once. A picture is looked for by its address.
_USED = text(r"""
with documents as (
    select 'template' as kind, key, document ->> 'name' as title, false as live, document::text as body from templates
    union all
    select 'template', t.key, t.document ->> 'name', true, r.document::text from templates t
    join template_revisions r on r.template_key = t.key and r.revision = t.live_revision
    union all
    select 'journey', key, name::text, false, draft::text from journeys
    union all
    select 'journey', j.key, j.name::text, true, v.document::text from journeys j
    join journey_versions v on v.journey_key = j.key and v.version = j.live_version
    union all
    select 'workspace', '', null, true, settings::text from workspace
)
select found.name[1] as name, d.kind, d.key, max(d.title) as title, bool_or(d.live) as live
from documents d cross join lateral regexp_matches(d.body, '/media/([0-9a-f]{32}\.[a-z]{3})', 'g') as found(name)
where d.body like '%/media/%' and (cast(:name as text) is null or found.name[1] = :name)
group by 1, 2, 3 order by 1, 2 desc, 3
""")
# What messages said before may still lie in inboxes.
_WAS_USED = text("""
select exists (select from template_revisions where position(:name in document::text) > 0)
    or exists (select from journey_versions where position(:name in document::text) > 0)
""")


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture of the library. ``name``: under which it is kept and served."""

    id: UUID
    name: str
    title: str
    alt: str
    width: int
    height: int
    bytes: int
    moving: bool
    uploaded_at: datetime
    uploaded_by: str | None


@dataclass(frozen=True, slots=True)
class PictureUse:
    """A document that shows a picture. ``title``: its name by language, as JSON; ``live``: messages say it now."""

    kind: UseKind
    key: str
    title: str | None
    live: bool


_PICTURES = Listing(
    "select id, name, title, alt, width, height, bytes, moving, uploaded_at, uploaded_by from media_pictures",
    PictureRow,
    at="uploaded_at",
    id="id",
    conditions={"search": "(title ilike :search or alt ilike :search)"},
    always=("removed_at is null",),
)
_BY_NAME = text("""
select id, name, title, alt, width, height, bytes, moving, uploaded_at, uploaded_by from media_pictures
where name = :name and removed_at is null
""")


async def list_pictures(
    engine: AsyncEngine, *, search: str | None = None, before: str | None = None, limit: int = 50
) -> Page[PictureRow]:
    """The newest first. ``search``: in what they are called and what they show."""
    return await _PICTURES.page(engine, {"search": containing(search) if search else None}, before, limit)


async def load_picture(engine: AsyncEngine, identity: UUID) -> PictureRow | None:
    """One of the library, or None."""
    return await _PICTURES.one(engine, identity)


async def find_picture(engine: AsyncEngine, name: str) -> PictureRow | None:
    """The one that is kept under this name, or None."""
    async with engine.connect() as db:
        row = (await db.execute(_BY_NAME, {"name": name})).one_or_none()
    return None if row is None else PictureRow(*row)


async def add_picture(
    engine: AsyncEngine, picture: Picture, *, title: str, alt: str = "", by: str | None
) -> tuple[UUID, bool]:
    """Notes a picture that the storage holds by now: its id, and whether it is new; else it stays as it is."""
    given = {
        "id": uuid4(), "name": picture.name, "title": title, "alt": alt, "width": picture.width,
        "height": picture.height, "bytes": len(picture.data), "moving": picture.moving, "now": datetime.now(UTC),
        "by": by,
    }  # fmt: skip
    async with engine.begin() as db:
        row = (await db.execute(_ADD, given)).one()
    return row.id, row.new


async def change_picture(
    engine: AsyncEngine, identity: UUID, *, title: str | None = None, alt: str | None = None
) -> bool:
    """Calls it something else, or says anew what it shows; None: as it is. False: there is none."""
    async with engine.begin() as db:
        found = await db.execute(_CHANGE, {"id": identity, "title": title, "alt": alt})
        return found.scalar_one_or_none() is not None


async def uses_of_pictures(engine: AsyncEngine, name: str | None = None) -> Mapping[str, list[PictureUse]]:
    """Drafts, and what messages say now, by the names of the pictures in them. ``name``: only of this one."""
    async with engine.connect() as db:
        return await _uses(db, name)


async def _uses(db: AsyncConnection, name: str | None) -> dict[str, list[PictureUse]]:
    found: dict[str, list[PictureUse]] = {}
    for row in await db.execute(_USED, {"name": name}):
        found.setdefault(row.name, []).append(PictureUse(row.kind, row.key, row.title, row.live))
    return found


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of a picture. ``used``: it stays, for these show it. ``kept``: its file is served on."""

    name: str
    used: tuple[PictureUse, ...] = ()
    kept: bool = False


async def remove_picture(engine: AsyncEngine, identity: UUID, *, erase: bool = False) -> Removal | None:
    """Takes a picture out of the library, unless a draft or what messages say now shows it. None: there is none.

    Its file is served on where messages showed it once, for they lie in inboxes; ``erase`` spares nothing.
    Whoever asks deletes the file of a removal that keeps none.
    """
    async with engine.begin() as db:
        name = (await db.execute(_LOCK, {"id": identity})).scalar_one_or_none()
        if name is None:
            return None
        used = tuple((await _uses(db, name)).get(name, ()))
        if used and not erase:
            return Removal(name, used)
        kept = not erase and bool((await db.execute(_WAS_USED, {"name": name})).scalar_one())
        await db.execute(_REMOVE if kept else _ERASE, {"id": identity, "now": datetime.now(UTC)})
    return Removal(name, kept=kept)
