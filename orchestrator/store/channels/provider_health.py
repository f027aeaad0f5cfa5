"""How providers are doing: what went out by each channel lately, and what went wrong last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_SINCE = text("""
select provider, channel, count(*) filter (where status = 'sent') as sent,
    count(*) filter (where status = 'failed' or delivery in ('failed', 'unreachable')) as failed,
    count(*) filter (where status = 'unknown') as unknown
from sends where created_at >= :since and provider is not null group by provider, channel
""")
_LAST = text("""
select distinct on (provider) provider, created_at as at, channel, inputs -> 'reason' as reason
from sends where created_at >= :since and provider is not null and status = 'failed' and inputs ? 'reason'
order by provider, created_at desc
""")


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages since some instant."""

    sent: int = 0
    failed: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class LastFault:
    """``reason``: as the ledger keeps it. ``at``: journey time."""

    at: datetime
    channel: str
    reason: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProviderState:
    """``counts`` by provider and channel, ``faults`` by provider."""

    counts: Mapping[tuple[str, str], Counts]
    faults: Mapping[str, LastFault]


async def read_provider_state(engine: AsyncEngine, since: datetime) -> ProviderState:
    """What happened since an instant of journey time."""
    async with engine.connect() as db:
        counted = (await db.execute(_SINCE, {"since": since})).all()
        faults = (await db.execute(_LAST, {"since": since})).all()
    return ProviderState(
        {(row.provider, row.channel or ""): Counts(row.sent, row.failed, row.unknown) for row in counted},
        {row.provider: LastFault(row.at, row.channel or "", row.reason or {}) for row in faults},
    )
