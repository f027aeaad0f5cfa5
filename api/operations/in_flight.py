"""Who is under way in which version of a journey, and at which step: also at those that are no longer drawn."""

from itertools import groupby
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.journey.plan import Plan
from orchestrator.core.text import Names
from orchestrator.store.journeys.live_counts import load_journey
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.moves import StandingGroup, group_in_flight


async def versions_in_flight(
    engine: AsyncEngine, plans: Plans, key: str, locale: str, names: Names | None = None
) -> list[dict[str, Any]] | None:
    """The versions, the newest first, as ``InFlightVersion`` has them; None: there is no such journey."""
    journey = await load_journey(engine, key)
    if journey is None:
        return None
    drawn = await plans.get(journey.plan_hash) if journey.plan_hash else None
    found = []
    for version, groups in groupby(await group_in_flight(engine, key), key=lambda one: one.version):
        steps = list(groups)
        plan = await plans.get(steps[0].plan_hash)
        told = [_step(one, plan, drawn, locale, names) for one in steps]
        runs = sum(one.runs for one in steps)
        found.append({"version": version, "live": version == journey.version, "runs": runs, "steps": told})
    if journey.version is not None and all(one["version"] != journey.version for one in found):
        found.insert(0, {"version": journey.version, "live": True, "runs": 0, "steps": []})
    return found


def _step(one: StandingGroup, plan: Plan, drawn: Plan | None, locale: str, names: Names | None) -> dict[str, Any]:
    known = one.step is not None and one.step in plan.steps
    return {
        "step": one.step,
        "title": plan.label(one.step, locale, names) if known and one.step else one.step or "",
        "runs": one.runs,
        "parked": one.parked,
        "drawn": drawn is not None and one.step in drawn.steps,
    }
