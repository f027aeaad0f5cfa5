"""Consents as people look at them: how many by channel, whose run out, and the log of how they came about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.customer_names import CALLED
from orchestrator.store.pagination import Page, cut, read_cursor
from orchestrator.store.statements import Filtered

# Dates are our own ISO instants in UTC, which sort as they stand. A consent without one counts from the day on which
# the customer became known, as the decision does.
_SINCE = """coalesce(c.consented_at ->> {}, to_char(c.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS'))"""
_COUNTS = text(f"""
select said.key as name,
    count(*) filter (where said.value = 'true') as granted,
    count(*) filter (where said.value = 'false') as withdrawn,
    count(*) filter (where said.value = 'true' and c.consented_at ->> said.key is null) as undated,
    count(*) filter (where said.value = 'true' and {_SINCE.format("said.key")} < :over) as over,
    count(*) filter (where said.value = 'true' and {_SINCE.format("said.key")} >= :over
        and {_SINCE.format("said.key")} < :soon) as soon
from customers c, jsonb_each(c.consents) as said
where c.merged_into is null
group by said.key order by said.key
""")
_DUE = text(f"""
select c.id, {CALLED} as called, c.consented_at ->> :name as since
from customers c
where c.merged_into is null and c.consents -> :name = 'true' and {_SINCE.format(":name")} < :soon
order by {_SINCE.format(":name")}, c.id limit :limit
""")
_LOG = Filtered(
    f"""
select l.id, l.customer_id, l.name, l.granted, l.at, l.source, l.evidence, l.act, l.counts,
    {CALLED} as called
from consent_log l left join customers c on c.id = l.customer_id
{{where}} order by l.at desc, l.id desc limit :limit
""",
    {"customer": "l.customer_id = :customer"},
    always=("(l.at, l.id) < (:at, :id)",),
)


@dataclass(frozen=True, slots=True)
class ConsentCount:
    """Of one consent (``sms``, ``sms:night``): customers. ``over``: given too long ago; ``soon``: before long;
    ``undated``: nobody knows when."""

    name: str
    granted: int
    withdrawn: int
    undated: int
    over: int
    soon: int


@dataclass(frozen=True, slots=True)
class DueConsent:
    """A customer whose consent is to be confirmed. ``since``: None where no date is known."""

    customer: UUID
    called: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class LoggedConsent:
    """A line of the log. ``act``: the customer's own; ``counts``: the consent stood so from then on."""

    id: int
    customer: UUID
    name: str
    granted: bool
    at: datetime
    source: str
    evidence: Mapping[str, Any]
    act: bool
    counts: bool
    called: str


async def count_consents(engine: AsyncEngine, over: datetime | None, soon: datetime | None) -> list[ConsentCount]:
    """By name. A consent given before ``over`` counts no more, one given before ``soon`` not for long; None: never."""
    given = {"over": _iso(over), "soon": _iso(soon)}
    async with engine.connect() as db:
        return [ConsentCount(*row) for row in await db.execute(_COUNTS, given)]


async def due_consents(engine: AsyncEngine, name: str, soon: datetime | None, limit: int = 100) -> list[DueConsent]:
    """Whose consent is to be confirmed, the oldest first."""
    given = {"name": name, "soon": _iso(soon), "limit": limit}
    async with engine.connect() as db:
        rows = await db.execute(_DUE, given)
        return [DueConsent(row.id, row.called or "", _instant(row.since)) for row in rows]


async def consent_changes(
    engine: AsyncEngine, *, customer: UUID | None = None, before: str | None = None, limit: int = 50
) -> Page[LoggedConsent]:
    """The log, the newest first; of one customer or of all."""
    at, identity = read_cursor(before)
    wanted = {"customer": customer} if customer else {}
    given = {"at": at, "id": min(identity.int, 2**63 - 1), "limit": limit + 1, **wanted}
    async with engine.connect() as db:
        rows = (await db.execute(_LOG.statement(wanted), given)).mappings().all()
    found = [
        LoggedConsent(
            id=row["id"],
            customer=row["customer_id"],
            name=row["name"],
            granted=row["granted"],
            at=row["at"],
            source=row["source"],
            evidence=row["evidence"],
            act=row["act"],
            counts=row["counts"],
            called=row["called"] or "",
        )
        for row in rows
    ]
    return cut(found, limit, lambda one: (one.at, UUID(int=one.id)))


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def _instant(value: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
