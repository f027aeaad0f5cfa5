"""The audit log as a list, by what, whose and when; and whole, to be kept elsewhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.audit.chain import whole_chain
from orchestrator.store.pagination import Listing, Page

_SELECT = """
select a.seq, a.id, a.at, a.who, a.via, a.what, a.subject, a.before, a.after, a.why, a.hash from audit_log a
"""
_NAMES = text("select distinct what from audit_log order by 1")
_PEOPLE = text("select distinct who from audit_log order by 1 limit 200")


@dataclass(frozen=True)
class AuditRow:
    """One entry."""

    seq: int
    id: UUID
    at: datetime
    who: str
    via: str
    what: str
    subject: str
    before: dict[str, Any]
    after: dict[str, Any]
    why: str
    hash: str


_ENTRIES = Listing(
    _SELECT,
    AuditRow,
    at="a.at",
    id="a.id",
    conditions={
        "what": "a.what = :what",
        "area": "split_part(a.what, '.', 1) = :area",
        "who": "a.who = :who",
        "subject": "a.subject = :subject",
        "since": "a.at >= :since",
        "until": "a.at < :until",
    },
)


@dataclass(frozen=True)
class AuditFilter:
    """What is asked for; empty: all. ``area``: what stands before the dot of a name."""

    what: str = ""
    area: str = ""
    who: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def wanted(self) -> dict[str, Any]:
        """By the names of conditions."""
        return {name: value or None for name, value in vars(self).items()}


async def list_audit(
    engine: AsyncEngine, given: AuditFilter, before: str | None = None, limit: int = 50
) -> Page[AuditRow]:
    """Entries, the newest first."""
    return await _ENTRIES.page(engine, given.wanted, before, limit)


async def audit_names(engine: AsyncEngine) -> tuple[list[str], list[str]]:
    """What was ever done, and by whom."""
    async with engine.connect() as db:
        done = list((await db.execute(_NAMES)).scalars())
        return done, list((await db.execute(_PEOPLE)).scalars())


async def whole_log(engine: AsyncEngine) -> AsyncIterator[AuditRow]:
    """Every entry, in the order of the chain."""
    async for row in whole_chain(engine):
        yield AuditRow(**{name: row[name] for name in AuditRow.__dataclass_fields__})
