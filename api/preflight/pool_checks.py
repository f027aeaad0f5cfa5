"""What a change of a coupon pool does to the journeys that give its codes: looked at before it is made."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.http.problems import ApiProblem
from api.http.resources import Resources
from api.preflight.context import live_templates, load_context
from api.preflight.schemas import worth_a_look
from orchestrator.core.coupons.pool import PoolDocument
from orchestrator.core.journey.plan import Plan
from orchestrator.core.journey.template_use import templates_of
from orchestrator.core.preflight.coupons import DecisionInputs, PoolFacts, coupon_check, pools_of
from orchestrator.core.preflight.findings import CHECKS, Check, Finding
from orchestrator.core.preflight.make_checks import PreflightContext
from orchestrator.core.preflight.sample_runs import Seen
from orchestrator.core.text import Text, joined, verbatim
from orchestrator.store.coupons.pools import Pool
from orchestrator.store.runs import live_plans


async def check_pool_change(
    resources: Resources, pool: Pool, *, document: PoolDocument | None = None, archived: bool = False
) -> tuple[Finding, ...]:
    """What would go wrong in live journeys that goes well now, each told with its journey.

    ``document``: what the pool is to promise; ``archived``: it is to give no codes.
    """
    async with resources.sessions() as session:
        live, _ = await live_plans.of_this_process.load(session)
    giving = [one.plan for one in live if any(pool.key in pools_of(step) for step in one.plan.steps.values())]
    if not giving:
        return ()
    world = await load_context(resources)
    wanted = pool.document if document is None else document
    as_is = pool.standing(world.now, world.time_zone)
    changed = replace(pool, document=wanted).standing(world.now, world.time_zone)
    before, after = PoolFacts(pool.document, pool.stock.free, as_is), PoolFacts(wanted, pool.stock.free, changed)
    after = replace(after, standing="archived") if archived else after
    found: list[Finding] = []
    for plan in giving:
        about = await _about(resources, plan, world)
        known = {(one.code, one.step) for one in await _stops(plan, about, pool.key, before)}
        found += [
            replace(one, text=Text("In the journey {journey}: {text}", journey=verbatim(plan.key), text=one.text))
            for one in await _stops(plan, about, pool.key, after)
            if (one.code, one.step) not in known
        ]
    return tuple(found)


async def _about(resources: Resources, plan: Plan, world: PreflightContext) -> DecisionInputs:
    templates = await live_templates(resources, templates_of(plan.journey))
    return DecisionInputs(world.now, world.time_zone, world.pools, templates)


async def _stops(plan: Plan, about: DecisionInputs, key: str, facts: PoolFacts) -> list[Finding]:
    with_it = replace(about, pools={**about.pools, key: facts})
    check = await asyncio.to_thread(coupon_check, plan, Seen(), with_it)
    return [one for one in check.findings if one.verdict == "stop"]


def refusal_of(stops: Sequence[Finding]) -> ApiProblem:
    """The answer to whoever would change a pool so."""
    problem = ApiProblem("checks_stop", None, checks=joined([CHECKS["coupon"]]))
    check = Check("coupon", stops[0].text, (), tuple(stops)).as_json()
    told: dict[str, Any] = {"coupon": check}
    problem.more |= {"stops": ["coupon"], "checks": worth_a_look(told)}
    return problem
