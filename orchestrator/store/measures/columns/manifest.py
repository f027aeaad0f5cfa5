"""Which files of columns are valid, and how far those of a source reach. What is swapped is swapped in one commit."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.connection_pool import DirectConnection, direct
from orchestrator.store.database import dump_json
from orchestrator.store.measures.sources import STATEMENTS, OrderSettings

Unit = tuple[date, int]
"""A month and a bucket of customers."""
_FILES = "select source, month, bucket, id, path, rows, signature from column_files where source = any(%(sources)s)"
_REACH = "select source, definition, position, as_of from column_sources where source = any(%(sources)s)"
_DROP = """
delete from column_files f using unnest(%(months)s::date[], %(buckets)s::int[]) as gone(month, bucket)
where f.source = %(source)s and f.month = gone.month and f.bucket = gone.bucket
"""
_KEEP = """
insert into column_files (source, month, bucket, id, path, rows, signature, made_at)
values (%(source)s, %(month)s, %(bucket)s, %(id)s, %(path)s, %(rows)s, %(signature)s, %(at)s)
on conflict (source, month, bucket) do update set id = excluded.id, path = excluded.path, rows = excluded.rows,
    signature = excluded.signature, made_at = excluded.made_at
"""
_REACHES = """
insert into column_sources (source, definition, position, as_of)
values (%(source)s, %(definition)s, %(position)s::jsonb, %(as_of)s)
on conflict (source) do update set definition = excluded.definition, position = excluded.position,
    as_of = excluded.as_of
"""
UNDER_WAY = timedelta(days=1)
"""Journey time before the files were read: a merge of then may not have been there to be read."""
MERGED = """
select c.id as customer_id, c.merged_into from customers c where c.merged_into is not null and c.updated_at >= :since
"""
_PATHS = "select path from column_files"


@dataclass(frozen=True)
class WrittenFile:
    """A file and what it holds."""

    source: str
    month: date
    bucket: int
    id: UUID
    path: str
    rows: int
    signature: str


@dataclass(frozen=True)
class Reach:
    """How far the files of a source reach. ``position``: of the last row in them, a number or an instant."""

    definition: str
    position: int | datetime
    as_of: datetime


def definition_of(source: str, orders: OrderSettings) -> str:
    """What the rows of a source are read by, hashed: the statement, and what an order is."""
    said = f"{STATEMENTS[source]}{dump_json(orders.parameters) if source == 'orders' else ''}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


async def load_files(engine: AsyncEngine, sources: Collection[str]) -> list[WrittenFile]:
    """The valid files of sources."""
    async with direct(engine).connection() as db:
        rows = await (await db.execute(_FILES, {"sources": list(sources)})).fetchall()
    return [WrittenFile(**row) for row in rows]


async def load_reach(engine: AsyncEngine, sources: Collection[str]) -> dict[str, Reach]:
    """How far they reach, by source; nothing of one that was never written."""
    async with direct(engine).connection() as db:
        rows = await (await db.execute(_REACH, {"sources": list(sources)})).fetchall()
    return {row["source"]: Reach(row["definition"], _position(row["position"]), row["as_of"]) for row in rows}


def _position(kept: Mapping[str, Any]) -> int | datetime:
    return kept["number"] if "number" in kept else datetime.fromisoformat(kept["instant"])


async def swap(
    db: DirectConnection,
    source: str,
    gone: Collection[Unit],
    written: Sequence[WrittenFile],
    reach: Reach | None,
) -> None:
    """Put files in the place of those of their units, and say how far all reach. The caller commits."""
    given = {"source": source, "months": [one[0] for one in gone], "buckets": [one[1] for one in gone]}
    await db.execute(_DROP, given)
    now = datetime.now(UTC)
    for file in written:
        await db.execute(_KEEP, {**vars(file), "at": now})
    if reach is not None:
        at = reach.position
        position = {"instant": at.isoformat()} if isinstance(at, datetime) else {"number": at}
        told = {"source": source, "definition": reach.definition, "position": dump_json(position), "as_of": reach.as_of}
        await db.execute(_REACHES, told)


async def valid_paths(engine: AsyncEngine) -> set[str]:
    """Of every valid file."""
    async with direct(engine).connection() as db:
        return {row["path"] for row in await (await db.execute(_PATHS)).fetchall()}
