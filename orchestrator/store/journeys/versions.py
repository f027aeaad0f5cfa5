"""Published versions: what they were drawn as, who published them, and who is still in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

_VERSIONS = text("""
select v.version, v.published_at, v.published_by, v.plan_hash, v.version = j.live_version as live,
    (select count(*) from runs r where r.journey_key = v.journey_key and r.version = v.version
        and r.status in ('starting', 'running')) as under_way, v.checks, v.approved_by
from journey_versions v join journeys j on j.key = v.journey_key
where v.journey_key = :key order by v.version desc
""")
_VERSION = text("""
select v.version, v.published_at, v.published_by, v.plan_hash, v.document, p.body
from journey_versions v join plans p on p.hash = v.plan_hash
where v.journey_key = :key and v.version = :version
""")
_PLANS = text("select version, plan_hash from journey_versions where journey_key = :key")
_KNOWN = text("select live_version from journeys where key = :key")


@dataclass(frozen=True)
class VersionInList:
    """One version. ``under_way``: runs that are still in it."""

    version: int
    published_at: datetime
    published_by: str | None
    plan_hash: str
    live: bool
    under_way: int
    checks: dict[str, Any] | None
    approved_by: str | None


@dataclass(frozen=True)
class Version:
    """One version with its document."""

    version: int
    published_at: datetime
    published_by: str | None
    plan_hash: str
    document: dict[str, Any]


async def list_versions(session: AsyncSession, key: str) -> list[VersionInList] | None:
    """Every version, the newest first; None: there is no such journey."""
    if (await session.execute(_KNOWN, {"key": key})).one_or_none() is None:
        return None
    return [VersionInList(*row) for row in await session.execute(_VERSIONS, {"key": key})]


async def load_version(session: AsyncSession, key: str, version: int) -> Version | None:
    """One version. What was published before documents were kept is told from its plan: its meaning, no positions."""
    row = (await session.execute(_VERSION, {"key": key, "version": version})).one_or_none()
    if row is None:
        return None
    document = orjson.loads(bytes(row.body)) if row.document is None else row.document
    return Version(row.version, row.published_at, row.published_by, row.plan_hash, document)


async def plans_of_versions(engine: AsyncEngine, key: str) -> dict[int, str]:
    """The hash of each version's plan, by its number."""
    async with engine.connect() as db:
        return {row.version: row.plan_hash for row in await db.execute(_PLANS, {"key": key})}
