"""How segments stand, for whoever names one: the checks of journeys, and pick lists."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from orchestrator.core.conditions.model import wakes_on
from orchestrator.core.journey.chains import JourneyLinks, links_of_segment
from orchestrator.core.journey.vocabulary import SegmentStanding
from orchestrator.store.segments.definitions import read_condition

_STANDINGS = text("""
select key, document -> 'name' as name,
    case when archived_at is not null then 'archived' when live_build is not null then 'ready'
        when build_error is not null then 'failed' else 'building' end as standing
from segments order by created_at, key
""")

_CONDITIONS = text("""
select key, document -> 'name' as name, document -> 'condition' as condition from segments
where archived_at is null order by key
""")


async def load_segment_links(db: AsyncSession | AsyncConnection) -> dict[str, JourneyLinks]:
    """What segments pass on from one journey to another, by their place among journeys."""
    found = {}
    for row in await db.execute(_CONDITIONS):
        condition = read_condition(row.key, row.condition)
        if condition is not None:
            links = links_of_segment(row.key, row.name, wakes_on(condition))
            found[links.key] = links
    return found


async def load_segment_standings(db: AsyncSession | AsyncConnection) -> dict[str, SegmentStanding]:
    """How each segment stands, by key."""
    return {row.key: row.standing for row in await db.execute(_STANDINGS)}


async def load_segment_names(db: AsyncSession | AsyncConnection) -> dict[str, dict[str, str]]:
    """What those are called that can be asked about, by key."""
    rows = await db.execute(_STANDINGS)
    return {row.key: row.name for row in rows if row.standing != "archived"}
