"""The steps of a journey at which something goes out: those that can be paused one by one."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.core.journey.plan import Plan, load_plan

# What customers are under way in counts as well: it may send long after it was replaced.
_PLANS = text("""
select p.body from journey_versions v join journeys j on j.key = v.journey_key join plans p on p.hash = v.plan_hash
where v.journey_key = :key and j.status in ('live', 'paused', 'closed') and (v.version = j.live_version or exists (
    select from runs r where r.journey_key = v.journey_key and r.version = v.version
        and r.status in ('starting', 'running')
)) order by v.version
""")


async def steps_that_send(session: AsyncSession, journey: str) -> Mapping[str, Plan]:
    """By id, of the live version and of those that customers are in, each with the newest plan that has it. Empty
    where there is no such journey, or it is archived."""
    plans = [load_plan(bytes(row.body)) for row in await session.execute(_PLANS, {"key": journey})]
    return {step.id: plan for plan in plans for step in plan.journey.steps if step.HANDS_OVER}
